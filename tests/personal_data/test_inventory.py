"""Tests that docs/personal-data.md lists the fields of all models that hold personal data, and no others."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import EmailField, GenericIPAddressField

from cms.personal_data.personal_fields import (
    ADDRESS_FIELDS,
    DECLARED_FIELDS,
    NAME_FIELDS,
    account_references,
    personal_fields,
)

pytestmark = pytest.mark.embedded

DOCUMENT = Path(__file__).parents[2] / "docs" / "personal-data.md"
SUSPICIOUS = re.compile(
    r"person(?!al)|first_?name|last_?name|user_?name|phone|mobile|contact|avatar|author|credit|speaker|proof|birth"
    r"|postal|e?_?mail|session_data|recipient|ip_address|remote_addr|client"
)


def documented_fields():
    rows = re.findall(r"^\| `(\w+\.\w+)` \| ([^|]+) \|", DOCUMENT.read_text(), re.MULTILINE)
    return {(label, name) for label, names in rows for name in re.findall(r"`(\w+)`", names)}


def test_the_document_lists_exactly_the_fields_of_the_inventory():
    assert documented_fields() == personal_fields()


def test_every_field_that_looks_like_personal_data_is_in_the_inventory():
    known = personal_fields()
    found = {
        (model._meta.label, field.name)
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.local_concrete_fields
        if isinstance(field, (EmailField, GenericIPAddressField)) or SUSPICIOUS.search(field.name)
    }
    assert {(label, name) for label, name in found if not is_reference_to_content(label, name)} - known == set()


def is_reference_to_content(label, name):
    """Return True for a field that is a key of a declared row, or a preference."""
    field = apps.get_model(label)._meta.get_field(name)
    return field.is_relation or field.get_internal_type() == "BooleanField" or (label, name) in NOT_ABOUT_PERSONS


NOT_ABOUT_PERSONS = {
    ("pages.ProfessionPage", "interpersonal_skills"): "skills of a profession",
}


def test_declared_fields_exist():
    for label, names in DECLARED_FIELDS.items():
        for name in names:
            assert apps.get_model(label)._meta.get_field(name)
    assert {*ADDRESS_FIELDS, *NAME_FIELDS} <= personal_fields()
    assert len(list(account_references())) > 20
