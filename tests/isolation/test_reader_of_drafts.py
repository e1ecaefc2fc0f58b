"""Tests that readers of drafts see pages, drafts and histories of the department, and change nothing."""

import re

import pytest
from django.urls import resolve, reverse
from wagtail.models import Page

from cms.pages.models import EventPage
from sites.roles import ROLES
from tests.factories.pages import home_of, make_page

from .fixture_data import MARK

pytestmark = pytest.mark.embedded

EXPLORE = "wagtailadmin_explore"


def page_url(name, page, *more):
    return reverse(f"wagtailadmin_pages:{name}", args=[page.pk, *more])


def test_reader_of_drafts_opens_the_explorer_of_the_department(login_as, fixture_data, read):
    client, container = login_as("reader"), fixture_data.ours.department.container
    root = client.get(reverse("wagtailadmin_explore_root"))
    assert (root.status_code, root.url) == (302, reverse(EXPLORE, args=[container.pk]))
    assert "explorer" in read(client.get(reverse("wagtailadmin_home")))
    section = fixture_data.ours.draft.get_parent()
    for parent, seen in ((container, "allier"), (section, "ours hidden draft")):
        body = read(client.get(reverse(EXPLORE, args=[parent.pk])))
        assert seen in body
        assert MARK not in body
    assert client.get(reverse(EXPLORE, args=[fixture_data.theirs.department.container_id])).status_code == 404


def test_a_reader_opens_drafts_and_their_histories(login_as, fixture_data, read):
    client, draft = login_as("reader"), fixture_data.ours.draft
    draft.title = "Ours second draft"
    second = draft.save_revision(user=fixture_data.ours.user, log_action=True)
    assert "ours second draft" in read(client.get(page_url("view_draft", draft)))
    history = read(client.get(page_url("history", draft)))
    assert page_url("revisions_view", draft, second.pk) in history
    assert client.get(page_url("history_results", draft)).status_code == 200
    assert client.get(page_url("revisions_view", draft, second.pk)).status_code == 200
    first = draft.revisions.order_by("pk").first()
    compare = reverse("wagtailadmin_pages:revisions_compare", args=[draft.pk, first.pk, second.pk])
    assert "ours second draft" in read(client.get(compare))


def test_screens_of_a_reader_offer_only_permitted_actions(login_as, fixture_data, read):
    client, draft = login_as("reader"), fixture_data.ours.draft
    draft.save_revision(user=fixture_data.ours.user, log_action=True)
    section = draft.get_parent()
    first, last = draft.revisions.order_by("pk").first(), draft.revisions.order_by("pk").last()
    screens = [
        reverse("wagtailadmin_home"),
        reverse(EXPLORE, args=[fixture_data.ours.department.container_id]),
        reverse(EXPLORE, args=[home_of(fixture_data.ours.department).pk]),
        reverse(EXPLORE, args=[section.pk]),
        page_url("history", draft),
        reverse("wagtailadmin_pages:revisions_compare", args=[draft.pk, first.pk, last.pk]),
    ]
    for screen in screens:
        body = client.get(screen).content.decode()
        assert "data-bulk-action-checkbox" not in body, screen
        # The bulk action bar stays hidden if nothing can be selected.
        for link in set(re.findall(r'href="(/admin/(?!bulk/)[^"#]*)"', body)):
            answer = client.get(link.replace("&amp;", "&"))
            assert answer.status_code == 200 or "login" not in answer.get("Location", "login"), (screen, link)
            assert not (answer.status_code == 302 and answer.url == reverse("wagtailadmin_home")), (screen, link)


def test_a_reader_changes_nothing(login_as, fixture_data):
    client, ours = login_as("reader"), fixture_data.ours
    before = list(Page.objects.order_by("pk").values())
    revisions = ours.draft.revisions.count()
    home = home_of(ours.department)
    for name in ("edit", "delete", "unpublish", "copy", "move", "lock", "unlock", "workflow_history"):
        answer = client.post(page_url(name, ours.page), {"title": "x", "slug": "x", "action-publish": "x"})
        assert answer.status_code in (302, 403, 404, 405), name
    urls = [
        page_url("revisions_revert", ours.draft, ours.draft.latest_revision_id),
        page_url("add_subpage", home),
        reverse("wagtailadmin_pages:add", args=["pages", "standardpage", home.pk]),
        reverse("wagtailadmin_pages:workflow_action", args=[ours.draft.pk, "approve", ours.task_state.pk]),
        reverse("wagtail_bulk_action", args=["wagtailcore", "page", "delete"]) + f"?id={ours.page.pk}",
        reverse("wagtailimages:add"),
        reverse("wagtaildocs:add"),
    ]
    for url in urls:
        assert client.post(url, {"title": "x", "slug": "x"}).status_code in (200, 302, 403, 404), url
    assert list(Page.objects.order_by("pk").values()) == before
    assert ours.draft.revisions.count() == revisions


def test_drafts_of_another_department_answer_404(login_as, fixture_data):
    client, theirs = login_as("reader"), fixture_data.theirs
    for name in ("view_draft", "history", "history_results"):
        assert client.get(page_url(name, theirs.draft)).status_code == 404
    assert client.get(page_url("revisions_view", theirs.page, theirs.revision.pk)).status_code == 404
    # A revision of another page, requested through an own page.
    assert client.get(page_url("revisions_view", fixture_data.ours.page, theirs.revision.pk)).status_code == 404


@pytest.mark.parametrize("role", ["media_manager", "translator:it"])
def test_roles_without_the_drafts_capability_open_no_draft(login_as, fixture_data, role):
    client = login_as(role)
    for name in ("view_draft", "history"):
        answer = client.get(page_url(name, fixture_data.ours.draft))
        assert answer.status_code == 302
        assert answer.url == reverse("wagtailadmin_home")


@pytest.mark.parametrize("role", ["editor", "publisher"])
def test_writers_open_drafts_and_revert_pages(login_as, fixture_data, read, role):
    client, draft = login_as(role), fixture_data.ours.draft
    draft.save_revision(user=fixture_data.ours.user, log_action=True)
    assert client.get(page_url("view_draft", draft)).status_code == 200
    body = read(client.get(page_url("history", draft)))
    assert page_url("edit", draft) in body
    first = draft.revisions.order_by("pk").first()
    assert page_url("revisions_revert", draft, first.pk) in body
    assert "data-bulk-action-checkbox" in read(client.get(reverse(EXPLORE, args=[draft.get_parent().pk])))


def test_unknown_preview_mode_answers_404(login_as, fixture_data):
    client = login_as("reader")
    assert client.get(page_url("view_draft", fixture_data.ours.draft) + "?mode=nothing").status_code == 404


def menu_links(page):
    """Return the URLs of the page menu, submenus included."""
    return set(re.findall(r'"url": "(/admin/[^"]*)"', page.replace("\\u002D", "-"))) | set(
        re.findall(r'"url":"(/admin/[^"]*)"', page)
    )


@pytest.mark.parametrize("role", [role.key + (":en" if role.for_each_locale else "") for role in ROLES])
def test_every_entry_of_the_menu_opens(login_as, fixture_data, role):
    client = login_as(role)
    home = client.get(reverse("wagtailadmin_home"))
    assert home.status_code == 200
    links = menu_links(home.content.decode())
    assert reverse("wagtailadmin_account") in links or len(links) > 1
    for link in links:
        if resolve(link.partition("?")[0]).view_name == "wagtailadmin_logout":
            continue
        answer = client.get(link)
        assert answer.status_code in (200, 302), link
        if answer.status_code == 302:
            assert answer.url not in (reverse("wagtailadmin_home"),), link


def test_media_manager_menu_contains_media_entries_only(login_as, fixture_data):
    links = menu_links(login_as("media_manager").get(reverse("wagtailadmin_home")).content.decode())
    history, collections = "department_reports:site_history", "department_collections:index"
    for name in ("wagtailimages:index", "wagtaildocs:index", collections, history):
        assert reverse(name) in links, name
    assert reverse("wagtailadmin_explore_root") not in links


def test_query_count_of_a_reader_does_not_grow_with_drafts(login_as, fixture_data, django_assert_max_num_queries):
    client, counts, section = login_as("reader"), [], fixture_data.ours.draft.get_parent()
    for number in range(49):
        make_page(EventPage, fixture_data.ours.department, publish=False)
        if number in (9, 48):
            with django_assert_max_num_queries(100) as queries:
                client.get(reverse(EXPLORE, args=[section.pk]))
            counts.append(len(queries))
    assert counts[1] <= counts[0]
