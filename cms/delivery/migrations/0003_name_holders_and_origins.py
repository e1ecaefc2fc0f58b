"""Has every document made again: each now names its holders and, if it is a copy, its origin."""

from django.db import migrations

BATCH = 1000


def request_all(apps, schema_editor):
    RefreshRequest = apps.get_model("delivery", "RefreshRequest")
    documents = apps.get_model("delivery", "PublishedDocument").objects.filter(is_withdrawn=False)
    if not documents.exists():
        return
    page_type, _created = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="wagtailcore", model="page"
    )
    page_ids = documents.values_list("page_id", flat=True).iterator(BATCH)
    requests = (RefreshRequest(content_type=page_type, object_id=page_id) for page_id in page_ids)
    RefreshRequest.objects.bulk_create(list(requests), batch_size=BATCH)


class Migration(migrations.Migration):
    dependencies = [
        ("delivery", "0002_tombstones_outlive_departments"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(request_all, migrations.RunPython.noop)]
