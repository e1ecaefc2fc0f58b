"""CSV and XLSX downloads of the admin, whose cells hold no formulas.

Replaces: `SpreadsheetExportMixin.preprocess_field_value`, by a function that calls the original and escapes formulas.
Why no hook serves: Wagtail lets each view declare functions for its fields and types, so that a view of Wagtail or of
    another package, or a new one of this product, would export formulas. The mixin is the only part that they share.
Written for: Wagtail 8.0.
Upstream issue: none found; Wagtail removes the type “formula” from XLSX cells, but not the formulas of CSV files.
Test that fails when upstream changes: tests/sites/overrides/test_spreadsheets.py.
"""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from wagtail.admin.views.mixins import SpreadsheetExportMixin

from sites.validation.spreadsheet_cells import without_formulas


def escape_formulas_in_exports() -> None:
    """Make every spreadsheet export escape formulas. To be called once, when the applications are ready."""
    original = SpreadsheetExportMixin.preprocess_field_value

    def preprocess_field_value(view: SpreadsheetExportMixin, field: str, value: Any, export_format: str) -> Any:
        processed = original(view, field, value, export_format)
        return without_formulas(str(processed)) if isinstance(processed, (str, Promise)) else processed

    SpreadsheetExportMixin.preprocess_field_value = preprocess_field_value
