"""Promoting and rolling back under load: at once, in a running worker, and no clip fails."""

import threading

import pytest
from django.db import connection

from detector.models import Prediction, Status
from tests.e2e.processes import wait_for
from tests.factories import version_like
from training.services import promote
from training.services.promotion import promote_by_gate, roll_back

pytestmark = [pytest.mark.stack, pytest.mark.django_db(transaction=True)]


def finished():
    return Prediction.objects.filter(status__in=[Status.DONE, Status.FAILED]).count()


def test_every_clip_gets_a_verdict_while_the_champion_changes(champion, worker, submit, clip_file):
    other = version_like(champion, "other")
    content = clip_file("fake-flite.wav").read_bytes()
    stop = threading.Event()

    def load():
        while not stop.is_set():
            submit(content)
            stop.wait(0.1)
        connection.close()

    sender = threading.Thread(target=load)
    sender.start()
    try:
        for turn in range(4):
            before = finished()
            wait_for(lambda seen=before: finished() > seen + 2, "verdicts")
            if turn % 2 == 0:
                promote_by_gate(version=other, actor=None, reason="to see it change")
            else:
                roll_back(actor=None)
    finally:
        stop.set()
        sender.join()
    count = Prediction.objects.count()
    wait_for(lambda: finished() == count, "all verdicts")

    states = Prediction.objects.values_list("status", "model_version__name").distinct()
    assert set(states) == {("done", champion.name), ("done", "other")}


def test_a_clip_sent_after_a_promotion_is_judged_by_the_new_champion(
    champion, worker, submit, clip_file
):
    content = clip_file("fake-flite.wav").read_bytes()
    other = version_like(champion, "other")
    promote(version=other)
    prediction = submit(content)

    def verdict():
        prediction.refresh_from_db()
        return prediction.status == Status.DONE

    wait_for(verdict, "the verdict")
    assert prediction.model_version == other
