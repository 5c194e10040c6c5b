"""Cancelled predictions were told as failed ones: who listened to those goes on being told."""

from django.db import migrations
from django.db.models import Q

FAILED, CANCELLED = "prediction.failed", "prediction.cancelled"


def listen_to_both(apps, schema_editor):
    Endpoint = apps.get_model("webhooks", "Endpoint")
    missing = ~Q(events__contains=[CANCELLED])
    for endpoint in Endpoint.objects.filter(missing, events__contains=[FAILED]):
        endpoint.events = [*endpoint.events, CANCELLED]
        endpoint.save(update_fields=["events"])


class Migration(migrations.Migration):
    dependencies = [("webhooks", "0001_initial")]
    operations = [migrations.RunPython(listen_to_both, migrations.RunPython.noop)]
