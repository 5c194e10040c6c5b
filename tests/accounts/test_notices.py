"""News by e-mail: to who wants it, after what it tells of is certain."""

import pytest
from django.core import mail
from django.core.files.base import ContentFile
from django.db import transaction

from accounts.models import Notice
from accounts.notices import notify
from config.celery import app
from detector import services
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _sent_at_once(settings):
    settings.SENDS_MAIL = True
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False


def tell(*people):
    notify(people, Notice.WARNING, subject="Mind", text="The clips have changed.")


def test_only_who_wants_it_and_may_log_in_gets_it():
    wants = UserFactory(notices=["warning"])
    tell(
        wants,
        UserFactory(notices=["batch.done"]),
        UserFactory(notices=["warning"], is_active=False),
    )

    assert [message.to for message in mail.outbox] == [[wants.email]]
    assert mail.outbox[0].subject == "[Voicetell] Mind"


def test_what_was_undone_is_not_told():
    wants = UserFactory(notices=["warning"])
    with transaction.atomic():
        tell(wants)
        assert not mail.outbox
        transaction.set_rollback(True)

    assert not mail.outbox


def test_a_server_without_mail_sends_none(settings):
    settings.SENDS_MAIL = False
    tell(UserFactory(notices=["warning"]))

    assert not mail.outbox


def test_the_end_of_a_batch_is_told_once(champion, clip_file):
    owner = UserFactory(notices=["batch.done"])
    files = [ContentFile(clip_file("fake-flite.wav").read_bytes(), name=f"{n}.wav") for n in "ab"]
    services.submit_batch(owner=owner, files=files)

    assert [message.subject for message in mail.outbox] == ["[Voicetell] Your batch is judged"]
