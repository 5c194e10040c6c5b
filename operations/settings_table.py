"""The table of docs/settings.md, out of the settings themselves."""

from config.settings.environment import env

HEAD = "| variable | default | what it is |\n|---|---|---|"


def settings_table() -> str:
    """Return the table in Markdown."""
    rows = [f"| `{s.name}` | {_shown(s.default)} | {s.about} |" for s in env.settings]
    return "\n".join([HEAD, *rows])


def _shown(default: str) -> str:
    if not default:
        return "none"
    # In words already, or a value.
    return default if " " in default or "`" in default else f"`{default}`"
