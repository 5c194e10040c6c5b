"""Reads: what the promotion gate said."""

from training.models import GateReport, ModelVersion


def gate_report(version: ModelVersion, champion: ModelVersion) -> GateReport | None:
    """Return the newest report of a version against a champion, or None if nobody compared them."""
    return GateReport.objects.filter(version=version, champion=champion).first()
