"""With the database task backend, as in production, the worker writes the documents."""

from io import StringIO

import pytest
from django.core.management import call_command

from cms.delivery.models import PublishedDocument, RefreshRequest
from cms.pages.models import StandardPage
from tests.factories.departments import make_department
from tests.factories.pages import make_page


@pytest.fixture
def database_queue(settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}


@pytest.mark.django_db(transaction=True)  # The worker closes its connection before it begins.
def test_the_worker_writes_the_documents_of_published_pages(database_queue):
    page = make_page(StandardPage, make_department("allier"))
    assert RefreshRequest.objects.exists()
    assert not PublishedDocument.objects.exists()

    call_command("db_worker", "--batch", "--no-startup-delay", verbosity=0, stdout=StringIO())

    assert PublishedDocument.objects.filter(page_id=page.pk).exists()
    assert not RefreshRequest.objects.exists()
