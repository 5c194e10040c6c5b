"""The model card in words and tables, from a manifest."""

from collections.abc import Mapping
from typing import Any

FIGURES = (
    ("eer", "equal error rate"),
    ("auc", "AUC"),
    ("auc_within_source", "AUC within one source (mean)"),
    ("min_dcf", "minDCF"),
    ("act_dcf", "actDCF"),
    ("cllr", "Cllr, bits"),
    ("ece", "expected calibration error"),
    ("accuracy", "accuracy of the answers given"),
    ("precision", "precision of FAKE"),
    ("recall", "recall of FAKE"),
    ("f1", "F1 of FAKE"),
    ("fpr", "real clips called FAKE"),
    ("fnr", "fake clips called REAL"),
    ("inconclusive", "INCONCLUSIVE"),
)


def figures_table(report: Mapping[str, Any]) -> list[str]:
    """Markdown lines: each figure with its 95 % interval."""
    lines = ["| figure | value | 95 % interval |", "|---|---|---|"]
    for name, words in FIGURES:
        low, high = report["intervals"][name]
        lines.append(
            f"| {words} | {_number(report['overall'][name])} | {_number(low)} - {_number(high)} |"
        )
    return lines


def slices_tables(report: Mapping[str, Any], columns: tuple[str, ...]) -> list[str]:
    """Markdown lines: one table a column, the largest slices first."""
    lines = []
    kinds = ("real", "fake", "eer", "fpr", "fnr", "inconclusive")
    for column in columns:
        parts = report["slices"].get(column)
        if not parts:
            continue
        lines += ["", f"### By {column}", "", f"| {column} | {' | '.join(kinds)} |"]
        lines.append("|---" * (len(kinds) + 1) + "|")
        for value, part in sorted(
            parts.items(), key=lambda item: -(item[1]["real"] + item[1]["fake"])
        ):
            cells = [_number(part.get(kind)) for kind in kinds]
            lines.append(f"| {value} | {' | '.join(cells)} |")
    return lines


def card_text(manifest: Mapping[str, Any]) -> str:
    """Model card in Markdown."""
    card, report = manifest["card"], manifest["metrics"]
    lines = [f"# Model card: {manifest['name']}", ""]
    for title, text in card.items():
        lines += [f"## {title}", "", text, ""]
    if report:
        clips = report["clips"]
        lines += [
            "## Figures",
            "",
            f"On {clips['real']} real and {clips['fake']} fake clips of generators, speakers and "
            "sources that training never saw, judged as the product judges. Intervals: bootstrap "
            "over whole sources. Costs of minDCF and actDCF: both errors cost 1, half of all clips "
            "are fake.",
            "",
            *figures_table(report),
            *slices_tables(report, ("task", "language", "duration")),
            "",
            "### Sources of real speech",
            "",
            *_sources(report),
            "",
        ]
    lines += [
        "## Identity",
        "",
        f"Schema `{manifest['schema']}`, threshold {manifest['threshold']:.4f}, REAL up to "
        f"{manifest['real_threshold']:.4f}, seed {manifest['seed']}, snapshot "
        f"`{manifest['snapshot_sha256'][:16]}`, artifact `{manifest['artifact_sha256'][:16]}`, "
        f"made {manifest['created']} with "
        + ", ".join(f"{library} {number}" for library, number in manifest["libraries"].items())
        + ".",
    ]
    return "\n".join(lines) + "\n"


def _sources(report: Mapping[str, Any]) -> list[str]:
    parts = report["slices"].get("source_repo", {})
    lines = ["| source | real clips | called FAKE |", "|---|---|---|"]
    for source, part in sorted(parts.items(), key=lambda item: -item[1].get("fpr", 0)):
        if part["real"] >= 5:
            lines.append(f"| {source} | {part['real']} | {_number(part['fpr'])} |")
    return lines


def _number(value: float | None) -> str:
    if value is None or value != value:
        return ""
    return str(value) if isinstance(value, int) else f"{value:.3f}"
