"""Removes the welcome page and the site that Wagtail makes in a new database: every site here is a department's."""

from django.db import migrations


def remove_default_site(apps, schema_editor):
    Page = apps.get_model("wagtailcore", "Page")
    Site = apps.get_model("wagtailcore", "Site")
    welcome = Page.objects.filter(depth=2, slug="home", content_type__model="page", numchild=0)
    if Page.objects.filter(depth__gte=2).count() != 1 or not welcome.exists():
        return  # Not a new database: whatever is there is somebody's.
    Site.objects.filter(root_page__in=welcome).delete()
    welcome.delete()
    Page.objects.filter(depth=1).update(numchild=0)


class Migration(migrations.Migration):
    dependencies = [
        ("cms_sites", "0001_initial"),
        ("wagtailcore", "0054_initial_locale"),
    ]
    operations = [migrations.RunPython(remove_default_site, migrations.RunPython.noop)]
