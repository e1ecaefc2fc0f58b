from django.db import migrations
from django.db.models import OuterRef, Subquery


def refer_to_originals(apps, schema_editor):
    """Let aliases of aliases refer to their originals. Each pass halves the longest chain; a damaged cycle stays one."""
    Page = apps.get_model("wagtailcore", "Page")
    indirect = Page.objects.filter(alias_of__alias_of__isnull=False)
    originals = Page.objects.filter(pk=OuterRef("alias_of")).values("alias_of")
    for _pass in range(20):
        Page.objects.filter(pk__in=list(indirect.values_list("pk", flat=True))).update(alias_of=Subquery(originals))


class Migration(migrations.Migration):
    dependencies = [
        ("cms_sites", "0018_unpublished_originals"),
        ("wagtailcore", "0093_uploadedfile"),
    ]

    operations = [migrations.RunPython(refer_to_originals, migrations.RunPython.noop, elidable=True)]
