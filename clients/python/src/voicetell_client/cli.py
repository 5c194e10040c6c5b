"""`voicetell-client`: the client on the command line."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from voicetell_client.client import Client
from voicetell_client.errors import VoicetellError
from voicetell_client.models import Prediction


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="voicetell-client",
        description="Ask a Voicetell server whether voices are people or machines.",
        epilog="VOICETELL_URL and VOICETELL_TOKEN may stand for --url and --token.",
    )
    parser.add_argument("--url", help="the server, such as https://voice.example.org")
    parser.add_argument("--token", help="vt_...; better kept in VOICETELL_TOKEN")
    commands = parser.add_subparsers(dest="command", required=True)

    predict = commands.add_parser("predict", help="judge recordings")
    predict.add_argument("files", nargs="+", type=Path, metavar="FILES")
    predict.add_argument("--json", action="store_true", help="one JSON object a line")

    history = commands.add_parser("history", help="list what was judged, the newest first")
    history.add_argument("--verdict", choices=["REAL", "FAKE", "INCONCLUSIVE"])
    history.add_argument("--since", metavar="DAY", help="from this day on: 2026-11-01")
    history.add_argument("--limit", type=int, default=50)
    history.add_argument("--json", action="store_true", help="one JSON object a line")

    export = commands.add_parser("export", help="save the whole history")
    export.add_argument("file", type=Path, help="ends in .csv, .jsonl or .parquet")

    commands.add_parser("health", help="ask whether the server can do its work")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; 0 if all went well, 1 if a clip could not be judged, 2 for other errors."""
    parser = _parser()
    options = parser.parse_args(argv)
    try:
        with Client(options.url, options.token) as client:
            return {
                "predict": _predict,
                "history": _history,
                "export": _export,
                "health": _health,
            }[options.command](client, options)
    except (VoicetellError, ValueError, OSError) as error:
        print(f"voicetell-client: {error}", file=sys.stderr)
        return 2


def _predict(client: Client, options: argparse.Namespace) -> int:
    failed = False
    for found in client.predict_many(options.files, progress=sys.stderr.isatty()):
        _show(found, as_json=options.json)
        failed = failed or found.status != "done"
    return int(failed)


def _history(client: Client, options: argparse.Namespace) -> int:
    wishes = {"verdict": options.verdict, "since": options.since}
    rows = client.history(**{name: value for name, value in wishes.items() if value})
    for _, found in zip(range(options.limit), rows, strict=False):
        _show(found, as_json=options.json)
    return 0


def _export(client: Client, options: argparse.Namespace) -> int:
    form = options.file.suffix.removeprefix(".")
    if form not in ("csv", "jsonl", "parquet"):
        raise ValueError("The file's name must end in .csv, .jsonl or .parquet.")
    with options.file.open("wb") as target:
        client.export(target, form)
    return 0


def _health(client: Client, options: argparse.Namespace) -> int:
    print(json.dumps(client.health(), indent=2))
    return 0


def _show(found: Prediction, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(found.raw))
    elif found.error:
        print(f"{'failed':<13} {'':>6}  {found.filename}: {found.error.title}")
    else:
        share = "" if found.probability is None else f"{found.probability:.1%}"
        print(f"{found.verdict or found.status:<13} {share:>6}  {found.filename}")


if __name__ == "__main__":
    sys.exit(main())
