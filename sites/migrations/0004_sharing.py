"""Co-holdings become one of two kinds of sharing, and know their owner and state."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

CONTAINER_PATH_LENGTH = 8  # Two steps of four in the page tree.


def fill(apps, schema_editor):
    Sharing = apps.get_model("cms_sites", "Sharing")
    Page = apps.get_model("wagtailcore", "Page")
    owners = dict(apps.get_model("cms_sites", "Department").objects.values_list("container__path", "pk"))
    for sharing in Sharing.objects.all():
        path = Page.objects.filter(translation_key=sharing.content_key).values_list("path", flat=True).first() or ""
        owner = owners.get(path[:CONTAINER_PATH_LENGTH])
        if owner is None or owner == sharing.department_id:
            sharing.delete()
            continue
        sharing.owner_id = owner
        if sharing.withdrawn_at:
            sharing.state = "given_up"
        elif sharing.accepted_at:
            sharing.state = "accepted"
        sharing.save()


class Migration(migrations.Migration):
    dependencies = [
        ("cms_sites", "0003_department_groups"),
        ("wagtailcore", "0098_apitoken"),
    ]

    operations = [
        migrations.RenameModel("CoHolding", "Sharing"),
        migrations.RemoveConstraint("Sharing", "one_co_holding_per_department"),
        migrations.RenameField("Sharing", "invited_at", "proposed_at"),
        migrations.AlterField("Sharing", "proposed_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="proposed at")),
        migrations.AddField("Sharing", "changed_at", models.DateTimeField(auto_now=True, verbose_name="last change")),
        migrations.AddField("Sharing", "kind", models.CharField(choices=[("co_holding", "Held together"), ("offer", "Offered")], default="co_holding", max_length=10, verbose_name="kind"), preserve_default=False),
        migrations.AddField("Sharing", "state", models.CharField(choices=[("proposed", "Waiting for an answer"), ("accepted", "Accepted"), ("declined", "Declined"), ("withdrawn", "Withdrawn by the owner"), ("given_up", "Given up")], default="proposed", max_length=10, verbose_name="state")),
        migrations.AddField("Sharing", "taken_as", models.CharField(blank=True, choices=[("mirror", "Live mirror"), ("copy", "Own copy")], max_length=10, verbose_name="taken as")),
        migrations.AddField("Sharing", "contact_name", models.CharField(blank=True, max_length=200, verbose_name="name")),
        migrations.AddField("Sharing", "contact_role", models.CharField(blank=True, max_length=200, verbose_name="role")),
        migrations.AddField("Sharing", "contact_email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail")),
        migrations.AddField("Sharing", "contact_phone", models.CharField(blank=True, max_length=30, verbose_name="telephone")),
        migrations.AddField("Sharing", "owner", models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name="sharings_given", to="cms_sites.department", verbose_name="owner")),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
