from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("cms_sites", "0008_freezing"),
    ]

    operations = [
        migrations.RenameField(model_name="department", old_name="frozen_at", new_name="suspended_at"),
    ]
