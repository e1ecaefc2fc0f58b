"""Writing a translated page in one transaction, with the record of its revision before its publication.

Replaces: `TranslationSource.create_or_update_translation`, by a method that calls the original in a transaction.
Why no hook serves: wagtail-localize publishes after its own transaction, and adds the row of TranslationLog, from which
    the record is made, after that. Outside a transaction of the caller the page would be public without a record.
Written for: wagtail-localize 1.14.5.
Upstream issue: none found.
Test that fails when upstream changes: tests/translations/test_overrides.py.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from wagtail_localize.models import TranslationSource

_create_or_update_translation: Any = TranslationSource.create_or_update_translation


def write_translated_pages_in_one_transaction() -> None:
    """Replace wagtail-localize's method. Called once, when the applications are ready."""
    TranslationSource.create_or_update_translation = create_or_update_translation


def create_or_update_translation(source: TranslationSource, *args: Any, **kwargs: Any) -> Any:
    """Write the page or snippet in a language, with a revision and its record, and publish it after the commit.

    Takes, returns and raises what the original does. A ValidationError leaves the errors that it has stored at the
    translated texts.
    """
    error = None
    with transaction.atomic():
        try:
            result = _create_or_update_translation(source, *args, **kwargs)
        except ValidationError as refusal:  # The original rolls back the page, and keeps the errors of the texts.
            error = refusal
    if error is not None:
        raise error
    return result
