"""Tests that no spreadsheet export of the admin contains a formula, and of the mixin that all of them use."""

import csv
import inspect
import io
from datetime import timedelta

import pytest
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone
from openpyxl import load_workbook
from wagtail.admin.views import mixins
from wagtail.admin.views.mixins import SpreadsheetExportMixin
from wagtail.models import PageLogEntry

from sites.admin.overrides import spreadsheets
from sites.models import AuditLogEntry
from sites.validation.spreadsheet_cells import without_formulas
from tests.factories.departments import make_department
from tests.factories.pages import home_of
from tests.factories.users import make_user

pytestmark = pytest.mark.embedded

FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    '"=1',
    "＝1",
    "nom;=1+1",
    "nom\n=1",
    'a;"=1"',
]
HARMLESS = ["Aide à domicile", "a=b", "une-deux", "a, -b", "nom@example.org", "1 + 1"]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_begins_with_an_apostrophe(text):
    assert "'" in without_formulas(text)
    assert not without_formulas(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


@pytest.mark.parametrize("text", HARMLESS)
def test_other_texts_stay_as_they_are(text):
    assert without_formulas(text) == text


def export_views():
    """Return the view classes of all URLs that export spreadsheets."""
    found = {}

    def walk(resolver):
        for each in resolver.url_patterns:
            if not isinstance(each, URLPattern):
                walk(each)
                continue
            view = inspect.unwrap(each.callback)
            view_class = getattr(view, "view_class", getattr(each.callback, "view_class", None))
            if view_class is not None and issubclass(view_class, SpreadsheetExportMixin):
                found[f"{view_class.__module__}.{view_class.__qualname__}"] = view_class

    walk(get_resolver())
    return found


EXPORTS = export_views()


def test_the_export_views_are_found():
    assert len(EXPORTS) >= 15


@pytest.mark.parametrize("name", EXPORTS)
@pytest.mark.parametrize("export_format", SpreadsheetExportMixin.FORMATS)
def test_every_export_escapes_a_formula_in_every_field(name, export_format):
    view = EXPORTS[name]()
    for field in [*view.list_export, "any other field"]:
        if field in ("action", "content_type"):
            continue  # Names of actions and types, which are keys of the program.
        try:
            value = view.preprocess_field_value(field, "=1+1", export_format)
        except (AttributeError, ValueError, TypeError):
            continue  # The function of the field takes values of another type, which are no texts.
        assert not isinstance(value, str) or value.startswith("'"), field


class Export(SpreadsheetExportMixin):
    list_export = ["text"]
    export_headings = {"text": "Text"}


class Row:
    text = "=cmd|' /C calc'!A0"


def test_files_hold_the_escaped_text():
    lines = b"".join(Export().stream_csv([Row()])).decode()
    assert list(csv.reader(io.StringIO(lines)))[1] == [f"'{Row.text}"]
    output = io.BytesIO()
    Export().write_xlsx([Row()], output)
    cell = load_workbook(io.BytesIO(output.getvalue())).active["A2"]
    assert (cell.value, cell.data_type) == (f"'{Row.text}", "s")


def test_rows_of_both_formats_are_made_from_preprocess_field_value():
    for method in (SpreadsheetExportMixin.write_csv_row, SpreadsheetExportMixin.generate_xlsx_row):
        assert "self.preprocess_field_value(" in inspect.getsource(method)
    assert "force_str" in inspect.getsource(mixins.SpreadsheetExportMixin.get_preprocess_function)


@pytest.mark.django_db
@pytest.mark.parametrize("export_format", ["csv", "xlsx"])
@pytest.mark.parametrize("report", ["department_reports:audit_log", "department_reports:site_history"])
def test_a_list_that_is_too_long_is_not_downloaded(client, monkeypatch, report, export_format):
    """Its rows are neither loaded nor written; a narrower list of the same screen is."""
    allier = make_department("allier")
    user = make_user("administrator", groups=["allier:administrator"])
    client.force_login(user)
    page = home_of(allier, "fr")
    now = timezone.now()
    for number in range(4):
        AuditLogEntry.objects.create(action="login", department=allier, department_code=allier.code, account_id=user.pk)
        PageLogEntry.objects.log_action(page, "wagtail.edit", user=user, timestamp=now - timedelta(days=number))
    monkeypatch.setattr(spreadsheets, "MAX_ROWS", 3)

    response = client.get(reverse(report), {"export": export_format, "timestamp_from": "2000-01-01"})
    assert response.status_code == 302
    assert response.url == f"{reverse(report)}?timestamp_from=2000-01-01"
    assert "plus de 3 lignes" in client.get(response.url).content.decode()

    tomorrow = (timezone.localdate(now) + timedelta(days=1)).isoformat()
    response = client.get(reverse(report), {"export": export_format, "timestamp_from": tomorrow})
    assert response.status_code == 200
    assert "attachment" in response["Content-Disposition"]
