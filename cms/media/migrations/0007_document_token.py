from django.db import migrations, models

import cms.media.uploads.file_paths


class Migration(migrations.Migration):
    dependencies = [("cms_media", "0006_fill_tokens_and_sizes")]

    operations = [
        migrations.AlterField(
            model_name="customdocument",
            name="token",
            field=models.CharField(
                default=cms.media.uploads.file_paths.new_token,
                editable=False,
                max_length=32,
                unique=True,
                verbose_name="part of the address",
            ),
        ),
    ]
