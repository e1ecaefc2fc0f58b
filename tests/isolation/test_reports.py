"""Tests that reports show a department's own rows, filters, counts and downloads."""

import pytest
from django.urls import reverse
from django.utils import timezone
from wagtail.log_actions import log
from wagtail.models import ModelLogEntry, PageLogEntry, WorkflowState

from cms.pages.models import EventPage, StandardPage
from tests.factories.pages import make_page
from tests.factories.users import make_user

from .fixture_data import MARK

NAMESPACE = "department_reports"
REPORTS = {
    "locked_pages": "ours page",
    "workflow": "ours workflow",
    "workflow_tasks": "ours task",
    "site_history": "ours video",
    "page_types_usage": "ours",
    "translations_report": "ours page",
}
AGING = "wagtailadmin_reports:aging_pages"


def list_of(client):
    return client.get(url_of("site_history")).context["object_list"]


def url_of(report, results=False):
    return reverse(f"{NAMESPACE}:{report}{'_results' if results else ''}")


@pytest.fixture
def history(fixture_data):
    """Lock pages of both departments, and log actions on videos and documents."""
    for each in (fixture_data.ours, fixture_data.theirs):
        each.page.locked, each.page.locked_by, each.page.locked_at = True, each.user, timezone.now()
        each.page.save()
        for about in (each.video, each.document, each.consent, each.workflow):
            log(about, "wagtail.edit", user=each.user)
    return fixture_data


@pytest.mark.parametrize("report", REPORTS)
def test_a_report_shows_the_own_rows_and_nothing_of_another_department(login_as, history, read, report):
    client = login_as("administrator")
    for query in ("", "?export=csv", "?export=xlsx"):
        response = client.get(url_of(report) + query)
        assert response.status_code == 200
        assert MARK not in read(response), query
    assert REPORTS[report] in read(client.get(url_of(report)))
    assert REPORTS[report] in read(client.get(url_of(report, results=True)))
    assert MARK not in read(client.get(url_of(report, results=True)))
    assert REPORTS[report] in read(client.get(url_of(report) + "?export=csv")) or report == "page_types_usage"


@pytest.mark.parametrize("report", REPORTS)
def test_foreign_objects_are_not_filter_choices(login_as, history, read, report):
    client, theirs = login_as("administrator"), history.theirs
    for query in (
        f"requested_by={theirs.user.pk}", f"workflow={theirs.workflow.pk}", f"task={theirs.task.pk}",
        f"user={theirs.user.pk}", f"locked_by={theirs.user.pk}", f"site={theirs.department.site.root_page.path}",
        f"label={MARK}", f"source_title={MARK}",
    ):  # fmt: skip
        body = read(client.get(f"{url_of(report)}?{query}")).replace(f'value="{MARK}"', "")
        body = body.replace(f"{query.split('=')[0]}={MARK}", "")
        assert f"{MARK}-" not in body, query
        assert f"{MARK} " not in body, query


def test_translation_filters_are_translated_to_french(login_as, history, read):
    body = read(login_as("administrator").get(url_of("translations_report")))
    assert "langue source" in body
    assert "source locale" not in body


def test_a_superuser_reads_all_reports_about_all(login_as, history, read):
    client = login_as()
    for report in REPORTS:
        body = read(client.get(url_of(report)))
        assert MARK in body or report == "page_types_usage", report
        assert client.get(url_of(report) + "?export=csv").status_code == 200
    # Wagtail's URL names lead to the same screens.
    assert MARK in read(client.get(reverse("wagtailadmin_reports:site_history")))


def test_history_lists_all_kinds_of_objects_of_the_department(login_as, history, read):
    client = login_as("media_manager")
    body = read(client.get(url_of("site_history")))
    for about in ("ours video", "ours document", "ours workflow"):
        assert about in body, about
    logged = {(entry.content_type.model, str(entry.object_id)) for entry in list_of(client)}
    assert ("consent", str(history.ours.consent.pk)) in logged
    assert ("consent", str(history.theirs.consent.pk)) not in logged
    entry = ModelLogEntry.objects.filter(label="Ours video").get()
    filtered = read(client.get(url_of("site_history") + f"?object_type={entry.content_type_id}"))
    assert "ours video" in filtered
    assert "ours document" not in filtered


def test_the_history_of_a_deleted_page_of_another_department_stays_hidden(login_as, history, read):
    history.theirs.draft.delete(user=make_user("root", is_superuser=True))
    assert PageLogEntry.objects.filter(deleted=True).exists()
    assert MARK not in read(login_as("administrator").get(url_of("site_history")))


def test_former_member_does_not_see_pages_that_they_locked(login_as, history, read):
    client = login_as("publisher")
    history.theirs.page.locked_by = client.user
    history.theirs.page.save()
    assert MARK not in read(client.get(url_of("locked_pages")))


def test_types_of_pages_are_counted_in_the_own_department(login_as, fixture_data):
    for _number in range(3):
        make_page(EventPage, fixture_data.theirs.department)
    rows = login_as("editor").get(url_of("page_types_usage")).context["object_list"]
    counts = {row.model: row.count for row in rows}
    own = StandardPage.objects.filter(path__startswith=fixture_data.ours.department.container.path)
    assert counts["eventpage"] == 1
    assert counts["standardpage"] == own.count()
    edited = {row.last_edited_page for row in rows if row.last_edited_page}
    assert all(page.path.startswith(fixture_data.ours.department.container.path) for page in edited)
    english = login_as("publisher").get(url_of("page_types_usage") + "?page_locale=en").context["object_list"]
    assert {row.model: row.count for row in english}["standardpage"] == own.filter(locale__language_code="en").count()


def test_aging_pages_report_is_limited_to_the_department(login_as, fixture_data, read):
    body = read(login_as("publisher").get(reverse(AGING)))
    assert "ours page" in body
    assert MARK not in body


@pytest.mark.parametrize("role", ["reader", "translator:en", "reviewer:en"])
def test_other_roles_open_no_reports(login_as, fixture_data, role):
    client = login_as(role)
    for report in REPORTS:
        assert client.get(url_of(report)).status_code == 404


def test_snippet_histories_are_limited_to_the_department(login_as, history, read):
    client = login_as()
    for name in ("wagtailsnippets_cms_media_video", "wagtailsnippets_cms_media_consent"):
        key = history.ours.video.pk if "video" in name else history.ours.consent.pk
        assert client.get(reverse(f"{name}:history", args=[key])).status_code == 200


@pytest.mark.parametrize("report", ["workflow_tasks", "site_history", "page_types_usage"])
def test_query_count_does_not_grow_with_rows(login_as, fixture_data, django_assert_max_num_queries, report):
    client, counts, made = login_as("administrator"), [], 0
    for amount in (5, 30):
        for _number in range(made, amount):
            page = make_page(StandardPage, fixture_data.ours.department, publish=False)
            page.save_revision(user=client.user, log_action=True)
            fixture_data.ours.workflow.start(page, client.user)
        made = amount
        with django_assert_max_num_queries(100) as queries:
            assert client.get(url_of(report)).status_code == 200
        counts.append(len(queries))
    assert WorkflowState.objects.filter(requested_by=client.user).count() == 30
    assert counts[1] <= counts[0] + 1, counts
