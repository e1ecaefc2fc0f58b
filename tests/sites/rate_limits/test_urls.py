"""Limits of URLs, for every URL of the instance, and their answers."""

import re

import pytest
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse
from wagtail.models import CollectionViewRestriction

from sites.rate_limits import limiter
from sites.rate_limits.limited_urls import SECRET_ARGUMENTS
from sites.rate_limits.limiter import RateLimitExceeded, consume_for_client
from tests.factories.media import DocumentFactory
from tests.factories.users import PASSWORD, make_user

ARGUMENT = re.compile(r"<(?:(?P<converter>\w+):)?(?P<name>\w+)>")
# Arguments that name an object, a screen, a path or a language. A new name is classified here, or as a secret.
NO_SECRETS = {
    "action", "action_name", "address_part", "app_label", "app_name", "content_id", "content_type_app_name",
    "content_type_id", "content_type_model_name", "context_id", "department", "destination_id", "doc_id", "document_id",
    "document_pk", "field_name", "file_format", "file_id", "filename", "filter_spec", "forced_name", "id", "image_id",
    "invitation_id", "language_code", "locale_id", "model_name", "name", "object_id", "page_id", "page_pk",
    "page_to_move_id", "parent_page_id", "path", "pk", "restriction_id", "revision_id", "revision_id_a",
    "revision_id_b", "session_id", "slug", "string_id", "string_segment_id", "task_id", "task_pk", "task_state_id",
    "translation_id", "translation_source_id", "overridable_segment_id", "uploaded_file_id", "user_id",
    "workflow_id", "workflow_pk", "workflow_state_id", "collection_id", "mode", "redirect_id", "item_id", "kind",
}  # fmt: skip
SAMPLES = {"int": "1", "uuid": "7d4b2f6e-1111-4222-8333-944455556666", None: "a", "str": "a", "slug": "a", "path": "a/"}


def patterns(resolver=None, prefix=""):
    """Yield (URL, names of arguments) of every URL pattern that `path` made."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern, route)
            continue
        names = {match["name"] for match in ARGUMENT.finditer(route)} | set(pattern.pattern.regex.groupindex)
        if not any(sign in route for sign in "(^$["):
            yield "/" + ARGUMENT.sub(lambda match: SAMPLES.get(match["converter"], "a"), route), names


PATTERNS = sorted({(url, frozenset(names)) for url, names in patterns()}, key=lambda row: row[0])
SECRET = [url for url, names in PATTERNS if names & SECRET_ARGUMENTS]


def exhaust(rate_limits, rule, request):
    rate_limits[rule] = "1/hour"
    consume_for_client(rule, request)


def test_every_argument_of_a_url_is_classified():
    names = {name for _url, names in PATTERNS for name in names}
    assert names - NO_SECRETS - SECRET_ARGUMENTS == set()


@pytest.mark.django_db
def test_no_form_of_any_url_is_open_to_a_flood_without_login(client, rate_limits, rf):
    exhaust(rate_limits, "form.client", rf.get("/"))
    assert len(PATTERNS) > 250
    open_to_floods = [url for url, _names in PATTERNS if client.post(url).status_code != 429]
    # A URL that `CommonMiddleware` or a converter refuses has no view.
    assert [url for url in open_to_floods if client.post(url).status_code not in (301, 404)] == []
    assert len(open_to_floods) < 20


@pytest.mark.django_db
def test_forms_that_the_csrf_check_refuses_are_counted(rate_limits):
    rate_limits["form.client"] = "3/hour"
    visitor, login = Client(enforce_csrf_checks=True), reverse("wagtailadmin_login")
    answers = [visitor.post(login, {"username": "camille", "password": "x"}).status_code for _attempt in range(6)]
    assert answers == [403] * 3 + [429] * 3


@pytest.mark.django_db
def test_a_form_of_another_origin_uses_up_no_attempt_of_an_account(rate_limits):
    rate_limits["login.account"] = "1/hour"
    visitor, login = Client(enforce_csrf_checks=True), reverse("wagtailadmin_login")
    credentials = {"username": "camille", "password": "x"}
    assert [visitor.post(login, credentials).status_code for _attempt in range(3)] == [403] * 3
    assert Client().post(login, credentials).status_code == 200


@pytest.mark.django_db
def test_a_form_is_counted_once(rate_limits):
    rate_limits["form.client"] = "4/hour"
    answers = [Client().post(reverse("wagtailadmin_login"), {"username": f"a{n}"}).status_code for n in range(5)]
    assert answers == [200] * 4 + [429]


@pytest.mark.django_db
def test_no_url_with_a_secret_is_open_to_guesses(client, rate_limits, rf):
    exhaust(rate_limits, "token.client", rf.get("/"))
    assert len(SECRET) >= 2
    assert {client.get(url).status_code for url in SECRET} == {429}
    assert client.cookies == {}


@pytest.fixture
def user(db):
    return make_user("camille", is_superuser=True)


@pytest.fixture
def log_in(client):
    def log_in(password, name="camille", **headers):
        return client.post(reverse("wagtailadmin_login"), {"username": name, "password": password}, headers=headers)

    return log_in


def test_wrong_passwords_lock_an_account_for_a_while(log_in, user, rate_limits, reached):
    answers = [log_in("wrong") for _attempt in range(40)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429] * 30
    assert 0 < int(answers[-1]["Retry-After"]) <= 15 * 60
    assert log_in(PASSWORD).status_code == 429
    assert log_in(PASSWORD, "CAMILLE ").status_code == 429
    assert reached == [("login.account", "camille")]


def test_an_account_that_does_not_exist_is_locked_in_the_same_way(log_in, user, rate_limits):
    for name in ("camille", "nobody"):
        assert [log_in("wrong", name).status_code for _attempt in range(11)] == [200] * 10 + [429]


def test_a_login_ends_the_count(log_in, client, user, rate_limits, commits):
    for _round in range(3):
        for _attempt in range(9):
            log_in("wrong")
        with commits():
            assert log_in(PASSWORD).status_code == 302
        client.logout()


def test_the_way_back_is_a_new_password_by_mail(client, log_in, user, rate_limits, mailoutbox, commits):
    for _attempt in range(11):
        page = log_in("wrong", accept="text/html", accept_language="de")
    assert page.status_code == 429
    assert reverse("wagtailadmin_password_reset") in page.content.decode()
    with commits():
        client.post(reverse("wagtailadmin_password_reset"), {"email": user.email})
    link = re.search(r"/admin/password_reset/confirm/\S+", mailoutbox[0].body)[0]
    form = client.get(link, follow=True).redirect_chain[-1][0]
    with commits():
        client.post(form, {"new_password1": "une autre phrase secrete", "new_password2": "une autre phrase secrete"})
    assert log_in("une autre phrase secrete").status_code == 302


def test_one_client_cannot_try_all_accounts(log_in, user, rate_limits):
    rate_limits["login.client"] = "20/15 minutes"
    answers = [log_in("wrong", f"name-{number}").status_code for number in range(25)]
    assert answers == [200] * 20 + [429] * 5


def test_resets_of_a_client_for_an_address_are_limited(client, user, rate_limits, mailoutbox, commits):
    with commits():
        answers = [
            client.post(reverse("wagtailadmin_password_reset"), {"email": email}).status_code
            for email in [user.email, user.email.upper(), f" {user.email}", user.email, "nobody@example.org"]
        ]
    assert answers == [302, 302, 302, 429, 302]
    assert len(mailoutbox) == 3


@pytest.mark.parametrize("known", [True, False])
def test_nobody_keeps_the_owner_of_an_address_from_a_new_password(
    client, user, rate_limits, mailoutbox, commits, known, settings
):
    """Many clients use up the e-mails of the day; the owner gets the usual answer, and every link still works."""
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    reset, address = reverse("wagtailadmin_password_reset"), user.email if known else "nobody@example.org"

    def ask(number):
        with commits():
            return client.post(reset, {"email": address}, headers={"X-Forwarded-For": f"192.0.2.{number}"})

    answers = {(answer.status_code, answer.url) for answer in map(ask, range(1, 30))}
    assert answers == {(302, reverse("wagtailadmin_password_reset_done"))}
    assert len(mailoutbox) == (10 if known else 0)
    if not known:
        return
    links = [re.search(r"/admin/password_reset/confirm/\S+", message.body)[0] for message in mailoutbox]
    form = client.get(links[0], follow=True).redirect_chain[-1][0]
    with commits():
        client.post(form, {"new_password1": "une autre phrase secrete", "new_password2": "une autre phrase secrete"})
    user.refresh_from_db()
    assert user.check_password("une autre phrase secrete")
    mailoutbox.clear()
    assert ask(31).status_code == 302
    assert len([message for message in mailoutbox if "confirm" in message.body]) == 1


def test_resets_of_a_client_are_limited(client, db, rate_limits):
    answers = [
        client.post(reverse("wagtailadmin_password_reset"), {"email": f"a{number}@example.org"}).status_code
        for number in range(20)
    ]
    assert answers == [302] * 10 + [429] * 10


def test_passwords_of_a_private_collection_are_limited(client, db, rate_limits):
    document = DocumentFactory()
    restriction = CollectionViewRestriction.objects.create(
        collection=document.collection, restriction_type=CollectionViewRestriction.PASSWORD, password="secret"
    )
    url = reverse("wagtaildocs_authenticate_with_password", args=[restriction.pk])
    answers = [client.post(url, {"password": "wrong"}).status_code for _attempt in range(20)]
    assert answers == [200] * 10 + [429] * 10
    assert client.post(url, {"password": "secret"}).status_code == 429


def test_strangers_cannot_keep_readers_from_a_private_collection(client, db, rate_limits, settings, reached):
    """Many clients use up the limit of the collection. A reader still enters; each stranger has fewer guesses."""
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    rate_limits["collection_password.collection"] = "20/hour"
    document = DocumentFactory()
    restriction = CollectionViewRestriction.objects.create(
        collection=document.collection, restriction_type=CollectionViewRestriction.PASSWORD, password="secret"
    )
    url = reverse("wagtaildocs_authenticate_with_password", args=[restriction.pk])

    def enter(password, number):
        headers = {"X-Forwarded-For": f"192.0.2.{number}"}
        return client.post(url, {"password": password, "return_url": "/"}, headers=headers).status_code

    assert [enter("wrong", number % 5) for number in range(20)] == [200] * 20
    assert enter("secret", 77) == 302
    assert [enter("wrong", 78) for _attempt in range(4)] == [200, 200, 429, 429]
    assert ("collection_password.collection", "") in reached


def test_the_password_on_the_account_screen_is_limited(client, user, rate_limits):
    client.force_login(user)
    rate_limits["account.account"] = "3/hour"
    answers = [client.post(reverse("wagtailadmin_account"), {}).status_code for _attempt in range(5)]
    assert answers[3:] == [429, 429]
    assert 429 not in answers[:3]


def test_wrong_credentials_in_a_header_are_limited(client, db, rate_limits, settings):
    settings.ROOT_URLCONF = "tests.api.v3_urls"
    rate_limits["credentials.client"] = "3/hour"
    headers = {"Authorization": "Bearer wrong"}
    answers = [client.get("/api/v3/pages/", headers=headers).status_code for _attempt in range(5)]
    assert answers == [401] * 3 + [429] * 2


@pytest.mark.parametrize("language", ["de", "en", "es", "fi", "fr", "it", "nl", "pt"])
def test_the_answer_is_in_the_language_of_the_visitor(client, db, rate_limits, rf, language):
    exhaust(rate_limits, "form.client", rf.get("/"))
    url = reverse("wagtailadmin_login")
    page = client.post(url, headers={"accept": "text/html", "accept-language": language})
    assert (page.status_code, page["Cache-Control"]) == (429, "max-age=0, no-cache, no-store, must-revalidate, private")
    assert int(page["Retry-After"]) > 0
    assert f'<html lang="{language}"' in page.content.decode()


def test_scripts_get_a_problem_document(client, db, rate_limits, rf):
    exhaust(rate_limits, "form.client", rf.get("/"))
    answer = client.post(reverse("wagtailadmin_login"))
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == 429


def test_clients_are_counted_apart(client, db, rate_limits, settings):
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    rate_limits["form.client"] = "1/hour"
    url = reverse("wagtailadmin_login")
    for forwarded, expected in (("192.0.2.1", 200), ("192.0.2.2", 200), ("9.9.9.9, 192.0.2.1", 429)):
        assert client.post(url, headers={"X-Forwarded-For": forwarded}).status_code == expected


def test_a_command_has_no_limit(rate_limits, user):
    """`authenticate` without a request, as commands call it."""
    from django.contrib.auth import authenticate

    for _attempt in range(12):
        assert authenticate(None, username="camille", password="wrong") is None
    assert authenticate(None, username="camille", password=PASSWORD) == user


def test_limits_can_be_switched_off(rate_limits, rf):
    rate_limits["form.client"] = limiter.OFF
    for _attempt in range(200):
        consume_for_client("form.client", rf.get("/"))
    rate_limits["form.client"] = "1/hour"
    consume_for_client("form.client", rf.get("/"))
    with pytest.raises(RateLimitExceeded):
        consume_for_client("form.client", rf.get("/"))


def test_urls_of_documents_are_not_counted_as_secrets(db, client, rate_limits):
    rate_limits["token.client"] = "3/15 minutes"
    url = reverse("wagtaildocs_serve", args=["x" * 22, "depliant.pdf"])
    assert {client.get(url).status_code for _number in range(10)} == {404}
