"""How often the gate stops what it should not, and what it should: `python -m tests.gate_trials`.

An engine and the sources of 30 real clips are taken out of the base table. The champion learns from
the rest; then the engine's clips and the real ones are taught as a team's own samples, with their
labels right (helpful) or all wrong (flipped). `any` takes clips out of the whole table. A null
trial learns the same once more with another seed. Fits, calibration, retention and gate are those
of a run; what only informs is left out.
"""

import argparse
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from detector.engine.model import Model
from training.learning.candidates import MODEL_TYPES, Candidate, candidates
from training.learning.fitting import OWN, is_package, out_of_fold_scores
from training.learning.gate import Check, compare
from training.learning.guard import GUARDED_SPLIT, choose_guarded, is_guarded
from training.learning.held_out import judge_table
from training.learning.parallel import Workers
from training.learning.recipe import CALIBRATION_FOLDS, Wanted, assemble
from training.learning.retention import check_retention, retention_scores
from training.learning.table import FeatureTable

BASE = Path(__file__).parents[1] / "fixtures" / "base_features.npz"
SHIPPED_KIND = "neural_networks"
ANY = "any"
"""Clips of all engines, drawn from those that the base corpus goes on knowing."""
ENGINES = ("espeak-ng", "flite", "hibari-tts", "festival-diphone", "YourTTS", "HiFi-GAN", ANY)
MOST, REAL = 60, 30


def made(table: FeatureTable, candidate: Candidate, seed: int) -> Model:
    """Fit a version on a table's rows that may train."""
    train = table.where(~is_guarded(table))
    scores = out_of_fold_scores(
        train, ~is_package(train.rows), candidate, seed=seed, n_splits=CALIBRATION_FOLDS
    )
    artifact, manifest = assemble(
        train,
        candidate(train, seed),
        scores,
        name="trial",
        seed=seed,
        wanted=Wanted(),
        model_type=candidate.model_type,
        snapshot_sha256="0" * 64,
    )
    return Model.load(artifact, manifest)


def own(rows: FeatureTable, draw: np.random.Generator, *, flipped: bool) -> FeatureTable:
    """Rows as samples that a team added, without a word on source and speaker."""
    clips = rows.rows["clip"].to_numpy(dtype=str)
    names = draw.permutation(np.unique(clips))
    samples = pd.DataFrame({"clip": names, "recording": names, "source": "", "speaker": ""})
    held_out = np.isin(clips, names[choose_guarded(samples)])
    taken = rows.rows.assign(speaker="", source_repo=[OWN + clip for clip in clips])
    taken["split"] = np.where(held_out, GUARDED_SPLIT, "train")
    if flipped:
        taken["label"] = np.where(taken["label"] == "fake", "real", "fake")
        taken["generator"] = np.where(taken["label"] == "fake", "unnamed", "")
    whole = FeatureTable(rows.schema, rows.features, taken)
    return whole.where(~held_out | np.asarray(taken["copy"] == 0))


def apart(
    table: FeatureTable, engine: str, draw: np.random.Generator
) -> tuple[FeatureTable, FeatureTable]:
    """Split a table into what the champion may know and what will be taught."""
    rows = table.rows
    train = rows[rows["split"] == "train"].drop_duplicates("clip")
    real = train[train["label"] == "real"]
    if engine == ANY:
        fakes, reals, most_real = train["clip"][train["label"] == "fake"], real["clip"], MOST
    else:
        fakes = train["clip"][train["generator"] == engine]
        sources: list[str] = []
        while real["source_repo"].isin(sources).sum() < REAL:
            sources.append(str(draw.choice(real["source_repo"].unique())))
        reals, most_real = real["clip"][real["source_repo"].isin(sources)], REAL
    taught = [*draw.permutation(fakes)[:MOST], *draw.permutation(reals)[:most_real]]
    gone = taught if engine == ANY else [*fakes, *reals]
    return table.where(~rows["clip"].isin(gone)), table.where(rows["clip"].isin(taught))


def gate(
    champion: Model, base: FeatureTable, taught: FeatureTable | None, kind: Candidate, seed: int
) -> list[Check]:
    """Do a run, and return the checks that stop it."""
    table = FeatureTable.join([base, taught]) if taught else base
    challenger = made(table, kind, seed)
    guarded = table.where(is_guarded(table) & np.asarray(table.rows["copy"] == 0))
    judged = (judge_table(model, guarded) for model in (champion, challenger))
    checks = [*compare(*judged, seed=seed).checks]
    if taught:
        train = table.where(~is_guarded(table))
        with Workers() as workers:
            without, together = retention_scores(train, kind, seed=seed, workers=workers)
        checks += check_retention(challenger, train, without, together, seed=seed)
    return [check for check in checks if check.worse]


def trials(options: argparse.Namespace) -> Iterator[tuple[str, str, list[Check]]]:
    """Yield each trial's kind, name and the checks that stopped it."""
    table = FeatureTable.load(BASE)
    if options.without_copies:
        table = table.where(np.asarray(table.rows["copy"] == 0))
    kind, champions = usual(options.kind), usual(options.champion)
    for engine in options.engines:
        draw = np.random.default_rng(options.seed)
        base, taught = apart(table, engine, draw)
        champion = made(base, champions, 1)
        for name, flipped in (("helpful", False), ("flipped", True)):
            samples = own(taught, np.random.default_rng(options.seed), flipped=flipped)
            yield name, engine, gate(champion, base, samples, kind, 1)
    if options.null:
        champion = made(table, kind, 1)
        for seed in range(2, 2 + options.null):
            yield "null", f"seed {seed}", gate(champion, table, None, kind, seed)


@cache
def usual(kind: str) -> Candidate:
    """A kind with its usual settings."""
    return candidates(kind, "quick")[0]


def words(check: Check) -> str:
    """Say what got worse."""
    place = check.slice or check.figure
    return f"{place} {check.champion:.3f} -> {check.challenger:.3f} (p {check.p:.3f})"


def main() -> None:
    """Print each trial and how many of each kind were stopped."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--kind", choices=MODEL_TYPES, default=SHIPPED_KIND)
    asked.add_argument("--champion", choices=MODEL_TYPES, default=SHIPPED_KIND)
    asked.add_argument("--engines", nargs="*", default=ENGINES)
    asked.add_argument("--null", type=int, default=0, help="trials with another seed")
    asked.add_argument("--without-copies", action="store_true", help="no augmented copies: quicker")
    asked.add_argument("--seed", type=int, default=1, help="of which clips are taught")
    options = asked.parse_args()
    stopped: dict[str, list[bool]] = {}
    for name, about, worse in trials(options):
        stopped.setdefault(name, []).append(bool(worse))
        why = ", ".join(map(words, worse)) or "passed"
        print(f"{time.strftime('%H:%M:%S')} {name:8} {about:18} {why}", flush=True)
    for name, found in stopped.items():
        print(f"{name}: {sum(found)} of {len(found)} stopped")


if __name__ == "__main__":
    main()
