"""ASVspoof: the challenges' logical-access and deepfake tracks, by their protocol files.

References
----------
Wang, X. et al. (2020). ASVspoof 2019: a large-scale public database of synthesized, converted and
replayed speech. Computer Speech and Language 64.
Liu, X. et al. (2023). ASVspoof 2021: towards spoofed and deepfake speech detection in the wild.
Wang, X. et al. (2024). ASVspoof 5: crowdsourced speech data, deepfakes, and adversarial attacks at
scale.
"""

from collections.abc import Iterator
from pathlib import Path

from training.learning.datasets.clips import Clip, by_stem, label_of, protocol

PROTOCOLS_2019 = {
    "train": "ASVspoof2019.LA.cm.train.trn.txt",
    "dev": "ASVspoof2019.LA.cm.dev.trl.txt",
    "eval": "ASVspoof2019.LA.cm.eval.trl.txt",
}
PROTOCOLS_5 = {
    "train": "ASVspoof5.train.tsv",
    "dev": "ASVspoof5.dev.track_1.tsv",
    "eval": "ASVspoof5.eval.track_1.tsv",
}
KEYS_2021 = "CM/trial_metadata.txt"
CONVERSION_2019 = {"A05", "A06", "A17", "A18", "A19"}
"""Attacks that convert a voice; the others speak a text, A13 to A15 with a conversion after it."""


def asvspoof2019_la(folder: Path) -> Iterator[Clip]:
    """Read 2019 LA: speaker, file, -, attack, key."""
    files = by_stem(folder)
    for split, name in PROTOCOLS_2019.items():
        for speaker, file, _, attack, key in protocol(folder, name):
            yield _clip("asvspoof2019-la", files, split, speaker, file, attack, key)


def asvspoof2021_la(folder: Path) -> Iterator[Clip]:
    """Read 2021 LA: speaker, file, codec, transmission, attack, key, trim, subset."""
    files = by_stem(folder)
    for fields in protocol(folder, "LA/CM/trial_metadata.txt", KEYS_2021):
        speaker, file, _, _, attack, key, _, split = fields[:8]
        yield _clip("asvspoof2021-la", files, split, speaker, file, attack, key)


def asvspoof2021_df(folder: Path) -> Iterator[Clip]:
    """Read 2021 DF: speaker, file, codec, source corpus, attack, key, trim, subset, vocoder, ..."""
    files = by_stem(folder)
    for fields in protocol(folder, "DF/CM/trial_metadata.txt", KEYS_2021):
        speaker, file, _, corpus, attack, key, _, split = fields[:8]
        yield _clip(f"asvspoof2021-df-{corpus}", files, split, speaker, file, attack, key)


def asvspoof5(folder: Path) -> Iterator[Clip]:
    """Read 5: speaker, file, gender, codec, its quality and seed, attack tag, attack, key, -."""
    files = by_stem(folder)
    for split, name in PROTOCOLS_5.items():
        for fields in protocol(folder, name):
            speaker, file = fields[:2]
            attack, key = fields[7:9]
            yield _clip("asvspoof5", files, split, speaker, file, attack, key)


def _clip(
    dataset: str,
    files: dict[str, Path],
    split: str,
    speaker: str,
    file: str,
    attack: str,
    key: str,
) -> Clip:
    label = label_of(key)
    # 2021's logical access has the attacks of 2019; in DF, the Voice Conversion Challenge's teams.
    converts = (dataset != "asvspoof5" and attack in CONVERSION_2019) or "-team" in attack
    task = "" if label == "real" or dataset == "asvspoof5" else "vc" if converts else "tts"
    return Clip(
        path=files.get(file, Path(f"{file}.flac")),
        label=label,
        split=split,
        source_repo=f"{dataset}:{speaker}",
        task=task,
        generator="" if label == "real" else f"{_edition(dataset)}-{attack}",
        speaker=speaker,
        language="en",
    )


def _edition(dataset: str) -> str:
    """Attacks of 2019 keep their name in 2021; those of ASVspoof 5 are numbered anew."""
    return "asvspoof5" if dataset == "asvspoof5" else "asvspoof2019"
