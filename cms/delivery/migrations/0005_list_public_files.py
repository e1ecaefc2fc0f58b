"""Has every document made again: the public gets only the files that the publisher lists."""

from importlib import import_module

from django.db import migrations

request_all = import_module("cms.delivery.migrations.0003_name_holders_and_origins").request_all


class Migration(migrations.Migration):
    dependencies = [("delivery", "0004_name_hashes_of_files"), ("cms_media", "0007_document_token")]

    operations = [migrations.RunPython(request_all, migrations.RunPython.noop)]
