"""Celery's entries."""

from uuid import UUID

from celery import shared_task


@shared_task(name="webhooks.deliver")
def deliver(endpoint_id: str) -> None:
    """Send an endpoint what is due."""
    from webhooks.delivery import deliver_due  # the web process sends nothing itself

    deliver_due(UUID(endpoint_id))


@shared_task(name="webhooks.sweep")
def sweep() -> None:
    """Take up what is due or was lost."""
    from webhooks.delivery import sweep as take_up

    take_up()
