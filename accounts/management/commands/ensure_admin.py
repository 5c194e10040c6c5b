"""`manage.py ensure_admin`: make the first administrator."""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from accounts.services import ensure_admin


class Command(BaseCommand):
    """Print the administrator as JSON; `password` is null unless it was made up just now."""

    help = "Make sure that an administrator exists; print e-mail and a new one-time password."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it."""
        user, password = ensure_admin(email=settings.ADMIN_EMAIL, password=settings.ADMIN_PASSWORD)
        self.stdout.write(json.dumps({"email": user.email, "password": password}))
