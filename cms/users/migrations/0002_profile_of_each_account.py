"""Makes the profiles that accounts do not have yet: from now on each gets one when it is created."""

from django.db import migrations


def create_profiles(apps, schema_editor):
    profiles = apps.get_model("wagtailusers", "UserProfile").objects
    accounts = apps.get_model("users", "User").objects.exclude(pk__in=profiles.values("user"))
    profiles.bulk_create([profiles.model(user=account) for account in accounts], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [
        ("users", "0001_initial"),
        ("wagtailusers", "0015_userprofile_keyboard_shortcuts"),
    ]

    operations = [
        migrations.RunPython(create_profiles, migrations.RunPython.noop),
    ]
