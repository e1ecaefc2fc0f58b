"""Tests that no URL says if an object of another department exists: foreign and missing ids answer the same.

The matrix compares URLs with one id. Here an own object and a foreign one are in the same URL or form.
"""

import json

import pytest
from django.db import transaction
from django.test.client import MULTIPART_CONTENT
from django.urls import reverse
from wagtail.admin.api.views import PagesAdminAPIViewSet
from wagtail.models import CollectionViewRestriction, Locale

from cms.pages.models import StandardPage
from tests.factories.pages import make_page
from tests.factories.sharing import hold_together

from .arguments import MISSING, NO_OBJECT, Nothing, arguments_for, form_for, is_about_shared
from .endpoints import endpoints
from .fixture_data import HIDDEN, MARK, make_actor
from .reference_forms import comparable

pytestmark = pytest.mark.embedded


@pytest.fixture
def client(client, fixture_data):
    client.force_login(make_actor("administrator"))
    return client


def mixed_urls(fixture_data):
    """Yield (endpoint, foreign URL, missing URL); all other ids of the URLs are own ones."""
    for endpoint in endpoints():
        if endpoint.surface not in ("admin", "preview") or not endpoint.is_named or is_about_shared(endpoint):
            continue
        objects = [name for name in endpoint.parameters if name not in NO_OBJECT and not name.endswith("model_name")]
        sides = (fixture_data.ours, fixture_data.theirs, Nothing())
        own, foreign, missing = (arguments_for(endpoint, side, fixture_data) for side in sides)
        for name in objects:
            urls = [reverse(endpoint.name, kwargs=own | {name: values[name]}) for values in (foreign, missing)]
            if urls[0] != urls[1]:
                yield endpoint, *urls


def test_the_page_chooser_moves_no_foreign_page(client, fixture_data):
    chooser = f"{reverse('wagtailadmin_choose_page')}?user_perms=move_to&target_pages[]="
    child = (
        f"{reverse('wagtailadmin_choose_page_child', args=[fixture_data.ours.page.get_parent().pk])}?target_pages[]="
    )
    foreign, own = fixture_data.theirs.page.pk, fixture_data.ours.page.pk
    for url in (chooser, child):
        assert [client.get(f"{url}{key}").status_code for key in (foreign, 10**6, "abc")] == [404, 404, 404]
        assert client.get(f"{url}{own}").status_code == 200


def test_a_foreign_id_in_any_url_answers_as_a_missing_one(client, fixture_data):
    client.raise_request_exception = False
    different, examined = [], set()
    for endpoint, *urls in mixed_urls(fixture_data):
        for method in ("get", "post"):
            answers = [answer_to(client, method, url, fixture_data, endpoint) for url in urls]
            if answers[0] != answers[1]:
                different.append(f"{method} {urls[0]} {answers[0][0]}: {urls[1]} {answers[1][0]}")
        examined.add(endpoint.name)
    assert not different, "\n".join(different)
    assert examined >= {
        "wagtailadmin_pages:workflow_preview", "wagtailadmin_pages:workflow_action",
        "wagtailadmin_pages:collect_workflow_action_data", "wagtailadmin_pages:workflow_history_detail",
        "wagtailimages:delete_upload_multiple", "wagtaildocs:create_multiple_from_uploaded_document",
    }  # fmt: skip


def test_a_foreign_page_in_the_body_of_an_action_answers_as_a_missing_one(client, fixture_data):
    client.raise_request_exception = False
    page, foreign = fixture_data.ours.page, fixture_data.theirs
    examined = set()
    for action, implementation in PagesAdminAPIViewSet.actions.items():
        for name in implementation.serializer().fields:
            if not name.endswith("_id"):
                continue
            url = reverse("wagtailadmin_api:pages:action", args=[page.pk, action])
            objects = (
                (foreign.revision.pk,) if name == "revision_id" else (foreign.page.pk, foreign.department.container_id)
            )
            answers = {
                (response.status_code, response.content)
                for key in (*objects, MISSING)
                for content_type in ("application/json", MULTIPART_CONTENT)
                for body in [{name: key}]
                for response in [client.post(url, body, content_type=content_type)]
            }
            assert {status for status, _content in answers} == {404}, action
            assert len(answers) == 1, action
            examined.add(action)
    assert examined == {"copy", "move", "create_alias", "revert_to_page_revision"}


@pytest.mark.parametrize("role", ["editor", "administrator", None])
def test_a_language_of_others_in_the_body_of_an_action_answers_as_a_missing_one(fixture_data, login_as, role):
    client = login_as(*filter(None, [role]))
    foreign = Locale.objects.get_or_create(language_code="nl")[0]
    assert not fixture_data.ours.department.locales.filter(pk=foreign.pk).exists()
    with_locale = [
        action
        for action, implementation in PagesAdminAPIViewSet.actions.items()
        if "locale" in implementation.serializer().fields
    ]
    assert with_locale == ["copy_for_translation"]
    for action in with_locale:
        url = reverse("wagtailadmin_api:pages:action", args=[fixture_data.ours.page.pk, action])
        answers = {
            (response.status_code, response.content)
            for code in ("nl", "fi", "xx", "x" * 50)
            for flag in (False, True)
            for body in [{"locale": code, "copy_parents": flag}]
            for response in [client.post(url, body, content_type="application/json")]
        }
        assert {status for status, _content in answers} == {404}
        assert len(answers) == 1


def answer_to(client, method, url, fixture_data, endpoint):
    data = form_for(fixture_data, endpoint, "own") if method == "post" else {}
    with transaction.atomic():
        response = getattr(client, method)(url, data)
        body = b"".join(response) if response.streaming else response.content
        transaction.set_rollback(True)
    return response.status_code, comparable(body.decode(errors="replace"))


# --- URLs that are typed ---------------------------------------------------------------------------------


def link_to(client, url):
    form = {"external-link-chooser-url": url, "external-link-chooser-link_text": ""}
    response = client.post(reverse("wagtailadmin_choose_page_external_link"), form)
    return response.content.decode(), json.loads(response.content)


def typed_url(page):
    """Return a URL of the page as Wagtail routes it: without the language."""
    return f"{page.get_site().root_url}/{page.slug}/"


def test_link_chooser_finds_own_pages_and_no_others(client, fixture_data):
    own, theirs = fixture_data.ours.page, fixture_data.theirs
    found = link_to(client, typed_url(own))[1]
    assert (found.get("result") or found["internal"])["id"] == own.pk
    for page in (theirs.page.specific, theirs.private.specific):
        for suffix in ("", "?query"):
            url = typed_url(page) + suffix
            body, answer = link_to(client, url)
            assert answer == {"step": "external_link_chosen", "result": answer["result"]}
            assert set(answer["result"]) == {"url", "title", "prefer_this_title_as_link_text"}
            assert MARK not in body.lower().replace(url, "")
            assert HIDDEN not in body.lower()


def test_link_chooser_gives_no_draft_title_of_shared_content(client, fixture_data, commits):
    page = make_page(StandardPage, fixture_data.theirs.department, title="Shared", slug="shared")
    hold_together(page, fixture_data.ours.department)
    page.title = "Newer draft"
    page.save_revision()
    assert "Newer draft" not in link_to(client, typed_url(page))[0]


# --- Passwords of private documents -----------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "post"])
def test_password_form_cannot_be_found_by_counting(client, fixture_data, method):
    restriction = CollectionViewRestriction.objects.create(
        collection=fixture_data.theirs.secret_document.collection, restriction_type="password", password="x"
    )
    client.logout()
    send = getattr(client, method)
    answers = set()
    for pk in (restriction.pk, fixture_data.theirs.restriction.pk, MISSING):
        for signature in ("", ":x", ":" + "a" * 43):
            response = send(f"/documents/authenticate_with_password/{pk}{signature}/", {"password": "x"})
            answers.add(response.status_code)
    # Without a signature it is no URL of this view; the reader answers GET only.
    assert answers == {404 if method == "get" else 405}
    handed_out = reverse("wagtaildocs_authenticate_with_password", args=[restriction.pk])
    assert send(handed_out, {"password": "wrong", "return_url": "/"}).status_code == 200
