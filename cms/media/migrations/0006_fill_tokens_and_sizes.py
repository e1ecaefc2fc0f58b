"""Gives stored documents an unguessable address, and stored files the size that quotas count."""

import secrets

from django.core.files.storage import default_storage, storages
from django.db import migrations


def fill(apps, schema_editor):
    document = apps.get_model("cms_media", "CustomDocument")
    for pk in document.objects.filter(token=None).values_list("pk", flat=True).iterator():
        document.objects.filter(pk=pk).update(token=secrets.token_urlsafe(16))
    for name, column, storage in (
        ("CustomImage", "file", default_storage),
        ("CustomDocument", "file", default_storage),
        ("Video", "file", default_storage),
        ("VideoCaption", "file", default_storage),
        ("Consent", "proof", storages["private"]),
    ):
        model = apps.get_model("cms_media", name)
        for pk, file in model.objects.filter(file_size=None).exclude(**{column: ""}).values_list("pk", column):
            try:
                model.objects.filter(pk=pk).update(file_size=storage.size(file))
            except OSError:
                continue  # a lost file takes no place


class Migration(migrations.Migration):
    dependencies = [("cms_media", "0005_public_files")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
