import datetime
import json
from zoneinfo import ZoneInfo

from django.db import migrations, models

from sites.models.time_zones import time_zone_of


def store_ends(apps, schema_editor):
    """Store the midnight after the last day of each public event."""
    PublishedDocument = apps.get_model("delivery", "PublishedDocument")
    events = PublishedDocument.objects.filter(type="event", is_withdrawn=False)
    for pk, code, body in events.values_list("pk", "department__code", "body").iterator(chunk_size=200):
        try:
            content = json.loads(body)["content"]
            last = datetime.datetime.fromisoformat(content["end"] or content["start"])
        except (KeyError, TypeError, ValueError):  # The background writes an unreadable document again.
            continue
        zone = ZoneInfo(time_zone_of(code))
        day = (last.astimezone(zone) if last.tzinfo else last).date() + datetime.timedelta(days=1)
        events.filter(pk=pk).update(over_at=datetime.datetime.combine(day, datetime.time.min, tzinfo=zone))


class Migration(migrations.Migration):
    dependencies = [("delivery", "0010_index_public_documents_of_departments"), ("cms_sites", "0012_login_security")]

    operations = [
        migrations.AddField(
            model_name="publisheddocument",
            name="over_at",
            field=models.DateTimeField(
                blank=True,
                help_text="Midnight after its last day, in the department's time zone.",
                null=True,
                verbose_name="over from",
            ),
        ),
        migrations.RunPython(store_ends, migrations.RunPython.noop),
    ]
