"""The admin panel: its look, and the settings that may change while the site runs."""

from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _
from unfold.contrib.constance.settings import UNFOLD_CONSTANCE_ADDITIONAL_FIELDS

CONSTANCE_BACKEND = "constance.backends.database.DatabaseBackend"
CONSTANCE_SUPERUSER_ONLY = True
CONSTANCE_ADDITIONAL_FIELDS = {
    **UNFOLD_CONSTANCE_ADDITIONAL_FIELDS,
    "percent": [
        "django.forms.IntegerField",
        {
            "widget": "unfold.widgets.UnfoldAdminIntegerFieldWidget",
            "widget_kwargs": {"attrs": {"aria-label": _("Clips in 100")}},
            "min_value": 0,
            "max_value": 100,
        },
    ],
    "rate": [
        "django.forms.FloatField",
        {
            "widget": "unfold.widgets.UnfoldAdminTextInputWidget",
            "widget_kwargs": {"attrs": {"aria-label": _("Share, 0 to 1")}},
            "min_value": 0.001,
            "max_value": 0.2,
        },
    ],
    "signup": [
        "django.forms.ChoiceField",
        {
            "widget": "unfold.widgets.UnfoldAdminSelectWidget",
            "widget_kwargs": {"attrs": {"aria-label": _("Sign-up")}},
            "choices": [
                ("as set", _("as VOICETELL_SIGNUP says")),
                ("invitation", _("by invitation only")),
                ("closed", _("closed")),
            ],
        },
    ],
}
CONSTANCE_CONFIG = {
    "SIGNUP": (
        "as set",
        _("Who may make an account; never more than VOICETELL_SIGNUP says."),
        "signup",
    ),
    "SHADOW_PERCENT": (
        100,
        _("Of judged clips, how many in 100 a challenger scores too."),
        "percent",
    ),
    "TARGET_FPR": (
        0.02,
        _("Share of real clips, 0 to 1, that a version may call FAKE where a run does not say."),
        "rate",
    ),
}

UNFOLD = {
    "SITE_TITLE": "Voicetell",
    "SITE_HEADER": "Voicetell",
    "SITE_SUBHEADER": _("Admin panel"),
    "SITE_URL": "/",
    "SITE_SYMBOL": "graphic_eq",
    "SITE_FAVICONS": [{"rel": "icon", "href": lambda request: static("img/favicon.svg")}],
    "STYLES": [lambda request: static("css/panel.css")],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SCRIPTS": [lambda request: static("js/panel.js")],
    "SIDEBAR": {"show_search": True, "navigation": "config.panel.navigation.groups"},
}
