"""E-mail to people about what they want to hear of."""

from collections.abc import Iterable
from functools import partial

from django.conf import settings
from django.db import transaction

from accounts import tasks
from accounts.models import Notice, User


def notify(people: Iterable[User], notice: Notice, *, subject: str, text: str) -> None:
    """Send an e-mail, once the transaction is committed, to those of the people who want it."""
    if not settings.SENDS_MAIL:
        return
    for person in people:
        if person.is_active and notice in person.notices:
            send = partial(tasks.send_notice.delay, person.email, f"[Voicetell] {subject}", text)
            # News that cannot be sent must not undo what they tell of.
            transaction.on_commit(send, robust=True)
