"""Replaces the names and e-mail addresses in the log of members by references to accounts and invitations."""

from django.conf import settings
from django.db import migrations
from django.db.models import Q

ACTIONS = [
    f"cms_sites.{action}"
    for action in ("invite", "revoke_invitation", "accept_invitation", "change_roles", "remove_member", "close_account")
]
ABOUT_INVITATIONS = ("cms_sites.invite", "cms_sites.revoke_invitation")


def refer_to_accounts(apps, schema_editor):
    app_label, model_name = settings.AUTH_USER_MODEL.split(".")
    accounts = apps.get_model(app_label, model_name).objects.all()
    invitations = apps.get_model("cms_sites", "Invitation").objects.order_by("-pk")
    for entry in apps.get_model("wagtailcore", "ModelLogEntry").objects.filter(action__in=ACTIONS).iterator():
        person = entry.data.pop("person", None)
        if person is None:
            continue
        if entry.action in ABOUT_INVITATIONS:
            found = invitations.filter(email=person, department=entry.object_id).first()
            if found is not None:
                entry.data["invitation"] = found.pk
        else:
            first, _space, last = person.partition(" ")
            named = accounts.filter(Q(username=person) | Q(first_name=first, last_name=last))[:2]
            if len(named) == 1:
                entry.data["account"] = named[0].pk
        entry.save(update_fields=["data"])


def remove_names_of_deleted_accounts(apps, schema_editor):
    """Replace the labels of log entries about accounts that exist no more: the label was the name."""
    app_label, model_name = settings.AUTH_USER_MODEL.split(".")
    model = apps.get_model(app_label, model_name)
    types = apps.get_model("contenttypes", "ContentType").objects.filter(app_label=app_label, model=model_name.lower())
    existing = {str(key) for key in model.objects.values_list("pk", flat=True)}
    for entry in apps.get_model("wagtailcore", "ModelLogEntry").objects.filter(content_type__in=types).iterator():
        if entry.object_id not in existing:
            entry.label = f"{model._meta.verbose_name} {entry.object_id}"
            entry.save(update_fields=["label"])


class Migration(migrations.Migration):
    dependencies = [
        ("cms_sites", "0010_audit_log"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("wagtailcore", "0093_uploadedfile"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(refer_to_accounts, migrations.RunPython.noop),
        migrations.RunPython(remove_names_of_deleted_accounts, migrations.RunPython.noop),
    ]
