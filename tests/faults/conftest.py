"""A small department whose documents are public and indexed."""

from io import StringIO

import pytest
from django.core.management import call_command
from wagtail.models import Locale

from cms.pages.models import StandardPage
from tests.factories.departments import make_department
from tests.factories.media import DocumentFactory
from tests.factories.pages import OrganisationFactory, make_page

from .recovery import recover


@pytest.fixture
def each_engine():
    """The steps run on the embedded engine; a module that is about the index replaces this fixture."""


@pytest.fixture
def department(settings, each_engine, search_index):
    settings.SEARCH_UPDATES = "command"
    settings.BACKGROUND_TASKS = settings.DOCUMENT_TASKS = settings.MAIL_TASKS = "default"
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend", "QUEUES": []}}
    return make_department("allier")


@pytest.fixture
def page(department):
    """A page in two languages, shown by another page, that shows a file and an organisation."""
    body = [
        ("organisation", OrganisationFactory()),
        ("document", DocumentFactory(collection=department.collection)),
    ]
    page = make_page(StandardPage, department, title="Chimpanzé", body=body)
    english = page.copy_for_translation(Locale.objects.get(language_code="en"))
    english.title = "Chimpanzee"
    english.save_revision().publish()
    make_page(StandardPage, department, title="Voir aussi", body=[("related", [page])])
    call_command("nightly", stdout=StringIO())
    assert recover() == []
    return page
