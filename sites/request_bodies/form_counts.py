"""The number of forms in the formsets of a request: Django builds as many in each formset as the client names.

Formsets may be nested, as the replies of comments are: Django's own limit, 2,000 forms in each, then allows millions.
"""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.forms import IntegerField
from django.forms.formsets import TOTAL_FORM_COUNT
from django.http import QueryDict

MAX_FORMS = 1_000  # of all formsets of one request

_number = IntegerField(required=False)


def refused_form_count(data: QueryDict) -> tuple[str, str] | None:
    """Return the name and value of the largest number of forms if all together are too many; None if they are not.

    Each form has a field of its own at least, so that there are never more forms than fields. A value that is no number
    counts as 0, since the formset refuses it.
    """
    counts = {name: _read(str(data.get(name, ""))) for name in data if name.endswith(TOTAL_FORM_COUNT)}
    if sum(counts.values()) <= min(MAX_FORMS, len(data)):
        return None
    largest = max(counts, key=lambda name: counts[name])
    return largest, str(data.get(largest, ""))


def _read(value: str) -> int:
    """Return the number as the management form of a formset reads it."""
    try:
        return max(0, _number.clean(value) or 0)
    except ValidationError:
        return 0
