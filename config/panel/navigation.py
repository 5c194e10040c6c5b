"""What the panel's sidebar leads to, by what somebody comes for."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _


def groups(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the sidebar's groups as django-unfold wants them."""
    return [
        _group(
            _("Now"),
            (_("How things stand"), "index"),
            (_("Clips"), "detector_clip_changelist"),
            (_("Predictions and jobs"), "detector_prediction_changelist"),
        ),
        _group(
            _("Training"),
            (_("Retrain"), "retrain"),
            (_("Runs"), "training_trainingrun_changelist"),
            (_("Samples"), "training_sample_changelist"),
            (_("Model versions"), "training_modelversion_changelist"),
            (_("Champion and others"), "training_modelalias_changelist"),
            (_("Gate reports"), "training_gatereport_changelist"),
            (_("Second opinions"), "training_secondopinion_changelist"),
            (_("Re-judgings"), "training_rejudging_changelist"),
        ),
        _group(
            _("People"),
            (_("Users"), "accounts_user_changelist"),
            (_("Teams"), "accounts_team_changelist"),
            (_("Invitations"), "accounts_invitation_changelist"),
            (_("API tokens"), "accounts_apitoken_changelist"),
        ),
        _group(
            _("Site"),
            (_("Settings"), "constance_config_changelist"),
            (_("Audit trail"), "accounts_auditevent_changelist"),
            (_("Erasures"), "accounts_erasure_changelist"),
        ),
    ]


def _group(title: str, *items: tuple[str, str]) -> dict[str, Any]:
    links = [{"title": words, "link": reverse(f"admin:{route}")} for words, route in items]
    return {"title": title, "items": links}
