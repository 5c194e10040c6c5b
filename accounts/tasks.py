"""Celery's entries."""

from smtplib import SMTPException

from celery import shared_task
from django.core.mail import send_mail


@shared_task(
    name="accounts.send_notice",
    autoretry_for=(OSError, SMTPException),
    retry_backoff=30,
    retry_jitter=True,
    max_retries=6,
)
def send_notice(to: str, subject: str, text: str) -> None:
    """Send one e-mail; a mail server that is away is tried again for about half an hour."""
    send_mail(subject, text, None, [to])
