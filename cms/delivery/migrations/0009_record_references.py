"""Has every document made again, which records the objects on which it depends and its dates."""

from django.db import migrations


def request_all(apps, schema_editor):
    """Request the documents of all pages that have one."""
    documents = apps.get_model("delivery", "PublishedDocument").objects.filter(is_withdrawn=False).order_by("pk")
    if not documents.exists():
        return
    content_type, _created = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="wagtailcore", model="page"
    )
    # The top of the page tree: with all pages, also those that are live without a document.
    pages = apps.get_model("wagtailcore", "Page").objects.filter(depth=1).values_list("pk", flat=True)
    requests = apps.get_model("delivery", "RefreshRequest").objects
    requests.bulk_create(
        [requests.model(content_type=content_type, object_id=page_id, change="subtree") for page_id in pages]
    )


class Migration(migrations.Migration):
    dependencies = [
        ("delivery", "0008_store_changed_objects"),
        ("wagtailcore", "0001_squashed_0016_change_page_url_path_to_text_field"),
    ]

    operations = [migrations.RunPython(request_all, migrations.RunPython.noop)]
