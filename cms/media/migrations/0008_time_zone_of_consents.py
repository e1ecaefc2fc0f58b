from django.db import migrations, models

from sites.models.time_zones import OVERSEAS


def store_time_zones(apps, schema_editor):
    """Store the time zones of consents in the collections of overseas departments."""
    Consent = apps.get_model("cms_media", "Consent")
    departments = apps.get_model("cms_sites", "Department").objects.filter(code__in=OVERSEAS)
    for code, path in departments.values_list("code", "collection__path"):
        Consent.objects.filter(collection__path__startswith=path).update(time_zone=OVERSEAS[code])


class Migration(migrations.Migration):
    dependencies = [("cms_media", "0007_document_token"), ("cms_sites", "0012_login_security")]

    operations = [
        migrations.AddField(
            model_name="consent",
            name="time_zone",
            field=models.CharField(
                default="Europe/Paris", editable=False, max_length=40, verbose_name="time zone"
            ),
        ),
        migrations.RunPython(store_time_zones, migrations.RunPython.noop),
    ]
