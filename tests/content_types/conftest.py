"""A page model that exists while the tests of this package run, and its declaration."""

import importlib
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.urls import clear_url_caches
from wagtail.models import get_page_models
from wagtail.models.pages import PAGE_MODEL_CLASSES

import cms.api.urls
import cms.urls
from cms.content_types import declarations
from cms.content_types.document_type import DocumentType

MODULE = "tests.content_types.training_course"
TEMPLATES = Path(__file__).parent / "templates"


@pytest.fixture(scope="module")
def training_course_model(django_db_setup, django_db_blocker):
    """The model TrainingCoursePage, registered and with its table, both removed after the module's last test."""
    model = importlib.import_module(MODULE).TrainingCoursePage
    _forget_allowed_page_types()
    # Outside any transaction: SQLite cannot change its schema inside one.
    with django_db_blocker.unblock(), connection.schema_editor() as editor:
        editor.create_model(model)
    yield model
    with django_db_blocker.unblock(), connection.schema_editor() as editor:
        editor.delete_model(model)
    apps.all_models["pages"].pop("trainingcoursepage")
    apps.clear_cache()
    PAGE_MODEL_CLASSES.remove(model)
    _forget_allowed_page_types()
    del sys.modules[MODULE]


@pytest.fixture
def declare(training_course_model, monkeypatch, settings):
    """`declare(name="training_course", …)`: add a content type with these parts until the end of the test."""
    declared = declarations.DOCUMENT_TYPES

    def declare(**parts):
        monkeypatch.setattr(declarations, "DOCUMENT_TYPES", (*declared, DocumentType(**parts)))
        settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [TEMPLATES]}]
        _build_urls()

    yield declare
    monkeypatch.undo()
    _build_urls()
    # The cache has the key of a row that the rollback removes.
    ContentType.objects.clear_cache()


def _build_urls():
    """Make the URL patterns of the API from the present declarations."""
    importlib.reload(cms.api.urls)
    importlib.reload(cms.urls)
    clear_url_caches()


def _forget_allowed_page_types():
    """Clear what Wagtail has cached of the allowed parents and children of page models."""
    for model in get_page_models():
        model._clean_subpage_models = model._clean_parent_page_models = None
