"""What templates of the training centre need to write figures (the library `training`)."""

from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

register = template.Library()

_CHECKS = {
    "eer": gettext_noop("equal error rate"),
    "fpr": gettext_noop("real clips called FAKE"),
    "ece": gettext_noop("expected calibration error"),
    "cost": gettext_noop("wrong verdicts, INCONCLUSIVE by half"),
}


@register.filter
def figure(value: object) -> str:
    """Write a figure with three decimals, or a dash where there is none."""
    if not isinstance(value, int | float):
        return "\N{EN DASH}"
    return f"{value:.3f}".replace("-", "\N{MINUS SIGN}")


@register.filter
def with_code(text: str) -> str:
    """Set what stands between backticks as code, as a card's Markdown means it."""
    parts = enumerate(text.split("`"))
    shown = ((format_html("<code>{}</code>", part) if at % 2 else part,) for at, part in parts)
    return format_html_join("", "{}", shown)


@register.filter
def check_words(name: str) -> str:
    """Say which figure a check of the gate is about."""
    return _(_CHECKS.get(name, name))


@register.filter
def model_type_words(name: str | None) -> str:
    """Say what kind of classifier it is."""
    return name.replace("_", " ") if name else _("not known")


@register.filter
def entry(mapping: dict[str, Any] | None, key: str) -> Any:
    """Look a key up in a mapping that may be missing."""
    return (mapping or {}).get(key)
