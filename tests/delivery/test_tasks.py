"""The request writes the documents of its own pages; a worker or a thread writes those of the other pages."""

from io import StringIO

import pytest
from django.core.management import call_command
from django_tasks_db.models import DBTaskResult

from cms.delivery.models import PublishedDocument, RefreshRequest
from cms.pages.models import CampaignPage, ProfessionPage, StandardPage
from tests.factories.departments import make_department
from tests.factories.pages import make_page


@pytest.fixture
def database_queue(settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    settings.DOCUMENT_TASKS = settings.BACKGROUND_TASKS = "default"


def title_shown_by(page):
    return PublishedDocument.objects.get(page_id=page.pk).data["content"]["target_professions"][0]["title"]


@pytest.mark.django_db(transaction=True)  # The worker closes its connection before it begins.
def test_the_worker_writes_the_documents_of_other_pages(database_queue):
    department = make_department("allier")
    profession = make_page(ProfessionPage, department, title="Avant")
    campaign = make_page(CampaignPage, department, target_professions=[("page", profession)])
    call_command("db_worker", "--batch", "--no-startup-delay", verbosity=0, stdout=StringIO())

    profession.title = "Après"
    profession.save_revision().publish()
    assert PublishedDocument.objects.get(page_id=profession.pk).title == "Après"
    assert title_shown_by(campaign) == "Avant"

    call_command("db_worker", "--batch", "--no-startup-delay", verbosity=0, stdout=StringIO())
    assert title_shown_by(campaign) == "Après"
    assert not RefreshRequest.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_request_does_not_process_the_requests_of_others(database_queue):
    department = make_department("allier")
    call_command("db_worker", "--batch", "--no-startup-delay", verbosity=0, stdout=StringIO())
    other = make_page(StandardPage, department, title="Avant")
    StandardPage.objects.filter(pk=other.pk).update(title="Après")
    left = RefreshRequest.objects.bulk_create(RefreshRequest.for_pages([other.pk]))

    make_page(StandardPage, department)

    assert RefreshRequest.objects.filter(pk=left[0].pk).exists()
    assert PublishedDocument.objects.get(page_id=other.pk).title == "Avant"


@pytest.mark.django_db(transaction=True)
def test_tasks_of_a_deleted_page_are_done(database_queue):
    page = make_page(StandardPage, make_department("allier"))
    page.delete()
    assert DBTaskResult.objects.ready().filter(args_kwargs__args__2=str(page.pk)).count() >= 2
    call_command("db_worker", "--batch", "--no-startup-delay", verbosity=0, stdout=StringIO())
    assert not DBTaskResult.objects.ready().exists()
    assert list(DBTaskResult.objects.failed()) == []
