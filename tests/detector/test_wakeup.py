"""Whoever waits for a verdict is told of it, and of nobody else's."""

import threading
import uuid

import pytest

from detector import wakeup

LONG = 60.0
"""Nobody waits so long unless something is wrong."""


@pytest.fixture
def waiter(redis_server):
    """Return a function that waits in a thread of its own; the thread's `told` says how it was."""

    class Waiter(threading.Thread):
        def __init__(self, prediction_id, seconds=LONG):
            super().__init__(daemon=True)
            self.prediction_id, self.seconds = prediction_id, seconds
            self.is_there = threading.Event()
            self.start()
            assert self.is_there.wait(LONG)

        def run(self):
            with wakeup.listening([self.prediction_id]) as wait:
                self.is_there.set()
                self.told = wait(self.seconds)

        def outcome(self):
            self.join(LONG)
            return self.told

    return Waiter


def test_all_who_wait_for_a_prediction_are_woken(waiter):
    prediction_id = uuid.uuid4()
    waiting = [waiter(prediction_id) for _ in range(3)]
    wakeup.announce(prediction_id)
    assert [one.outcome() for one in waiting] == [True, True, True]


def test_nobody_is_woken_for_another_prediction(waiter, redis_server):
    mine, other = uuid.uuid4(), uuid.uuid4()
    waiting, beside = waiter(mine), waiter(other)
    wakeup.announce(other)
    assert beside.outcome()  # so the message has come
    assert waiting.is_alive()
    wakeup.announce(mine)
    assert waiting.outcome()


def test_one_subscription_serves_all_who_wait(waiter, redis_server):
    mine = [uuid.uuid4() for _ in range(5)]
    waiting = [waiter(one) for one in mine]
    assert redis_server.pubsub_numsub(wakeup.CHANNEL) == [(wakeup.CHANNEL.encode(), 1)]
    for one in mine:
        wakeup.announce(one)
    assert all(one.outcome() for one in waiting)


def test_a_lost_subscription_is_made_anew(waiter, redis_server):
    """As when Redis was restarted: who waits goes on, and is woken by what comes afterwards."""
    prediction_id = uuid.uuid4()
    waiting = waiter(prediction_id)
    assert redis_server.client_kill_filter(_type="pubsub") >= 1
    while waiting.is_alive():
        wakeup.announce(prediction_id)
        waiting.join(0.05)
    assert waiting.outcome()
