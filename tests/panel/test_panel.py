"""The admin panel: who gets in, that it shows and changes nothing, and its dashboard."""

import html
import re

import pytest
from constance import config
from django.conf import settings
from django.contrib import admin as django_admin
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, Role
from accounts.services import create_token, record
from detector.messages import problem_text
from detector.models import Clip
from tests.factories import PredictionFactory, UserFactory
from tests.training.material import add_samples, engine
from training.models import TrainingRun
from training.selectors.drift import FEWEST, Drift, Measure


@pytest.fixture(autouse=True)
def _static_files_by_their_own_names(settings):
    """Pages are made without `collectstatic`, which the tests of the whole stack run."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


@pytest.fixture
def administrator(admin, client_of):
    """The administrator's browser."""
    admin.role = Role.ADMINISTRATOR
    admin.save()
    return client_of(admin)


LISTS = [
    f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
    for model in django_admin.site._registry
]


@pytest.fixture
def rows(champion, owner):
    """A row of most kinds."""
    PredictionFactory(clip__owner=owner, done=True)
    create_token(owner=owner, name="theirs")
    return record(actor=owner, action="clip.deleted", target="x")


@pytest.mark.parametrize("role", [Role.ANALYST, Role.CURATOR, Role.OWNER])
def test_only_administrators_get_in(role, client_of, client, db):
    person = client_of(UserFactory(role=role))
    for name in ("admin:index", "admin:retrain", *LISTS):
        assert person.get(reverse(name)).status_code in (302, 403), name
        assert "/account/login/" in client.get(reverse(name), follow=True).request["PATH_INFO"]


def test_a_one_time_password_is_replaced_before_anything_is_shown(client_of, db):
    person = UserFactory(
        role=Role.ADMINISTRATOR, is_staff=True, is_superuser=True, must_change_password=True
    )
    answer = client_of(person).get(reverse("admin:index"))
    assert answer["Location"] == reverse("account_change_password")


def test_there_is_no_second_log_in_beside_the_limited_one(client, db):
    answer = client.post(reverse("admin:login"), {"username": "a@example.org", "password": "x"})
    assert answer.status_code == 302
    assert "/account/login/" in answer["Location"]


def test_a_password_is_changed_on_the_sites_own_page(administrator):
    answer = administrator.get(reverse("admin:password_change"))
    assert answer["Location"] == reverse("account_change_password")


def test_every_list_opens_with_few_queries(rows, administrator, django_assert_max_num_queries):
    administrator.get(reverse("admin:index"))
    for name in LISTS:
        with django_assert_max_num_queries(20):
            assert administrator.get(reverse(name)).status_code == 200, name


def test_nothing_is_added_changed_or_deleted_past_the_services(rows, administrator):
    for path, body in (
        ("admin:accounts_auditevent_delete", {"post": "yes"}),
        ("admin:accounts_auditevent_change", {"action": "forged"}),
    ):
        assert administrator.post(reverse(path, args=[rows.pk]), body).status_code == 403
    assert administrator.post(reverse("admin:accounts_auditevent_add"), {}).status_code == 403
    selected = {"action": "delete_selected", "_selected_action": [str(rows.pk)], "post": "yes"}
    administrator.post(reverse("admin:accounts_auditevent_changelist"), selected)
    assert AuditEvent.objects.get(pk=rows.pk).action == "clip.deleted"
    clip = Clip.objects.first()
    delete = reverse("admin:detector_clip_delete", args=[clip.pk])
    assert administrator.post(delete, {"post": "yes"}).status_code == 403
    assert Clip.objects.filter(pk=clip.pk).exists()


def test_training_is_started_from_the_panel_or_it_is_said_why_not(administrator):
    page = reverse("admin:retrain")
    assert 'name="target_fpr" value="2' in administrator.get(page).text
    form = {"model_type": "auto", "search_size": "quick", "promote_policy": "never", "seed": "1"}
    wrong = administrator.post(page, form | {"target_fpr": "90"})
    assert "less than or equal to 20" in wrong.text
    refused = administrator.post(page, form | {"target_fpr": "2"})
    assert not TrainingRun.objects.exists()
    assert problem_text("too_few_samples", {"found": 0, "limit": 10}) in refused.text


def test_a_run_that_is_started_from_the_panel_is_shown_there(administrator, admin):
    add_samples(engine(), admin, count=10)
    page = reverse("admin:retrain")
    form = {"model_type": "svm", "search_size": "quick", "seed": "4"}
    form |= {"target_fpr": "5", "promote_policy": "if_gate_passes", "include_original_data": "on"}
    shown = administrator.post(page, form, follow=True)

    run = TrainingRun.objects.get()
    assert (run.model_type, run.target_fpr, run.seed) == ("svm", 0.05, 4)
    assert run.promote_policy == "if_gate_passes"
    assert (run.started_by, run.snapshot.fake) == (admin, 10)
    assert run.snapshot.base_sha256
    assert reverse("training:run", args=[run.pk]) in shown.text


def test_no_secret_is_shown(rows, administrator, owner):
    token = owner.tokens.get()
    page = administrator.get(reverse("admin:accounts_apitoken_change", args=[token.pk])).text
    assert token.prefix in page
    assert token.digest not in page
    page = administrator.get(reverse("admin:accounts_user_change", args=[owner.pk])).text
    assert owner.password not in page


def test_the_dashboard_warns_of_what_needs_somebody(administrator):
    page = administrator.get(reverse("admin:index")).text
    assert "No predict worker is alive" in page
    assert "No champion is set" in page


def test_the_dashboard_passes_on_what_the_monitor_found(champion, administrator):
    score = Measure("score", "score", psi=0.5, edges=(), usual=(), recent=())
    found = Drift(champion.name, FEWEST, timezone.now(), (score,), 0.0, None)
    cache.set("drift", found)
    assert "the score has shifted (PSI 0.50)" in administrator.get(reverse("admin:index")).text


STATEMENTS = ("; ", "=>", "if (")
"""What Alpine's CSP build does not read in the attributes of a template."""


def test_the_panel_keeps_to_the_policy_of_the_site_and_nothing_in_it_goes_unread(administrator):
    page = administrator.get(reverse("admin:detector_prediction_changelist"))
    script = (settings.BASE_DIR / "static/js/panel.js").read_text()

    assert "unsafe" not in page["Content-Security-Policy"]
    attributes = {html.unescape(text) for text in re.findall(r' x-[\w:.-]+="([^"]+)"', page.text)}
    unread = [text for text in attributes if any(sign in text for sign in STATEMENTS)]
    assert unread
    unsaid = [text for text in unread if f'"{text}"' not in script]
    assert [text for text in unsaid if "$watch('sidebarDesktopOpen'" not in text] == []


def test_settings_change_while_the_site_runs_and_only_within_bounds(administrator):
    page = reverse("admin:constance_config_changelist")
    form = {"SIGNUP": "closed", "SHADOW_PERCENT": "25", "TARGET_FPR": "0.05"}
    version = administrator.get(page).context["form"].initial.get("version", "")
    administrator.post(page, form | {"version": version, "SHADOW_PERCENT": "250"})
    assert config.SHADOW_PERCENT == 100
    form["version"] = administrator.get(page).context["form"]["version"].value()
    administrator.post(page, form)
    assert (config.SIGNUP, config.SHADOW_PERCENT, config.TARGET_FPR) == ("closed", 25, 0.05)
    changed = AuditEvent.objects.filter(action="setting.changed")
    assert {event.target: event.details["to"] for event in changed} == {
        "SIGNUP": "closed",
        "SHADOW_PERCENT": 25,
        "TARGET_FPR": 0.05,
    }
