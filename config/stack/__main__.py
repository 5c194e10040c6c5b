"""The process that supervises: `manage.py up` becomes this, so that it carries no Django."""

import argparse
import sys

from config.stack.arguments import add_up_arguments
from config.stack.errors import StackError
from config.stack.services import run_services
from config.stack.site import Site, run_site


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="voicetell")
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="run Voicetell")
    add_up_arguments(up)
    commands.add_parser("services", help="run the embedded PostgreSQL and Redis only")
    return parser


def main() -> int:
    """Run it; return the exit status."""
    options = _parser().parse_args()
    try:
        if options.command == "services":
            run_services()
        else:
            run_site(Site(options.bind, options.port, options.predict_workers))
    except StackError as error:
        sys.stdout.flush()
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
