"""Where settings come from: environment variables, and the folder that the code is in."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import environ

BASE_DIR = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Setting:
    """A row of the table in docs/settings.md, which is made of these."""

    name: str
    default: str
    """In words, as the table shows it."""
    about: str


class Environment:
    """Reads variables, and remembers what each is about.

    `NAME_FILE` may name a file that holds the value. A value that is not of the asked kind stops
    the start with the variable's name.
    """

    def __init__(self) -> None:
        self.settings: list[Setting] = []
        self.urls = environ.FileAwareEnv()
        """The library's own, for what it makes of URLs."""

    def text(
        self,
        name: str,
        about: str,
        *,
        default: str = "",
        shown: str = "",
        choices: Sequence[str] = (),
    ) -> str:
        """Read a text; `shown` says in words what the default is where that is worked out."""
        self._note(name, about, shown or default)
        value = str(self.urls.str(name, default=default))
        if choices and value not in choices:
            raise environ.ImproperlyConfigured(f"{name} is one of {', '.join(choices)}")
        return value

    def number(self, name: str, about: str, *, default: int) -> int:
        """Read a whole number."""
        self._note(name, about, str(default))
        return int(self._read(self.urls.int, name, default))

    def seconds(self, name: str, about: str, *, default: float) -> float:
        """Read a number of seconds."""
        self._note(name, about, f"{default:g}")
        return float(self._read(self.urls.float, name, default))

    def switch(self, name: str, about: str) -> bool:
        """Read whether something that is off by default is on."""
        self._note(name, about, "false")
        return bool(self.urls.bool(name, default=False))

    def words(self, name: str, about: str, *, default: Sequence[str] = ()) -> list[str]:
        """Read words with commas between them."""
        self._note(name, about, ",".join(default))
        return list(self.urls.list(name, default=list(default)))

    def elsewhere(self, name: str, about: str, *, shown: str) -> None:
        """Note a variable that is read before there are settings."""
        self._note(name, about, shown)

    def _read(self, read: Any, name: str, default: float) -> Any:
        try:
            return read(name, default=default)
        except ValueError as error:
            raise environ.ImproperlyConfigured(f"{name} is a number") from error

    def _note(self, name: str, about: str, default: str) -> None:
        self.settings.append(Setting(name, default, about))


env = Environment()

env.elsewhere(
    "VOICETELL_DATA",
    "folder of the embedded services, logs, static files, cached models, secret key",
    shown="folder `.voicetell/`",
)
