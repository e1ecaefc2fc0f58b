"""Fields that refuse control characters, odd dates and times and impossible keys, in every form, serializer and model.

Replaces: `ProhibitNullCharactersValidator.__call__`, which refuses NUL only, by a function that refuses all control
    characters; `run_validators` of model fields of texts and dates, and `validate` of form fields of dates, by
    functions that check the value and then call the original; `to_python` and `_check_values` of form fields that
    choose objects, and `to_python` of form fields of texts, likewise; `to_python` of form fields of dates with times,
    by a function that says why a local time is refused.
Why no hook serves: Django and Django REST framework add the validator to each field of texts themselves. Validators of
    single fields would leave out the forms and models of Wagtail and other packages, and each new field; fields copy
    `default_validators` when their class is made, before any application is ready.
Written for: Django 5.2, Django REST framework 3.18.
Upstream issue: none found; https://code.djangoproject.com/ticket/28201 added the validator for NUL.
Test that fails when upstream changes: tests/sites/overrides/test_field_validators.py.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.db import models

from sites.validation.dates import odd_moment_message, validate_plausible_date
from sites.validation.incoming_text import UnacceptableText, refuse_control_characters
from sites.validation.object_keys import refuse_impossible_key

Check = Callable[[Any, Any], None]


def refuse_odd_values() -> None:
    """Let all fields refuse control characters, implausible dates and keys that no database stores.

    To be called once, before a field is used.
    """
    ProhibitNullCharactersValidator.__call__ = _validate_text  # type: ignore[method-assign, assignment]
    for text_field in (models.CharField, models.TextField):
        _check_first(text_field, "run_validators", _validate_text)
    _check_first(models.DateField, "run_validators", _validate_date)
    for date_field in (forms.DateField, forms.DateTimeField):
        _check_first(date_field, "validate", _validate_date)
    _explain_odd_moments()
    _check_first(forms.CharField, "to_python", _validate_typed_text)
    _check_first(forms.ModelChoiceField, "to_python", _validate_key)
    _check_first(forms.ModelMultipleChoiceField, "_check_values", _validate_keys)


def _validate_text(field: object, value: Any) -> None:
    if isinstance(value, str):
        refuse_control_characters(value)


def _validate_typed_text(field: object, value: Any) -> None:
    if isinstance(value, UnacceptableText):
        raise ValidationError(value.reason)


def _validate_date(field: object, value: Any) -> None:
    validate_plausible_date(value)


def _validate_key(field: Any, value: Any) -> None:
    if field.to_field_name in (None, "pk", field.queryset.model._meta.pk.name):
        refuse_impossible_key(value)


def _validate_keys(field: Any, values: Any) -> None:
    for value in values:
        _validate_key(field, value)


def _explain_odd_moments() -> None:
    """Let form fields of dates with times say if a local time does not exist or exists twice; Django says either."""
    original = forms.DateTimeField.to_python

    @wraps(original)
    def to_python(field: forms.DateTimeField, value: Any) -> Any:
        try:
            return original(field, value)
        except ValidationError as error:
            if error.code != "ambiguous_timezone" or not error.params:
                raise
            message = odd_moment_message(error.params["datetime"], str(error.params["current_timezone"]))
            raise ValidationError(message, code=error.code) from error

    forms.DateTimeField.to_python = to_python  # type: ignore[method-assign, assignment]


def _check_first(field_class: type, name: str, check: Check) -> None:
    """Replace a method with one argument by a function that checks the field's argument and calls the method."""
    original = getattr(field_class, name)

    @wraps(original)
    def method(field: Any, value: Any) -> Any:
        check(field, value)
        return original(field, value)

    setattr(field_class, name, method)
