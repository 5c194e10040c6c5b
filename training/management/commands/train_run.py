"""Do one claimed training run. Started by a train worker, not by people."""

import os
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from operations.context import about


class Command(BaseCommand):
    """Works under the lease that the worker took, given in ``VOICETELL_RUN_LEASE``."""

    help = "Do a claimed training run (internal)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which run."""
        parser.add_argument("run", type=UUID)

    def handle(self, **options: Any) -> None:
        """Do it."""
        from training.course import do
        from training.models import TrainingRun

        lease = os.environ.get("VOICETELL_RUN_LEASE", "")
        run = TrainingRun.objects.filter(
            pk=options["run"], lease=UUID(lease) if lease else None
        ).first()
        if run is None or not lease:
            raise CommandError("this run is not claimed, or by another worker")
        with about(run=run.pk):
            do(run)
