import json

from django.db import migrations, models

# The number of bodies, of which each may have a megabyte.
CHUNK = 20


def store_values(apps, schema_editor):
    """Store the values that lists need of each public document, as `document_data.list_values` does."""
    PublishedDocument = apps.get_model("delivery", "PublishedDocument")
    public = PublishedDocument.objects.filter(is_withdrawn=False)
    for pk, body in public.order_by("pk").values_list("pk", "body").iterator(chunk_size=CHUNK):
        try:
            data = json.loads(body)
            content = data["content"]
            values = {
                "start": content.get("start"),
                "first_published_at": data["first_published_at"],
                "lists": content.get("lists"),
                "canonical": (data["origin"] or {}).get("url"),
                "esco_uri": content.get("esco_uri"),
            }
        except (AttributeError, KeyError, TypeError, ValueError):  # The background writes it again.
            continue
        public.filter(pk=pk).update(list_values={name: value or "" for name, value in values.items()})


class Migration(migrations.Migration):
    dependencies = [("delivery", "0011_store_end_of_events")]

    operations = [
        migrations.AddField(
            model_name="publisheddocument",
            name="list_values",
            field=models.JSONField(
                blank=True,
                default=dict,
                help_text="Texts by which lists sort and link. Empty for a tombstone.",
                verbose_name="values of lists",
            ),
        ),
        migrations.RunPython(store_values, migrations.RunPython.noop),
    ]
