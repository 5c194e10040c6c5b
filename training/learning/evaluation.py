"""Judging labelled clips as the product does, and reporting how good that was."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from detector.engine.decode import Decoder
from detector.engine.errors import ClipError
from detector.engine.judge import Judge
from detector.engine.model import Model
from detector.engine.types import Verdict
from training.learning import metrics
from training.learning.splits import LINKS, connected_groups

SLICES = ("task", "generator", "speaker", "language", "source_repo", "codec", "duration")
LEAST_IN_SLICE = 5
DURATIONS = (2.0, 4.0, 8.0)

_MEASURED = ("fake", "score", "probability", "verdict", "source_repo")
"""All that `figures` reads."""

_UNJUDGED = {
    "verdict": Verdict.INCONCLUSIVE.value,
    "score": np.nan,
    "probability": np.nan,
    "novelty": np.nan,
    "level_dbfs": np.nan,
    "bandwidth_hz": np.nan,
    "clipped_share": np.nan,
    "codec": "",
    "seconds": np.nan,
    "duration": "",
}


def read_labelled(path: Path, split: str | None = None) -> pd.DataFrame:
    """Read a manifest of labelled clips, or one `split` of it.

    Raises
    ------
    ValueError
        A column is missing, a label is neither ``real`` nor ``fake``, or nothing is left.
    """
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    needed = {"file", "label"} | ({"split"} if split else set())
    if not needed <= set(rows.columns):
        raise ValueError(f"{path.name} lacks the column {', '.join(needed - set(rows.columns))}")
    if split:
        rows = rows[rows["split"] == split].reset_index(drop=True)
    if rows.empty:
        raise ValueError(f"{path.name} has no such clips")
    rows["label"] = rows["label"].str.strip().str.lower()
    strange = set(rows["label"]) - {"real", "fake"}
    if strange:
        raise ValueError(f"labels are real or fake, not {', '.join(sorted(strange))}")
    return rows


def judge_clips(
    manifest: pd.DataFrame,
    root: Path,
    load_model: Callable[[], Model],
    *,
    jobs: int = 1,
    read: Callable[[Path], bytes] = Path.read_bytes,
) -> pd.DataFrame:
    """Judge every clip of a manifest.

    Parameters
    ----------
    manifest : DataFrame
        With ``file`` (below `root`) and ``label``; other columns are carried along.
    load_model : callable
        Called once a process.
    jobs : int
        Processes.
    read : callable
        From a clip's path to the content that is judged.

    Returns
    -------
    DataFrame
        The manifest with ``verdict``, ``score``, ``probability``, ``novelty``, ``level_dbfs``,
        ``bandwidth_hz``, ``clipped_share``, ``codec``, ``seconds``, ``duration`` (a
        range) and ``error`` (a code, or empty).
    """
    from joblib import Parallel, delayed

    paths = [root / file for file in manifest["file"]]
    parts = np.array_split(np.arange(len(paths)), max(1, jobs))
    found = Parallel(n_jobs=jobs)(
        delayed(_judge_all)([paths[i] for i in part], load_model, read) for part in parts
    )
    judged = pd.DataFrame([row for part in found for row in part], index=manifest.index)
    carried = manifest.drop(columns=[name for name in judged.columns if name in manifest])
    return pd.concat([carried, judged], axis=1)


def _judge_all(
    paths: list[Path], load_model: Callable[[], Model], read: Callable[[Path], bytes]
) -> list[dict[str, Any]]:
    with Decoder() as decoder:
        judge = Judge(decoder, load_model())
        return [_judged(judge, path, read) for path in paths]


def _judged(judge: Judge, path: Path, read: Callable[[Path], bytes]) -> dict[str, Any]:
    try:
        content = read(path)
        judgement = judge.judge(content, sha256=hashlib.sha256(content).hexdigest())
    except OSError:
        return _UNJUDGED | {"error": "unreadable"}
    except ClipError as error:
        return _UNJUDGED | {"error": error.code}
    seconds = judgement.facts.duration
    return {
        "verdict": judgement.verdict.value,
        "score": np.nan if judgement.score is None else judgement.score,
        "probability": np.nan if judgement.probability is None else judgement.probability,
        "novelty": judgement.quality.get("novelty", np.nan),
        "level_dbfs": judgement.quality["level_dbfs"],
        "bandwidth_hz": judgement.quality["bandwidth_hz"],
        "clipped_share": judgement.quality["clipped_share"],
        "codec": judgement.facts.codec,
        "seconds": seconds,
        "duration": duration_range(seconds),
        "error": "",
    }


def duration_range(seconds: float) -> str:
    """Name the range of `DURATIONS` that a duration falls into."""
    edges = ["0", *(f"{edge:g}" for edge in DURATIONS)]
    place = int(np.searchsorted(DURATIONS, seconds, side="right"))
    return f"{edges[place]}-{edges[place + 1]} s" if place < len(DURATIONS) else f"{edges[-1]} s+"


def report(judged: pd.DataFrame, *, rounds: int = 500, seed: int = 0) -> dict[str, Any]:
    """Report on judged clips.

    Parameters
    ----------
    judged : DataFrame
        As `judge_clips` returns it.
    rounds : int
        Rounds of the bootstrap over `bootstrap_groups`.

    Returns
    -------
    dict
        ``clips``, ``errors``, ``overall`` (figure to value), ``intervals`` (figure to 95 %
        interval), ``slices`` (column to value to figures). Figures are those of
        `training.learning.metrics`; rates go from 0 to 1. What could not be scored counts as
        INCONCLUSIVE and is left out of figures that need a score.
    """
    fake = np.asarray(judged["label"] == "fake", dtype=np.int8)
    data = judged.assign(fake=fake)
    overall = figures(data)

    kept = [name for name in _MEASURED if name in data]
    measured = data[kept]

    def statistic(name: str) -> Callable[[NDArray[np.intp]], float]:
        return lambda chosen: figures(measured.iloc[chosen], (name,))[name]

    groups = bootstrap_groups(judged)
    intervals = {
        name: metrics.cluster_bootstrap(statistic(name), groups, rounds=rounds, seed=seed)
        for name in overall
    }
    return {
        "clips": {"real": int((fake == 0).sum()), "fake": int(fake.sum())},
        "errors": {code: int(n) for code, n in data["error"].value_counts().items() if code},
        "overall": overall,
        "intervals": {name: list(interval) for name, interval in intervals.items()},
        "slices": {
            column: _slice(data, column)
            for column in SLICES
            if column in data and data[column].nunique() > 1
        },
    }


def overall_figures(judged: pd.DataFrame) -> dict[str, float]:
    """All figures of judged clips, without intervals and slices."""
    return figures(judged.assign(fake=np.asarray(judged["label"] == "fake", dtype=np.int8)))


def bootstrap_groups(judged: pd.DataFrame) -> NDArray[np.object_]:
    """Clips that a named source, generator or speaker connects; any other clip is its own."""
    known = {link: judged.get(link, "") for link in LINKS}
    return connected_groups(pd.DataFrame(known, index=judged.index)).astype(object)


def figures(data: pd.DataFrame, names: tuple[str, ...] | None = None) -> dict[str, float]:
    """Compute the named figures of `metrics` (all of them by default) of judged clips."""
    scored = data[data["score"].notna()]
    fake = scored["fake"].to_numpy(dtype=np.int8)
    llr = scored["score"].to_numpy(dtype=np.float64)
    share = scored["probability"].to_numpy(dtype=np.float64)
    by_name: dict[str, Callable[[], float]] = {
        "eer": lambda: metrics.eer(fake, llr),
        "auc": lambda: metrics.auc(fake, llr),
        "auc_within_source": lambda: metrics.auc_within(fake, llr, _sources(scored)),
        "min_dcf": lambda: metrics.min_dcf(fake, llr),
        "act_dcf": lambda: metrics.act_dcf(fake, llr),
        "cllr": lambda: metrics.cllr(fake, llr),
        "ece": lambda: metrics.ece(fake, share),
    }
    found = {name: value() for name, value in by_name.items() if names is None or name in names}
    if names is None or not set(names) <= set(by_name):
        decided = metrics.decisions(
            data["fake"].to_numpy(dtype=np.int8), data["verdict"].to_numpy(dtype=object)
        )
        found |= {name: decided[name] for name in decided if names is None or name in names}
    return found


def _sources(data: pd.DataFrame) -> NDArray[np.object_]:
    """Source of each clip; all are of one where sources are not known."""
    if "source_repo" in data:
        return np.asarray(data["source_repo"], dtype=object)
    return np.full(len(data), "", dtype=object)


def _slice(data: pd.DataFrame, column: str) -> dict[str, dict[str, float]]:
    """Figures of each value with enough clips; one class alone has no ranking to report."""
    parts = {}
    for value, part in data.groupby(column):
        if value == "" or len(part) < LEAST_IN_SLICE:
            continue
        counts = {"real": int((part["fake"] == 0).sum()), "fake": int(part["fake"].sum())}
        rates = metrics.decisions(
            part["fake"].to_numpy(dtype=np.int8), part["verdict"].to_numpy(dtype=object)
        )
        kept = {name: rates[name] for name in ("fpr", "fnr", "inconclusive")}
        if min(counts.values()) >= LEAST_IN_SLICE:
            kept |= figures(part, ("eer", "auc"))
        parts[str(value)] = counts | {k: v for k, v in kept.items() if np.isfinite(v)}
    return parts
