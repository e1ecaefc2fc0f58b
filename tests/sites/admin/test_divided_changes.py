"""A change of many objects ends after about a second, in short transactions, and the next request goes on with it."""

import re

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail import hooks
from wagtail.models import Page, PageViewRestriction

from cms.divided_changes.overrides import selected_objects
from cms.divided_changes.tree_copies import COPIES
from cms.media.models import CustomDocument, CustomImage
from cms.media.uploads.storage_quota import used_bytes
from cms.pages.models import EventPage, StandardPage, TestimonialPage
from cms.request_transactions import short_transactions
from sites.admin.access_control import page_counts
from tests.factories.departments import make_department
from tests.factories.media import DocumentFactory, ImageFactory
from tests.factories.pages import home_of, make_page
from tests.factories.users import make_user

from .conftest import sent_again

pytestmark = [pytest.mark.django_db, pytest.mark.embedded, pytest.mark.usefixtures("short_requests")]


@pytest.fixture
def department():
    return make_department("allier", code="03", locales=("fr",))


@pytest.fixture
def folder(department, client):
    """Return a page with two drafts below it, of which the first has a page below it. A publisher is logged in."""
    folder = make_page(StandardPage, department, title="Dossier", slug="dossier")
    first = make_page(StandardPage, folder, title="Page 1", slug="page-1", publish=False)
    make_page(StandardPage, first, title="Page 1.1", slug="page-1-1", publish=False)
    make_page(StandardPage, folder, title="Page 2", slug="page-2", publish=False)
    client.force_login(make_user("publisher", groups=["allier:publisher"]))
    return Page.objects.get(pk=folder.pk)


def bulk(action, *keys, model=Page):
    url = reverse("wagtail_bulk_action", args=[model._meta.app_label, model._meta.model_name, action])
    return f"{url}?{'&'.join(f'id={key}' for key in keys)}&next=/admin/"


def finish(client, url, fields):
    """Send a form, and each form of the answers; return the last answer and the progress that the others showed."""
    shown = []
    while True:
        response = client.post(url, fields)
        if response.status_code != 200:
            return response, shown
        progress = response.context["progress"]
        shown.append((progress.done, progress.total))
        assert "data-divided-change" in response.content.decode()
        url, fields = response.context["action"], sent_again(response)


def messages_after(client, response):
    return [str(message).strip() for message in client.get(response.url).context["messages"]]


def titles(**filters):
    return set(Page.objects.filter(depth__gt=3, **filters).values_list("title", flat=True))


def test_publication_with_the_pages_below_goes_on_in_the_next_request(client, folder):
    Page.objects.filter(pk=folder.pk).update(live=False)
    response, shown = finish(client, bulk("publish", folder.pk), {"include_descendants": "on"})
    assert shown == [(1, 4), (2, 4), (3, 4)]
    assert titles(live=True) == {"Dossier", "Page 1", "Page 1.1", "Page 2"}
    assert messages_after(client, response) == ["1 page et 3 sous-pages ont été publiées"]


def test_pages_that_are_published_stay_when_nobody_goes_on(client, folder):
    keys = folder.get_children().values_list("pk", flat=True)
    client.post(bulk("publish", *keys), {})
    assert Page.objects.get(slug="page-1").live
    assert not Page.objects.get(slug="page-2").live


@pytest.mark.parametrize("way", ["bulk", "single"])
def test_the_end_of_publication_includes_the_pages_below(client, folder, way):
    for page in folder.get_descendants():
        page.specific.save_revision().publish()
    single = reverse("wagtailadmin_pages:unpublish", args=[folder.pk])
    url = bulk("unpublish", folder.pk) if way == "bulk" else single
    response, shown = finish(client, url, {"include_descendants": "on"})
    assert shown == [(1, 4), (2, 4), (3, 4)][: 3 if way == "bulk" else 2]  # The view itself changes the last page.
    assert titles(live=True) == set()
    assert len(messages_after(client, response)) == 1


@pytest.mark.parametrize("way", ["bulk", "single"])
def test_a_deletion_begins_with_the_lowest_pages(client, folder, way):
    single = reverse("wagtailadmin_pages:delete", args=[folder.pk])
    url = bulk("delete", folder.pk) if way == "bulk" else single
    first = client.post(url)
    assert (first.status_code, titles()) == (200, {"Dossier", "Page 1", "Page 1.1"})
    response, _shown = finish(client, first.context["action"], dict(first.context["fields"]))
    assert titles() == set()
    assert Page.find_problems() == ([], [], [], [], [])
    (message,) = messages_after(client, response)
    deleted = {"bulk": "1 page et 3 sous-pages ont été supprimées", "single": "Page «\xa0Dossier\xa0» supprimée."}
    assert message == deleted[way]


def test_a_deletion_that_wagtail_would_refuse_deletes_nothing(client, folder):
    client.force_login(make_user("editor", groups=["allier:editor"]))
    folder.get_children().first().specific.save_revision().publish()
    before = titles()
    for url in (bulk("delete", folder.pk), reverse("wagtailadmin_pages:delete", args=[folder.pk])):
        client.post(url)
        assert titles() == before


def test_a_move_goes_on_with_the_other_pages(client, folder, department):
    home = home_of(department, "fr")
    keys = list(folder.get_children().values_list("pk", flat=True))
    response, shown = finish(client, bulk("move", *keys), {"chooser": home.pk})
    assert shown == [(1, 2)]
    assert set(home.get_children().values_list("slug", flat=True)) >= {"dossier", "page-1", "page-2"}
    assert Page.find_problems() == ([], [], [], [], [])
    assert messages_after(client, response) == ["2 pages ont été déplacées"]


@pytest.mark.parametrize("is_alias", [False, True])
def test_a_copy_goes_on_with_the_pages_below(client, folder, is_alias):
    draft = Page.objects.get(slug="page-2")
    StandardPage.objects.filter(pk=draft.pk).update(summary="x" * 5000)  # No form accepts it now.
    parent = folder.get_parent()
    form = {"new_title": "Copie", "new_slug": "copie", "new_parent_page": parent.pk, "copy_subpages": "on"}
    url = reverse("wagtailadmin_pages:copy", args=[folder.pk])
    response, shown = finish(client, url, form | ({"alias": "on"} if is_alias else {}))
    copy = Page.objects.get(slug="copie")
    assert response.url == reverse("wagtailadmin_explore", args=[parent.pk])
    assert shown == [(2, 4), (3, 4)]
    assert [page.title for page in copy.get_descendants()] == ["Page 1", "Page 1.1", "Page 2"]
    assert all((page.alias_of_id is not None) == is_alias for page in copy.get_descendants(inclusive=True))
    assert Page.find_problems() == ([], [], [], [], [])
    (message,) = messages_after(client, response)
    assert "3 sous-pages" in message


def test_a_copy_goes_on_for_its_own_account_only(client, folder):
    form = {
        "new_title": "Copie", "new_slug": "copie", "new_parent_page": folder.get_parent().pk, "copy_subpages": "on"
    }  # fmt: skip
    url = reverse("wagtailadmin_pages:copy", args=[folder.pk])
    fields = dict(client.post(url, form).context["fields"])
    before = Page.objects.count()
    other = reverse("wagtailadmin_pages:copy", args=[folder.get_children().last().pk])
    assert client.post(other, fields).status_code == 400
    assert client.post(url, fields | {COPIES: fields[COPIES][:-1] + "x"}).status_code == 400
    client.force_login(make_user("other", groups=["allier:publisher"]))
    assert client.post(url, fields).status_code == 400
    assert Page.objects.count() == before


def test_a_private_page_below_is_private_in_the_copy(client, folder):
    private = folder.get_children().first()
    PageViewRestriction.objects.create(page=private, restriction_type="password", password="entre-nous")
    form = {
        "new_title": "Copie", "new_slug": "copie", "new_parent_page": folder.get_parent().pk, "copy_subpages": "on"
    }  # fmt: skip
    finish(client, reverse("wagtailadmin_pages:copy", args=[folder.pk]), form)
    copy = Page.objects.get(slug="copie").get_children().first()
    assert copy.view_restrictions.get().password == "entre-nous"


def test_several_files_are_changed_at_a_time(client, department, monkeypatch):
    monkeypatch.setattr(selected_objects, "OBJECTS_AT_ONCE", 10)
    client.force_login(make_user("media", groups=["allier:media_manager"]))
    images = [ImageFactory(collection=department.collection) for _number in range(12)]
    response, shown = finish(client, bulk("delete", *(each.pk for each in images), model=CustomImage), {})
    assert shown == [(10, 12)]
    assert CustomImage.objects.count() == 0
    assert messages_after(client, response) == ["12 images ont été supprimées"]


def test_a_refusal_names_the_number_of_pages_that_are_done(client, folder, department):
    draft = make_page(EventPage, department, slug="salon", publish=False)
    refused = make_page(TestimonialPage, department, slug="portrait", publish=False, consent=None)
    draft.save_revision(clean=False)
    refused.save_revision(clean=False)
    first = client.post(bulk("publish", draft.pk, refused.pk), {})
    response = client.post(first.context["action"], dict(first.context["fields"]), follow=True)
    (message,) = [str(message) for message in response.context["messages"]]
    assert message.startswith("1 élément a été modifié, les autres non")
    assert "consentement" in message
    assert Page.objects.get(pk=draft.pk).live
    assert not Page.objects.get(pk=refused.pk).live


def test_hooks_run_for_each_part(client, folder):
    keys = list(folder.get_children().values_list("pk", flat=True))
    calls = []

    def after(request, action_type, objects, action):
        calls.append([page.pk for page in objects])

    with hooks.register_temporarily("after_bulk_action", after):
        finish(client, bulk("publish", *keys), {})
    assert sorted(calls) == [[key] for key in sorted(keys)]


@pytest.mark.parametrize("action", ["publish", "unpublish"])
def test_a_refusal_takes_as_many_queries_for_any_number_of_pages(client, folder, action, monkeypatch):
    monkeypatch.setattr(page_counts, "MAX_PAGES", 2)
    url = bulk(action, folder.pk)
    folder.get_descendants().update(live=action == "unpublish")
    costs = []
    for _number in range(2):
        with CaptureQueriesContext(connection) as captured:
            assert client.post(url, {"include_descendants": "on"}).status_code == 302
        costs.append(len(captured))
        client.get("/admin/")  # Shows the message.
        if len(costs) == 1:
            for number in range(8):
                make_page(StandardPage, folder, slug=f"neue-{number}", publish=action == "unpublish")
    assert costs[0] == costs[1]


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("selected", ["all", "keys"])
def test_a_selection_of_too_many_pages_is_refused_before_they_are_read(client, folder, method, selected, monkeypatch):
    for number in range(8):
        make_page(StandardPage, folder, slug=f"neue-{number}", publish=True)
    keys = folder.get_children().values_list("pk", flat=True)
    address = bulk("unpublish", *(["all"] if selected == "all" else keys)) + f"&childOf={folder.pk}"
    costs = []
    for limit in (2, len(keys) - 1):
        monkeypatch.setattr(page_counts, "MAX_PAGES", limit)
        with CaptureQueriesContext(connection) as captured:
            response = getattr(client, method)(address)
        costs.append(len(captured))
        assert response.status_code == 302
        assert f"plus de {limit} pages" in str(messages_after(client, response))
    assert costs[0] == costs[1]
    monkeypatch.setattr(page_counts, "MAX_PAGES", len(keys))
    assert getattr(client, method)(address).status_code == 200


def test_the_quota_is_checked_with_each_part(client, department, settings, monkeypatch):
    """Another account may upload a file between two transactions, of which the first check knows nothing."""
    monkeypatch.setattr(short_transactions, "SECONDS_OF_REQUEST", 60)
    monkeypatch.setattr(selected_objects, "OBJECTS_AT_ONCE", 1)
    other = make_department("isere", code="38")
    files = [DocumentFactory(collection=department.collection) for _number in range(3)]
    settings.DEPARTMENT_QUOTA_BYTES = used_bytes(department)
    uploads = []

    def upload(request, action_type, objects, action):
        if not uploads:
            content = ContentFile(b"x" * files[0].file_size, name="other.pdf")
            uploads.append(DocumentFactory(collection=other.collection, file=content))

    url = bulk("add_to_collection", *(each.pk for each in files), model=CustomDocument)
    client.force_login(make_user("root", is_superuser=True))
    with hooks.register_temporarily("after_bulk_action", upload):
        response = client.post(url, {"collection": other.collection.pk})
    assert used_bytes(other) <= settings.DEPARTMENT_QUOTA_BYTES
    assert CustomDocument.objects.filter(collection=department.collection).count() == 1
    (message,) = messages_after(client, response)
    assert message.startswith("2 ")


@pytest.mark.django_db(transaction=True)
def test_each_part_has_a_transaction_of_its_own(client, folder, monkeypatch):
    """200 pages took 7.5 s in one transaction: four editors held all threads, and the locks of all departments."""
    monkeypatch.setattr(short_transactions, "SECONDS_OF_REQUEST", 60)
    pages = list(folder.get_children())
    published, in_transaction = [], []

    def count(execute, sql, *args):
        if re.match(r"(?i)\s*(insert|update|delete)", sql) and "wagtailcore_page" in sql:
            in_transaction.append(connection.in_atomic_block)
        if re.match(r"(?i)\s*(begin|commit)", sql):
            published.append(sql)
        return execute(sql, *args)

    connection.queries_log.clear()
    connection.force_debug_cursor = True
    try:
        with connection.execute_wrapper(count):
            assert client.post(bulk("publish", *(page.pk for page in pages)), {}).status_code == 302
        statements = [query["sql"] for query in connection.queries_log]
    finally:
        connection.force_debug_cursor = False
    assert set(in_transaction) == {True}
    revisions = [number for number, sql in enumerate(statements) if "UPDATE" in sql and 'wagtailcore_page"' in sql]
    commits = [number for number, sql in enumerate(statements) if sql.startswith("COMMIT")]
    assert any(revisions[0] < number < revisions[-1] for number in commits)
