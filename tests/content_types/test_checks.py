"""`manage.py check` names each part that a content type lacks; the declared types lack none."""

import pytest
from django.core.checks import run_checks
from django.utils.module_loading import import_string

from cms.content_types.checks import check_document_types
from cms.content_types.registry import document_type_of, document_types
from tests.factories.pages import PageFactory

pytestmark = pytest.mark.django_db


def messages():
    return {error.id: error.msg for error in run_checks() if error.id.startswith(("content_types.", "pages."))}


def test_the_declared_types_are_complete():
    assert check_document_types(None) == []


def test_each_type_names_the_factory_of_its_model():
    for document_type in document_types():
        factory = import_string(document_type.factory)
        assert issubclass(factory, PageFactory)
        assert document_type_of(factory._meta.model) == document_type


def test_names_and_api_lists_are_unique():
    names = [document_type.name for document_type in document_types()]
    api_lists = [document_type.api_list for document_type in document_types() if document_type.api_list]
    assert len(names) == len(set(names))
    assert len(api_lists) == len(set(api_lists))


def test_a_page_model_without_declaration_is_an_error(training_course_model):
    assert messages() == {"pages.E001": "TrainingCoursePage is not declared as a content type."}


def test_each_missing_part_of_a_type_is_an_error(declare):
    declare(name="training_course", is_listable=True)
    found = messages()
    assert found.pop("pages.E001") == "TrainingCoursePage is not declared as a content type."
    assert {code.removeprefix("content_types."): text.partition(": ")[2] for code, text in found.items()} == {
        "E001": "it names no model.",
        "E002": "it names no serializer.",
        "E003": "it names no reader template.",
        "E004": "it has no `label_plural`.",
        "E006": "it has no search mapping.",
        "E007": "it names no test factory.",
        "E008": "sections may list it, but it has no list in the API (`api_list`).",
    }


def test_parts_that_do_not_exist_are_errors(declare):
    declare(
        name="training_course",
        label="Training course",
        model="pages.TrainingCoursePages",
        serializer="cms.pages.serializers.training_course.training_course_content",
        template="reader/document_training_courses.html",
    )
    errors = check_document_types(None)
    assert {error.id for error in errors} == {f"content_types.E00{number}" for number in (1, 2, 3, 5, 6, 7)}
    untranslated = [error.msg for error in errors if error.id == "content_types.E005"]
    assert any("“Training course”" in message and "“fr”" in message for message in untranslated)
    assert not any("“en”" in message for message in untranslated)
