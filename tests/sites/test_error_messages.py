"""Errors of fields are in the language of the user, whatever library finds them."""

import copy
import re

import pytest
from django import forms
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import get_resolver
from django.utils import translation

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

TEXTS = (
    *("", "x" * 400, "<", "javascript:alert(1)", "-1", "9" * 15, "[]", "{", "é@", "2027-13-45", "a\x92b", "1066-01-01"),
    *("00:00", "https://", "#12"),
)
FILES = (("x", b"abc"), ("x.vtt", b"abc"), ("x.png", b"abc"), ("x.mp4", b""), ("x.docx", b"PK\x03\x04"))
ENGLISH = re.compile(
    r"\b(the|is|not|must|invalid|enter|this|please|required|allowed|should|cannot|and|of|valid|select|choose)\b",
    re.IGNORECASE,
)


def form_classes(base=forms.BaseForm):
    get_resolver().url_patterns  # noqa: B018 (loads the views and their forms)
    for subclass in base.__subclasses__():
        yield subclass
        yield from form_classes(subclass)


def messages_of(clean, value):
    try:
        clean(value)
    except ValidationError as error:
        return error.messages
    except (AttributeError, TypeError, ValueError):  # A file in a field of texts, or text in one of bytes.
        pass
    return []


def test_errors_of_forms_are_in_french():
    values = [*TEXTS, *(SimpleUploadedFile(name, content) for name, content in FILES)]
    found, number = {}, 0
    with translation.override("fr"):
        for form in set(form_classes()):
            for name, field in getattr(form, "base_fields", {}).items():
                for value in values:
                    for message in messages_of(copy.deepcopy(field).clean, value):
                        number += 1
                        if ENGLISH.search(message):
                            found[message] = f"{form.__qualname__}.{name}"
    assert number > 1000
    assert found == {}


def test_errors_of_models_are_in_french():
    found, number = {}, 0
    with translation.override("fr"):
        for model in apps.get_models():
            for field in model._meta.concrete_fields:
                values = FILES if field.get_internal_type() == "FileField" else TEXTS
                for value in values:
                    file = SimpleUploadedFile(*value) if isinstance(value, tuple) else value
                    for message in messages_of(lambda value, field=field: field.clean(value, None), file):
                        number += 1
                        if ENGLISH.search(message):
                            found[message] = f"{model._meta.label}.{field.name}"
    assert number > 1000
    assert found == {}
