"""Damaged files by the thousand: `python -m tests.fuzz --count 100000 --seed 1`.

Prints a table of what became of them, and ends with 1 if a decoder crashed, met its time limit or
gave wrong samples, or if this process has grown.
"""

import argparse
import sys
from pathlib import Path

from detector.engine.decode import Decoder
from tests.fuzz.campaign import DECODED, Findings, mutants, resources, run

WARM_UP = 500
"""Files after which nothing is loaded any more for the first time."""
GROWTH_BYTES = 16 << 20


def main() -> int:
    """Run, print, say whether all is well."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="folder for files that are suspect")
    options = parser.parse_args()

    with Decoder() as decoder:
        before = None
        for done, findings in enumerate(run(decoder, range(options.count), options.seed), 1):
            if done == min(WARM_UP, options.count):
                before = resources()
            if done % 5_000 == 0:
                print(f"{done}: {dict(findings.total)}", file=sys.stderr, flush=True)
        after = resources()
    assert before is not None

    print(table(findings))
    for name, first, last in zip(("memory", "descriptors", "children"), before, after, strict=True):
        print(f"{name}: {first} after {WARM_UP} files, {last} at the end")
    print(f"longest: {findings.longest:.2f} s")
    for number, outcome in findings.suspects:
        print(f"suspect: {number} {outcome}")
    if options.keep:
        keep(findings, options.seed, options.keep)
    bad = [outcome for _, outcome in findings.suspects if outcome != "decoder_memory"]
    has_grown = after[0] - before[0] > GROWTH_BYTES or after[1:] != before[1:]
    return bool(bad or has_grown)


def table(findings: Findings) -> str:
    """Return a Markdown table: formats down, outcomes across, the most frequent first."""
    total = findings.total
    outcomes = [DECODED, *(name for name, _ in total.most_common() if name != DECODED)]
    lines = [
        "| format | files | " + " | ".join(outcomes) + " |",
        "|---" * (len(outcomes) + 2) + "|",
    ]
    for name, found in [*sorted(findings.outcomes.items()), ("**all**", total)]:
        cells = [found.total(), *(found[outcome] for outcome in outcomes)]
        lines.append(f"| {name} | " + " | ".join(f"{cell:,}" for cell in cells) + " |")
    return "\n".join(lines)


def keep(findings: Findings, seed: int, folder: Path) -> None:
    """Write the suspects to files."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, _, content in mutants([number for number, _ in findings.suspects], seed):
        (folder / f"{seed}-{number}").write_bytes(content)


if __name__ == "__main__":
    sys.exit(main())
