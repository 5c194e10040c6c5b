"""Settings that an administrator changes while the site runs leave a row in the audit trail."""

from typing import Any

from constance.signals import config_updated

from accounts.services import record


def _write_down(key: str, old_value: object, new_value: object, **_: Any) -> None:
    # Django's own admin log knows who; the library does not say it here.
    if old_value is not None and old_value != new_value:
        record(
            actor=None,
            action="setting.changed",
            target=key,
            details={"from": old_value, "to": new_value},
        )


def register() -> None:
    """Write changes down from now on."""
    config_updated.connect(_write_down, dispatch_uid="audit")
