"""Tests of each known leak of stock Wagtail, by its number: open without access control, and closed with it."""

import ast
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse
from wagtail.models import Site

from tests.factories.pages import home_of

from .fixture_data import MARK, make_actor

pytestmark = pytest.mark.embedded

TESTS = Path(__file__).resolve().parents[1]
GUARD = "sites.middleware.DepartmentAccessMiddleware"
MATRIX = "isolation/test_matrix.py::test_nothing_of_another_department_is_read_or_written"
ACCOUNTS, SNIPPETS = "isolation/test_accounts.py::test_", "isolation/test_snippets.py::test_"
REFERENCES, LINKS = "isolation/test_references.py::test_", "isolation/test_links.py::test_"
TRANSLATION, FILES = "isolation/test_translation.py::test_", "media/test_serving.py::test_"
V2, V3 = "api/test_v2.py::test_", "api/test_v3.py::test_"
SCREENS = "isolation/test_"
REPORTS = SCREENS + "reports.py::test_a_report_shows_the_own_rows_and_nothing_of_another_department"
HERE = "isolation/test_findings.py::test_"


@dataclass(frozen=True)
class Finding:
    """A known leak. `stock` has a URL name and the other department's object; `closed_by` names tests."""

    hole: str
    closed_by: tuple[str, ...]
    stock: tuple[str, str] | None = None


FINDINGS = {
    "C1": Finding(
        "whoever may change users becomes a superuser",
        (ACCOUNTS + "nobody_becomes_a_superuser_or_gets_a_permission",
         ACCOUNTS + "foreign_members_and_superusers_answer_404"),
        ("wagtailusers_users:edit", "user"),
    ),
    "C2": Finding(
        "whoever may change groups grants them everything",
        (ACCOUNTS + "a_forged_group_is_refused", ACCOUNTS + "wagtails_screens_for_users_groups_and_tokens_are_closed"),
        ("wagtailusers_groups:edit", "group"),
    ),
    "C3": Finding("tokens are made for others", (ACCOUNTS + "no_role_makes_tokens_of_wagtails_api",)),
    "C4": Finding(
        "snippets have no scope by row",
        (SNIPPETS + "screens_are_isolated_even_without_the_access_middleware",
         SNIPPETS + "writers_open_the_screens_of_their_departments_snippets_only"),
    ),
    "C5": Finding(
        "translation is one global permission",
        (TRANSLATION + "synchronising_publishes_only_with_permission",
         TRANSLATION + "pages_are_submitted_only_for_the_departments_languages"),
        ("wagtail_localize:update_translations", "source"),
    ),
    "C6": Finding(
        "pages refer to another department's things by their keys",
        (REFERENCES + "page_with_a_foreign_reference_is_refused_with_a_field_error",
         REFERENCES + "refused_form_reveals_nothing_of_the_other_department",
         REFERENCES + "foreign_reference_saved_without_the_form_is_not_published",
         TRANSLATION + "override_cannot_refer_to_another_department"),
    ),
    "H1": Finding(
        "a translator stores a link that runs a script",
        (TRANSLATION + "a_translator_stores_no_script_link",
         LINKS + "harmful_links_stored_without_validation_are_not_published",
         LINKS + "harmful_override_stored_without_validation_is_not_published"),
    ),
    "H2": Finding(
        "a translator makes a live alias", (TRANSLATION + "only_a_publisher_stops_a_translation_or_makes_an_alias",)
    ),
    "H3": Finding(
        "a translator stops the translation, or changes the strings of a locked page",
        (TRANSLATION + "only_a_publisher_stops_a_translation_or_makes_an_alias",
         TRANSLATION + "strings_of_a_locked_page_are_not_changed",
         TRANSLATION + "a_locked_page_is_not_published_through_its_translation"),
    ),
    "H4": Finding(
        "a translator of one language edits snippets in all",
        (TRANSLATION + "a_shared_snippet_is_translated_by_its_owner_only",),
    ),
    "H5": Finding(
        "redirects are global",
        (
            SCREENS + "redirects.py::test_redirect_of_another_department_answers_404",
            SCREENS + "redirects.py::test_redirect_for_all_sites_or_a_foreign_site_is_refused",
            SCREENS + "redirects.py::test_a_redirect_of_a_department_acts_on_its_own_host_only",
        ),
        ("wagtailredirects:edit", "redirect"),
    ),
    "H6": Finding("the explorer shows departments side by side", (HERE + "the_explorer_is_confined_to_the_container",)),
    "H7": Finding(
        "the page chooser shows all departments",
        (HERE + "choosers_and_the_admins_api_show_the_own_rows_only",),
        ("wagtailadmin_choose_page_chosen_multiple", "page"),
    ),
    "H8": Finding(
        "the admin's API lists all images and documents",
        (HERE + "choosers_and_the_admins_api_show_the_own_rows_only",),
    ),
    "H9": Finding("bulk actions name any row", (MATRIX,), ("wagtail_bulk_action", "page")),
    "H10": Finding(
        "workflows and tasks are global",
        (
            SCREENS + "workflows.py::test_workflow_of_another_department_answers_404",
            SCREENS + "workflows.py::test_a_step_of_another_department_is_not_taken_over",
            SCREENS + "workflows.py::test_a_task_of_another_department_is_not_acted_on_through_an_own_page",
        ),
        ("wagtailadmin_workflows:edit", "workflow"),
    ),
    "H11": Finding("sites are global", (MATRIX,), ("wagtailsites:edit", "site")),
    "H12": Finding("search promotions are global", (HERE + "search_promotions_are_not_installed",)),
    "H13": Finding("copying writes over a row", (SNIPPETS + "no_copy_view_overwrites_a_snippet",)),
    "M1": Finding("the report of translations names all departments'", (REPORTS, MATRIX)),
    "M2": Finding("reports are narrowed by model only", (REPORTS, MATRIX), ("wagtailadmin_reports:site_history", "")),
    "M3": Finding("filters name all users and sites", (HERE + "filters_offer_the_own_people_only",)),
    "M4": Finding(
        "confirmations name any page",
        (SCREENS + "workflows.py::test_workflow_cancellation_is_limited_to_own_pages", MATRIX),
        ("wagtailadmin_pages:confirm_workflow_cancellation", "draft")
    ),
    "M5": Finding(
        "one list of tags for all",
        (HERE + "choosers_and_the_admins_api_show_the_own_rows_only",),
        ("wagtailadmin_tag_autocomplete", "?term=z"),
    ),
    "M6": Finding(
        "snippet choosers show all rows",
        (SNIPPETS + "the_list_shows_all_shared_rows_with_their_owner_and_the_own_media_only", MATRIX),
    ),
    "M7": Finding(
        "a synchronised language copies every department's pages",
        ("sites/test_locales.py::test_locale_form_ignores_synchronisation_fields",),
    ),
    "M8": Finding(
        "a malformed upload of translations fails",
        (TRANSLATION + "a_bad_po_file_is_refused_with_a_message", TRANSLATION + "missing_value_is_refused"),
    ),
    "M9": Finding("the API lists redirects of all sites", (V2 + "other_endpoints_do_not_exist",)),
    "M10": Finding(
        "the API lists all files, and private ones stand at plain addresses",
        (V2 + "only_public_files_of_public_pages_are_listed",
         FILES + "only_members_of_the_department_read_a_private_collection"),
    ),
    "M11": Finding("the API answers for a site that a parameter names", (V2 + "another_site_or_language_is_refused",)),
    "M12": Finding("relations show titles of private pages", (V2 + "relations_to_hidden_pages_are_null",)),
    "M13": Finding("the API reads the cookie of a session", (V2 + "responses_do_not_depend_on_the_session",)),
    "M14": Finding("version 3 shows its schema to all", (V3 + "it_is_off_by_default",)),
    "L2": Finding(
        "an unknown host gets the default site", (HERE + "host_without_a_department_shows_no_department_content",)
    ),
}  # fmt: skip
STOCK = {number: finding for number, finding in FINDINGS.items() if finding.stock}


@pytest.fixture
def login(client):
    def login(role):
        client.force_login(make_actor(role))
        return client

    return login


def test_every_finding_is_accounted_for():
    numbers = [
        f"{severity}{number}" for severity, last in (("C", 6), ("H", 13), ("M", 14)) for number in range(1, last + 1)
    ]
    assert list(FINDINGS) == [*numbers, "L2"]


@pytest.mark.parametrize("number", FINDINGS)
def test_the_tests_that_close_it_exist(number):
    for test in FINDINGS[number].closed_by:
        path, _separator, name = test.partition("::")
        tree = ast.parse((TESTS / path).read_text())
        assert name in {each.name for each in tree.body if isinstance(each, ast.FunctionDef)}, test


@pytest.mark.parametrize("number", STOCK)
def test_it_is_open_in_wagtail_and_closed_here(fixture_data, settings, number):
    """A leak that the matrix finds closed is open in Wagtail itself, so the matrix can detect it."""
    url = url_of(number, fixture_data)
    user = make_actor("overgranted")
    guarded, stock = Client(), Client()
    for client in (guarded, stock):
        client.force_login(user)
    answer = guarded.get(url)
    assert MARK not in answer.content.decode().lower()
    assert answer.status_code == 404 or number in ("M2", "M5")
    settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if each != GUARD]
    settings.ROOT_URLCONF = "tests.isolation.stock_urls"
    assert MARK in stock.get(url).content.decode().lower()


def url_of(number, fixture_data):
    name, kind = STOCK[number].stock
    if not kind or kind.startswith("?"):
        return reverse(name) + kind
    theirs = fixture_data.theirs.department.site if kind == "site" else getattr(fixture_data.theirs, kind)
    if number in ("H7", "H9"):
        arguments = ["wagtailcore", "page", "delete"] if number == "H9" else []
        return f"{reverse(name, args=arguments)}?id={theirs.pk}"
    return reverse(name, args=[theirs.pk])


def test_the_explorer_is_confined_to_the_container(login, fixture_data):
    """H6."""
    client = login("editor")
    ours, theirs = home_of(fixture_data.ours.department), home_of(fixture_data.theirs.department)
    assert client.get(reverse("wagtailadmin_explore", args=[ours.pk])).status_code == 200
    for name in ("wagtailadmin_explore", "wagtailadmin_explore_results", "wagtailadmin_choose_page_child"):
        assert client.get(reverse(name, args=[theirs.pk])).status_code == 404
    root = ours.get_parent().get_parent()
    shown = client.get(reverse("wagtailadmin_explore", args=[root.pk]), follow=True)
    assert MARK not in shown.content.decode().lower()


def test_choosers_and_the_admins_api_show_the_own_rows_only(login, fixture_data):
    """H7, H8, M5."""
    client = login("editor")
    for name, query, own in (
        ("wagtailadmin_choose_page", {}, "allier"),
        ("wagtailadmin_choose_page_search", {"q": "page"}, "ours page"),
        ("wagtailadmin_api:pages:listing", {}, "ours page"),
        ("wagtailadmin_api:images:listing", {}, "ours image"),
        ("wagtailadmin_api:documents:listing", {}, "ours document"),
    ):
        shown = client.get(reverse(name), query).content.decode().lower()
        assert own in shown, name
        assert MARK not in shown, name
    assert client.get(reverse("wagtailadmin_tag_autocomplete"), {"term": "o"}).json() == ["ours-tag"]
    assert client.get(reverse("wagtailadmin_tag_autocomplete"), {"term": MARK[:2]}).json() == []


def test_search_promotions_are_not_installed():
    """H12."""
    assert not apps.is_installed("wagtail.contrib.search_promotions")


def test_filters_offer_the_own_people_only(login, fixture_data):
    """M3."""
    client = login("editor")
    for url in (
        reverse("wagtailadmin_explore", args=[home_of(fixture_data.ours.department).pk]),
        reverse("wagtailadmin_pages:type_use", args=["pages", "standardpage"]),
    ):
        shown = client.get(url).content.decode().lower()
        assert "ours-user" in shown
        assert MARK not in shown


def test_host_without_a_department_shows_no_department_content(client, fixture_data):
    """L2: there is no default site, and a host without a department shows only the names of departments."""
    assert not Site.objects.filter(is_default_site=True).exists()
    for path in ("/fr/", f"/fr/{MARK}-page/", "/fr/ours-page/"):
        answer = client.get(path, headers={"host": "unknown.example.test"})
        assert answer.status_code == 404
        assert "ours page" not in answer.content.decode().lower()
