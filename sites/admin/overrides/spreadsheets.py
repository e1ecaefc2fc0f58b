"""CSV and XLSX downloads of the admin, whose cells hold no formulas, and which have a limited number of rows.

Replaces: `SpreadsheetExportMixin.preprocess_field_value`, by a function that calls the original and escapes formulas;
    `SpreadsheetExportMixin.get_paginate_by`, by one that counts the rows before they are loaded; and adds `dispatch`.
Why no hook serves: Wagtail lets each view declare functions for its fields and types, so that a view of Wagtail or of
    another package, or a new one of this product, would export formulas, and any number of rows within one request.
    The mixin is the only part that they share.
Written for: Wagtail 8.0.
Upstream issue: none found; Wagtail removes the type “formula” from XLSX cells, but not the formulas of CSV files.
Test that fails when upstream changes: tests/sites/overrides/test_spreadsheets.py.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from wagtail.admin.views.mixins import SpreadsheetExportMixin

from sites.validation.spreadsheet_cells import without_formulas

# A row of a log costs about a millisecond, and the request makes them all.
MAX_ROWS = 5000


class TooManyRows(Exception):
    """Raised for an export of more than MAX_ROWS rows."""


def escape_formulas_in_exports() -> None:
    """Make every spreadsheet export escape formulas. To be called once, when the applications are ready."""
    original = SpreadsheetExportMixin.preprocess_field_value

    def preprocess_field_value(view: SpreadsheetExportMixin, field: str, value: Any, export_format: str) -> Any:
        processed = original(view, field, value, export_format)
        return without_formulas(str(processed)) if isinstance(processed, (str, Promise)) else processed

    SpreadsheetExportMixin.preprocess_field_value = preprocess_field_value


def limit_rows_of_exports() -> None:
    """Make every spreadsheet export with too many rows return to its list, with a message. To be called once."""
    original = SpreadsheetExportMixin.get_paginate_by

    def get_paginate_by(view: Any, queryset: Any) -> int | None:
        if view.is_export and (len(queryset) if isinstance(queryset, list) else queryset.count()) > MAX_ROWS:
            raise TooManyRows
        rows: int | None = original(view, queryset)
        return rows

    def dispatch(view: Any, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response: HttpResponseBase = super(SpreadsheetExportMixin, view).dispatch(request, *args, **kwargs)
        except TooManyRows:
            message = _("The list has more than %(number)d rows. Narrow it with the filters, then download it.")
            messages.error(request, message % {"number": MAX_ROWS})
            filters = request.GET.copy()
            del filters["export"]
            return redirect(f"{request.path}?{filters.urlencode()}")
        return response

    SpreadsheetExportMixin.get_paginate_by = get_paginate_by
    SpreadsheetExportMixin.dispatch = dispatch
