"""Collects what is to be translated: Django's own, and the catalogue of problems."""

from django.core.management.commands import makemessages


class Command(makemessages.Command):
    """Also takes the words of each `Problem` (`detector.messages`): its second and third argument.

    To add a language: name it in ``LANGUAGES``, run ``makemessages -l de``, translate
    ``locale/de/LC_MESSAGES/django.po``, run ``compilemessages``.
    """

    xgettext_options = [
        *makemessages.Command.xgettext_options,
        "--keyword=Problem:2",
        "--keyword=Problem:3",
    ]
