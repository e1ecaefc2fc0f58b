"""Rename the model of cache versions and two fields; the content of the tables stays."""

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cms_search", "0007_promotion_position")]

    operations = [
        migrations.RenameModel("Edition", "CacheVersion"),
        migrations.AlterModelOptions(
            "CacheVersion", {"verbose_name": "cache version", "verbose_name_plural": "cache versions"}
        ),
        migrations.RenameField("CacheVersion", "mark", "version"),
        migrations.AlterField(
            "CacheVersion", "version", models.UUIDField(default=uuid.uuid4, verbose_name="version")
        ),
        # A constraint does not follow the new name of its field.
        migrations.RemoveConstraint("SearchedWords", "one_row_per_search_and_day"),
        migrations.RenameField("SearchedWords", "subject", "search_key"),
        migrations.AlterField(
            "SearchedWords", "search_key", models.CharField(max_length=64, verbose_name="search key")
        ),
        migrations.AddConstraint(
            "SearchedWords",
            models.UniqueConstraint(fields=("search_key", "day"), name="one_row_per_search_and_day"),
        ),
    ]
