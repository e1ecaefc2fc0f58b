"""Malformed requests, which no form of the admin sends, get a client error and not a server error."""

from types import FunctionType

import pytest
from django.contrib.auth.models import AnonymousUser
from django.forms import Form
from django.urls import reverse
from django.utils import timezone
from wagtail.admin.models import EditingSession
from wagtail.models import Page

from cms.users.models import User
from cms.users.second_factor import passkey_server
from sites.admin.access_control.rules import RULES
from sites.admin.access_control.url_table import Access
from sites.validation.malformed_requests import is_fault_of_request, is_upstream_error
from sites.validation.malformed_responses import malformed_response
from tests.factories.departments import make_department
from tests.factories.media import DocumentFactory, ImageFactory
from tests.factories.pages import home_of
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def department(client):
    department = make_department("allier")
    client.force_login(make_user("a", groups=["allier:administrator"]))
    return department


def test_truncated_form_answers_400(client, department):
    response = client.post(reverse("wagtailadmin_pages:edit", args=[home_of(department).pk]), {"title": "x"})
    assert response.status_code == 400
    home = home_of(department)
    assert home.title != "x"


@pytest.mark.embedded
@pytest.mark.parametrize("kind", ["pages", "images", "documents"])
@pytest.mark.parametrize("name", ["offset", "limit", "id", "child_of"])
def test_the_admin_api_answers_400_to_numbers_beyond_the_database(client, department, kind, name):
    client.raise_request_exception = False
    response = client.get(reverse(f"wagtailadmin_api:{kind}:listing"), {name: "99999999999999999999"})
    assert response.status_code == 400


@pytest.mark.embedded
@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ({"highlights-count": "abc"}, "«\xa0abc\xa0» n’est pas une valeur possible de «\xa0highlights-count\xa0»."),
        ({"highlights-count": "1"}, "«\xa0highlights-0-deleted\xa0» manque."),
        ({"highlights-count": "\0<b>"}, "«\xa0\ufffd&lt;b&gt;\xa0» n’est pas une valeur possible"),
    ],
    ids=str,
)
def test_the_answer_to_a_malformed_form_names_the_field_and_the_value(client, department, sent, shown):
    url = reverse("wagtailadmin_pages:edit", args=[home_of(department).pk])
    form = {"introduction": "null", "comments-TOTAL_FORMS": "0", "comments-INITIAL_FORMS": "0"}
    response = client.post(url, form | sent, headers={"accept": "text/html"})
    assert response.status_code == 400
    assert shown in response.content.decode()


def test_the_answer_repeats_no_password(rf):
    request = rf.post("/", {"password": "abc"})
    request.user = AnonymousUser()
    assert request.POST
    response = malformed_response(request, ValueError("invalid literal: 'abc'"))
    assert "password" in response.content.decode()
    assert "abc" not in response.content.decode()


@pytest.mark.embedded
@pytest.mark.parametrize("text", ["9999-12-31", "25:61"])
def test_a_destination_that_is_no_path_answers_400(client, department, text):
    response = client.get(reverse("wagtailadmin_login"), {"next": text})
    assert response.status_code == 400
    assert f"next: {text}" in response.json()["detail"]


@pytest.mark.parametrize("key", ["1" + "0" * 30, "9" * 5000])
def test_a_collection_beyond_the_keys_of_the_database_does_not_exist(client, department, key):
    document = DocumentFactory(collection=department.collection)
    response = client.post(reverse("wagtaildocs:edit", args=[document.pk]), {"collection": key})
    assert response.status_code == 200


def test_number_outside_the_key_range_answers_400(client, department):
    url = reverse("wagtailadmin_explore", args=[department.container_id])
    assert client.get(url, {"owner": "9" * 22, "locale": "zz"}).status_code < 500


DEEP = "[" * 50_000 + "]" * 50_000


@pytest.mark.embedded
@pytest.mark.parametrize("body", ["[1]", "1", "null", '"x"', DEEP, b"\xff\xfe"], ids=range(6))
def test_dismissibles_of_another_type_answer_400(client, department, body):
    url = reverse("wagtailadmin_dismissibles")
    assert client.patch(url, body, content_type="application/json").status_code == 400


@pytest.mark.embedded
@pytest.mark.parametrize("kind", ["pages", "images", "documents"])
@pytest.mark.parametrize("key", ["abc", "-1", "9" * 30, "%00"], ids=range(4))
def test_an_odd_key_of_the_admin_api_answers_a_client_error(client, department, kind, key):
    assert 400 <= client.get(f"/admin/api/main/{kind}/find/?id={key}").status_code < 500


@pytest.mark.parametrize("screen", ["wagtailimages:edit", "wagtaildocs:edit", "wagtail_bulk_action"])
@pytest.mark.parametrize("collection", ["9" * 30, "abc", "-1", "²"])
def test_an_odd_collection_of_a_file_answers_as_a_missing_one(client, department, screen, collection):
    make = DocumentFactory if screen == "wagtaildocs:edit" else ImageFactory
    row = make(collection=department.collection)
    if screen == "wagtail_bulk_action":
        url = reverse(screen, args=["cms_media", "customimage", "add_to_collection"]) + f"?id={row.pk}"
    else:
        url = reverse(screen, args=[row.pk])
    answers = [client.post(url, {"title": "x", "collection": value}).status_code for value in (collection, 10**8)]
    assert answers == [200, 200]
    row.refresh_from_db()
    assert row.collection == department.collection


@pytest.mark.embedded
def test_a_rule_that_fails_on_a_number_answers_400(client, department, monkeypatch):
    """The middleware runs it before the view, so that Django does not ask for the answer to an exception."""

    def fail(admin_request):
        Page.objects.filter(pk__in=["9" * 30]).exists()

    monkeypatch.setitem(RULES, Access.PAGE, fail)
    home = home_of(department)
    assert client.get(reverse("wagtailadmin_pages:edit", args=[home.pk])).status_code == 400


@pytest.mark.embedded
@pytest.mark.parametrize(
    "values",
    [
        {"revision_id": "abc"},
        {"revision_id": "9" * 30},
        {"is_editing": "\0"},
    ],
    ids=str,
)
def test_an_odd_ping_of_an_editing_session_answers_no_server_error(client, department, values):
    home = home_of(department)
    session = EditingSession.objects.create(user=User.objects.get(), content_object=home, last_seen_at=timezone.now())
    url = reverse("wagtailadmin_editing_sessions:ping", args=["wagtailcore", "page", home.pk, session.pk])
    assert client.post(url, values).status_code < 500


def _read(value):
    return int(value)


def _error_in(package):
    """Return the ValueError of a function in a module of the package."""
    read = FunctionType(_read.__code__, {"__name__": f"{package}.views", "int": int})
    with pytest.raises(ValueError, match="abc") as raised:
        read("abc")
    return raised.value


@pytest.mark.embedded
@pytest.mark.parametrize(
    ("package", "query", "expected"),
    [("wagtail", "?id=abc", True), ("wagtail", "", False), ("cms", "?id=abc", False), ("sites", "?id=abc", False)],
)
def test_a_fault_of_the_product_stays_a_server_error(rf, package, query, expected):
    request = rf.get(f"/admin/{query}")
    request.resolver_match = None
    assert is_fault_of_request(request, _error_in(package)) is expected


@pytest.mark.embedded
def _add_error(form):
    form.add_error("file", "")


@pytest.mark.embedded
def test_an_error_for_a_field_that_a_form_does_not_have_is_a_fault_of_the_product():
    refuse = FunctionType(_add_error.__code__, {"__name__": "wagtail.views"})
    with pytest.raises(ValueError, match="no field named") as raised:
        refuse(Form({}))
    assert not is_upstream_error(raised.value)


def test_a_passkey_of_deeply_nested_json_is_invalid(rf, department):
    request = rf.post("/", headers={"host": "testserver"})
    request.session = {passkey_server.REGISTRATION: {}, passkey_server.VERIFICATION: {}}
    user = User.objects.get()
    with pytest.raises(passkey_server.InvalidPasskey):
        passkey_server.complete_verification(request, user, DEEP)
    with pytest.raises(passkey_server.InvalidPasskey):
        passkey_server.complete_registration(request, user, "x", DEEP)
