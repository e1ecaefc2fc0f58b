"""Has every document made again: files now come with the hash of their content."""

from importlib import import_module

from django.db import migrations

request_all = import_module("cms.delivery.migrations.0003_name_holders_and_origins").request_all


class Migration(migrations.Migration):
    dependencies = [("delivery", "0003_name_holders_and_origins")]

    operations = [migrations.RunPython(request_all, migrations.RunPython.noop)]
