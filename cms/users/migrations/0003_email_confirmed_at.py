"""Adds the time at which an address was confirmed, which accepted invitations prove for existing accounts."""

from django.db import migrations, models
from django.db.models.functions import Lower


def confirm_invited_addresses(apps, schema_editor):
    """Confirm the addresses to which an invitation was sent that the account has accepted."""
    User = apps.get_model("users", "User")
    accepted = apps.get_model("cms_sites", "Invitation").objects.exclude(accepted_by=None)
    for invitation in accepted.order_by("accepted_at").iterator():
        accounts = User.objects.annotate(lower_email=Lower("email"))
        accounts.filter(pk=invitation.accepted_by_id, lower_email=invitation.email).update(
            email_confirmed_at=invitation.accepted_at
        )


class Migration(migrations.Migration):
    dependencies = [
        ("users", "0002_profile_of_each_account"),
        ("cms_sites", "0009_rename_frozen_at"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="email_confirmed_at",
            field=models.DateTimeField(
                blank=True, editable=False, null=True, verbose_name="email address confirmed at"
            ),
        ),
        migrations.RunPython(confirm_invited_addresses, migrations.RunPython.noop),
    ]
