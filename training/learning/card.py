"""The model card in words and tables, from a manifest."""

from collections.abc import Mapping
from typing import Any

_ = str
"""Marks words that pages translate; a card itself is in English."""

FIGURES = (
    ("eer", _("equal error rate")),
    ("auc", _("AUC")),
    ("auc_within_source", _("AUC within one source (mean)")),
    ("min_dcf", _("minDCF")),
    ("act_dcf", _("actDCF")),
    ("cllr", _("Cllr, bits")),
    ("ece", _("expected calibration error")),
    ("accuracy", _("accuracy of the answers given")),
    ("precision", _("precision of FAKE")),
    ("recall", _("recall of FAKE")),
    ("f1", _("F1 of FAKE")),
    ("fpr", _("real clips called FAKE")),
    ("fnr", _("fake clips called REAL")),
    ("inconclusive", _("INCONCLUSIVE")),
)


SECTIONS = (
    "What it is",
    "What it was trained on",
    "How it was calibrated",
    "Read the figures with care",
    "Known limits",
)
"""Usual titles of a card, in the order in which they are read."""


def ordered(card: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return a card's titles and texts in their order; a database does not keep it."""
    places = {title: place for place, title in enumerate(SECTIONS)}
    return sorted(card.items(), key=lambda part: (places.get(part[0], len(places)), part[0]))


def figures_table(report: Mapping[str, Any]) -> list[str]:
    """Markdown lines: each figure with its 95 % interval."""
    lines = ["| figure | value | 95 % interval |", "|---|---|---|"]
    for name, words in FIGURES:
        low, high = report["intervals"][name]
        lines.append(
            f"| {words} | {_number(report['overall'][name])} | {_number(low)} - {_number(high)} |"
        )
    return lines


def degradations_table(found: Mapping[str, Mapping[str, float]]) -> list[str]:
    """Markdown lines: some figures of the clips as they are and of each kind of worse copies."""
    shown = ("eer", "auc", "fpr", "fnr", "inconclusive")
    lines = [f"| clips | {' | '.join(shown)} |", "|---" * (len(shown) + 1) + "|"]
    return lines + [
        f"| {kind} | {' | '.join(_number(figures[name]) for name in shown)} |"
        for kind, figures in found.items()
    ]


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


def report_lines(report: Mapping[str, Any]) -> list[str]:
    """Markdown lines: what was judged, all figures, and the slices a person compares."""
    clips = report["clips"]
    lines = [f"{clips['real']} real and {clips['fake']} fake clips.", ""]
    if report["errors"]:
        found = ", ".join(f"{code} {count}" for code, count in report["errors"].items())
        lines += [f"Could not be judged: {found}.", ""]
    return [
        *lines,
        *figures_table(report),
        *slices_tables(report, ("task", "generator", "language", "duration", "codec")),
        *_sources(report),
    ]


def card_text(manifest: Mapping[str, Any]) -> str:
    """Model card in Markdown."""
    lines = [f"# Model card: {manifest['name']}", ""]
    for title, text in ordered(manifest["card"]):
        lines += [f"## {title}", "", text, ""]
    if manifest["metrics"]:
        lines += [
            "## Figures",
            "",
            "On clips that training never saw, judged as the product judges. Intervals: bootstrap "
            "over groups of clips that share a source, a generator or a speaker. Costs of minDCF "
            "and actDCF: both errors cost 1, half of all clips are fake.",
            "",
            *report_lines(manifest["metrics"]),
            "",
        ]
    lines += [
        "## Identity",
        "",
        f"Schema `{manifest['schema']}`, FAKE from a probability of {manifest['threshold']:.4f} "
        f"on, REAL up to {manifest['real_threshold']:.4f}, seed {manifest['seed']}, snapshot "
        f"`{manifest['snapshot_sha256'][:16]}`, artifact `{manifest['artifact_sha256'][:16]}`, "
        f"made {manifest['created']} with "
        + ", ".join(f"{library} {number}" for library, number in manifest["libraries"].items())
        + ".",
    ]
    return "\n".join(lines) + "\n"


def _sources(report: Mapping[str, Any]) -> list[str]:
    parts = report["slices"].get("source_repo", {})
    lines = ["", "### Sources of real speech", "", "| source | real clips | called FAKE |"]
    lines.append("|---|---|---|")
    for source, part in sorted(parts.items(), key=lambda item: -item[1].get("fpr", 0)):
        if part["real"]:
            lines.append(f"| {source} | {part['real']} | {_number(part['fpr'])} |")
    return lines if parts else []


def _number(value: float | None) -> str:
    if value is None or value != value:
        return ""
    return str(value) if isinstance(value, int) else f"{value:.3f}"
