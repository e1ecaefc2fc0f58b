"""Parsing of query parameters. An unknown parameter or value is an error that names it, and is never ignored."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.conf import settings
from django.http import QueryDict

from cms.content_types.registry import document_types
from sites.models import Department

from .errors import InvalidParameter, RepeatedParameter, UnknownParameter

MAX_VALUES = 50  # of a parameter that takes several


def parse_query_parameters(query: QueryDict, known: Sequence[str]) -> dict[str, str]:
    """Return the query parameters by name; raise UnknownParameter or RepeatedParameter."""
    for name, values in query.lists():
        if name not in known:
            raise UnknownParameter(name, str(values[0]), known)
        if len(values) > 1:
            raise RepeatedParameter(name, [str(value) for value in values])
    return {name: str(value) for name, value in query.items()}


def positive_integer(parameters: dict[str, str], name: str, default: int, maximum: int | None = None) -> int:
    """Return a parameter as a number from 1 to `maximum`, or the default; raise InvalidParameter."""
    if name not in parameters:
        return default
    value = parameters[name]
    allowed = f"a whole number from 1 to {maximum}" if maximum else "a whole number from 1"
    if not re.fullmatch("[0-9]+", value):
        raise InvalidParameter(name, value, allowed)
    try:
        number = int(value)
    except ValueError:  # Python does not convert thousands of digits.
        raise InvalidParameter(name, value, allowed) from None
    if number < 1 or (maximum and number > maximum):
        raise InvalidParameter(name, value, allowed)
    return number


def validate_locale(value: str) -> str:
    """Return the value if it is a language code of this instance; raise InvalidParameter."""
    return validate_choice("locale", value, [code for code, _name in settings.WAGTAIL_CONTENT_LANGUAGES])


def validate_document_type(value: str) -> str:
    """Return the value if it is a type of document; raise InvalidParameter."""
    return validate_choice("type", value, [document_type.name for document_type in document_types()])


def department_by_slug(slug: str) -> Department:
    """Return the department with a slug, with only its key and slug loaded; raise InvalidParameter. One query."""
    return departments_by_slug([slug])[0]


def departments_by_slug(slugs: Sequence[str]) -> list[Department]:
    """Return the departments with these slugs, in this order; raise InvalidParameter for the first unknown. One query.

    Only their keys and slugs are loaded.
    """
    # All departments, about a hundred: the error lists the valid slugs, and the caller's text (possibly with NUL, which
    # PostgreSQL refuses) never reaches the database.
    departments = {department.slug: department for department in Department.objects.only("slug")}
    return [departments[validate_choice("department", slug, list(departments))] for slug in slugs]


def several_values(name: str, text: str) -> tuple[str, ...]:
    """Return the different values of a parameter, which are separated by commas; raise InvalidParameter.

    There are at most MAX_VALUES, and none is empty.
    """
    values = tuple(dict.fromkeys(value.strip() for value in text.split(",")))
    if not all(values):
        raise InvalidParameter(name, text, "values separated by commas, none of them empty")
    if len(values) > MAX_VALUES:
        raise InvalidParameter(name, text, f"at most {MAX_VALUES} different values, separated by commas")
    return values


def validate_choice(name: str, value: str, allowed: list[str]) -> str:
    """Return the value if it is allowed; raise InvalidParameter."""
    if value not in allowed:
        raise InvalidParameter(name, value, allowed)
    return value
