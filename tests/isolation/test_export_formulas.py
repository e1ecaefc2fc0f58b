"""No cell of any export of the admin is a formula, whatever the names and titles of a department are."""

import csv
import io
import re

import pytest
from django.apps import apps
from openpyxl import load_workbook

from .targets import admin_targets, reason_to_skip

pytestmark = [pytest.mark.embedded, pytest.mark.usefixtures("uninstrumented_templates")]

FORMULA = "=HYPERLINK(1)"
STARTS = re.compile(r"[\s\"']*[=+\-@＝＋－＠]")
# The texts that people of a department write, and copies of them.
TEXTS = {
    "cms_sites.Department": ["name"],
    "cms_sites.Invitation": ["email"],
    "cms_media.CustomImage": ["title"],
    "cms_media.CustomDocument": ["title"],
    "cms_media.Video": ["title"],
    "cms_media.Consent": ["person_name"],
    "pages.Organisation": ["name"],
    "pages.Person": ["name"],
    "cms_search.Promotion": ["words"],
    "users.User": ["first_name", "last_name"],
    "wagtailcore.Page": ["title", "draft_title", "seo_title"],
    "wagtailcore.Collection": ["name"],
    "wagtailcore.ModelLogEntry": ["label"],
    "wagtailcore.PageLogEntry": ["label"],
    "wagtailcore.Task": ["name"],
    "wagtailcore.Workflow": ["name"],
    "wagtailredirects.Redirect": ["old_path"],
    "wagtail_localize.TranslationSource": ["object_repr"],
}


@pytest.fixture
def formulas(fixture_data):
    for label, names in TEXTS.items():
        rows = apps.get_model(label)._base_manager.all()
        for number, pk in enumerate(rows.values_list("pk", flat=True)):
            rows.filter(pk=pk).update(**dict.fromkeys(names, f"{FORMULA}{number}"))


def exports(client, fixture_data):
    """Yield the URL, the format and the content of each export of a screen about the own objects."""
    for target in admin_targets(fixture_data, "own"):
        if reason_to_skip(target.endpoint, "own") or "?" in target.url:
            continue
        for kind in ("csv", "xlsx"):
            response = client.get(f"{target.url}?export={kind}")
            content = b"".join(response) if response.streaming else response.content
            if (
                response.get("Content-Disposition", "").startswith("attachment")
                and f".{kind}" in response.headers["Content-Disposition"]
            ):
                yield target.url, kind, content


def cells(kind, content):
    if kind == "csv":
        return [cell for row in csv.reader(io.StringIO(content.decode())) for cell in row]
    sheet = load_workbook(io.BytesIO(content)).active
    return [cell for row in sheet.iter_rows(values_only=True) for cell in row if isinstance(cell, str)]


def test_no_cell_is_a_formula(login_as, fixture_data, formulas):
    client = login_as("administrator")
    client.raise_request_exception = False
    found, neutral = [], set()
    for url, kind, content in exports(client, fixture_data):
        for cell in cells(kind, content):
            if FORMULA in cell and cell.startswith("'"):
                neutral.add(url.removesuffix("results/").rstrip("/").rpartition("/")[2])
            elif STARTS.match(cell) and not re.fullmatch(r"-?[\d.,]+", cell):
                found.append(f"{url} {kind}: {cell}")
    assert found == []
    assert neutral >= {"translations", "audit-log", "site-history", "workflow", "redirects", "aging-pages"}
