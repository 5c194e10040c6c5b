"""The figures of docs/detector.md: what a version got right and wrong, for who must rely on it."""

import re
from collections.abc import Mapping
from typing import Any

FEW = 30
HARDEST = 10
TASKS = {
    "tts": "text to speech",
    "vc": "voice conversion",
    "vocoder": "recordings through a vocoder",
    "codec": "recordings through a neural codec",
}

Figures = Mapping[str, Any]


def clips_lines(manifest: Figures) -> list[str]:
    """Markdown of a version's figures on the clips that it was judged on, from its manifest."""
    report = manifest["metrics"]
    overall, spans, slices = report["overall"], report["intervals"], report["slices"]
    clips = report["clips"]

    def share(name: str) -> str:
        low, high = spans[name]
        return f"{_percent(overall[name])} ({_percent(low)} to {_percent(high)})"

    lines = [
        f"Version `{manifest['name']}` on {clips['real']} real and {clips['fake']} synthetic clips "
        "whose generators, sources and recorded speakers training never saw; in brackets 95 % "
        "intervals, drawn by source.",
        "",
        "| at the shipped threshold | |",
        "|---|---|",
        f"| FAKE from a probability of | {manifest['threshold']:.2f} |",
        f"| REAL up to a probability of | {manifest['real_threshold']:.2f} |",
        f"| real clips called FAKE | {share('fpr')} |",
        f"| synthetic clips called REAL | {share('fnr')} |",
        f"| clips that got INCONCLUSIVE | {share('inconclusive')} |",
        f"| of those called FAKE, synthetic | {share('precision')} |",
        f"| equal error rate, without any threshold | {share('eer')} |",
        f"| calibration error (ECE) | {overall['ece']:.3f} |",
        "",
        f"A line of fewer than {FEW} clips of a class is an anecdote, marked with `~`.",
    ]
    lines += _table("synthetic clips by how they were made", _named(slices.get("task", {}), TASKS))
    lines += _table("language", slices.get("language", {}))
    lines += _table("duration", slices.get("duration", {}))
    generators = slices.get("generator", {})
    hardest = sorted(generators.items(), key=lambda item: -item[1].get("fnr", 0.0))[:HARDEST]
    lines += _table("generators that are most often called REAL", dict(hardest))
    sources = slices.get("source_repo", {})
    alarms = sorted(sources.items(), key=lambda item: -item[1].get("fpr", 0.0))
    worst = [(name, part) for name, part in alarms if part.get("fpr", 0.0) > 0]
    lines += _table("sources of real speech with false alarms", dict(worst[:HARDEST]))
    return lines


def degraded_lines(found: Figures) -> list[str]:
    """Markdown of what worse copies of the same clips got: `evaluate --degrade all --json`."""
    lines = [
        f"Version `{found['model_version']}` on the same clips as they are, and on copies that "
        "went through one thing more.",
        "",
        "| clips | real called FAKE | synthetic called REAL | INCONCLUSIVE | equal error rate |",
        "|---|---|---|---|---|",
    ]
    shown = ("fpr", "fnr", "inconclusive", "eer")
    return lines + [
        f"| {kind} | {' | '.join(_percent(figures[name]) for name in shown)} |"
        for kind, figures in found["degraded"].items()
    ]


def replace_section(page: str, name: str, lines: list[str]) -> str:
    """Put lines between the page's marks ``<!-- NAME -->`` and ``<!-- /NAME -->``.

    Raises
    ------
    ValueError
        The page has no such marks.
    """
    marks = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    if not marks.search(page):
        raise ValueError(f"the page has no section {name}")
    text = "\n".join(lines) + "\n"
    return marks.sub(lambda found: found[1] + text + found[2], page)


def _named(parts: Figures, names: Mapping[str, str]) -> dict[str, Any]:
    return {name: parts[key] for key, name in names.items() if key in parts}


def _table(title: str, parts: Figures) -> list[str]:
    if not parts:
        return []
    lines = [
        "",
        f"| {title} | real clips | called FAKE | synthetic clips | called REAL | INCONCLUSIVE |",
        "|---|---|---|---|---|---|",
    ]
    for name, part in parts.items():
        cells = []
        for count, rate in (("real", "fpr"), ("fake", "fnr")):
            few = "~" if 0 < part[count] < FEW else ""
            cells += [str(part[count]), few + _percent(part[rate]) if rate in part else ""]
        lines.append(f"| {name} | {' | '.join(cells)} | {_percent(part.get('inconclusive'))} |")
    return lines


def _percent(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.1f} %"
