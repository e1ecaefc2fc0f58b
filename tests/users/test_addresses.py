"""Tests of e-mail addresses: a change needs the password and a confirmation, and nothing reveals an account."""

import re
import time

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cms.settings import base
from cms.users.models import User
from cms.users.second_factor import methods
from cms.users.session_state import CONFIRMED_AT, MARK
from sites.members import membership
from tests.factories.departments import make_department
from tests.factories.users import PASSWORD, make_user
from tests.rate_limit_counts import forget_counts

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

NEW = "nouvelle@example.org"
ACCOUNT = {
    "first_name": "Camille",
    "last_name": "Martin",
    "password1": "une longue phrase secrete",
    "password2": "une longue phrase secrete",
}
SECRETS = re.compile(r"csrfmiddlewaretoken.*?>|nonce=\S+|\"csrfToken\".*|CSRF\S*.*")


@pytest.fixture(autouse=True)
def _no_counted_attempts():
    forget_counts()
    yield
    forget_counts()


@pytest.fixture
def department():
    return make_department("allier")


@pytest.fixture
def person(department, client):
    user = make_user("camille", groups=["allier:editor"])
    client.force_login(user)
    return user


def request_change(client, email=NEW, password=PASSWORD):
    """Post the whole account screen, with the fields of all its forms as the browser sends them."""
    url, data = reverse("wagtailadmin_account"), {}
    for panels in client.get(url).context["panels_by_tab"].values():
        for panel in panels:
            form = panel.get_form()
            data |= {each.html_name: each.value() for each in form if isinstance(each.value(), str)}
    data |= {"name_email-first_name": "Camille", "name_email-last_name": "Martin", "name_email-email": email}
    return client.post(url, data | {"email_change-email": email, "email_change-current_password": password})


def sent_link():
    return re.search(r"http://[^/]+(/admin/account/email/\S+/)", mail.outbox[0].body)[1]


def test_other_accounts_cannot_keep_the_owner_of_an_address_from_taking_it(client, person, commits, settings):
    settings.RATE_LIMITS = base.RATE_LIMITS
    strangers = []
    for number in range(5):
        client.force_login(make_user(f"stranger-{number}", groups=["allier:editor"]))
        strangers.append([request_change(client).status_code for _attempt in range(4)])
    assert strangers[:3] == [[302, 302, 302, 429]] * 3
    # The mailbox has had its e-mails of the week: each further account has one.
    assert strangers[3:] == [[302, 302, 429, 429], [302, 429, 429, 429]]
    client.force_login(person)
    mail.outbox.clear()
    with commits():
        assert request_change(client).status_code == 302
    assert [NEW] in [message.to for message in mail.outbox]


def test_a_change_is_valid_after_the_link_is_opened_and_the_old_address_is_notified(client, person, commits):
    old = person.email
    with commits():
        assert request_change(client).status_code == 302
    assert [message.to for message in mail.outbox] == [[NEW], [old]]
    assert NEW in mail.outbox[1].body
    person.refresh_from_db()
    assert person.email == old
    link = sent_link()
    assert client.get(link).status_code == 200
    person.refresh_from_db()
    assert person.email == old  # GET writes nothing.
    assert client.post(link).status_code == 302
    person.refresh_from_db()
    assert (person.email, bool(person.email_confirmed_at)) == (NEW, True)
    assert client.post(link).status_code == 404


@pytest.mark.parametrize("password", ["", "faux"])
def test_a_change_needs_the_password(client, person, commits, password):
    with commits():
        response = request_change(client, password=password)
    assert response.status_code == 200
    assert not mail.outbox
    person.refresh_from_db()
    assert person.email != NEW


@pytest.mark.parametrize(("age", "is_sent"), [(0, True), (3600, False)])
def test_an_account_with_a_second_factor_needs_a_recent_one(client, person, commits, age, is_sent):
    methods.add_app(person, "Téléphone", methods.new_secret(), 0)
    person.refresh_from_db()
    client.force_login(person)
    session = client.session
    session[MARK], session[CONFIRMED_AT] = person.second_factor_key, time.time() - age
    session.save()
    with commits():
        response = request_change(client)
    assert (response.status_code == 302, bool(mail.outbox)) == (is_sent, is_sent)
    assert (reverse("account_security_confirm") in response.content.decode()) is not is_sent


def test_the_link_is_of_the_account_that_asked_and_of_its_password(client, person, commits):
    with commits():
        request_change(client)
    link, other = sent_link(), Client()
    other.force_login(make_user("autre", groups=["allier:editor"]))
    for answer in (other.get(link), other.post(link), client.get(link[:-5] + "x/")):
        assert answer.status_code == 404
    assert Client().post(link).status_code == 302  # to the login
    person.set_password("une autre phrase longue")
    person.save()
    client.force_login(person)
    assert client.post(link).status_code == 404
    assert not User.objects.filter(email=NEW).exists()


def test_a_request_reveals_no_account(client, person, commits):
    make_user("connue", groups=["allier:editor"])
    seen = []
    for email in ("inconnue@example.org", "connue@example.org"):
        mail.outbox.clear()
        with commits(), CaptureQueriesContext(connection) as queries:
            response = request_change(client, email)
        page = client.get(response.url).content.decode()
        links = [("/account/email/" in message.body) for message in mail.outbox]
        seen.append((response.status_code, len(queries), len(mail.outbox), SECRETS.sub("", page)))
    assert links == [False, False]
    assert seen[0] == seen[1]


@pytest.mark.parametrize("kind", ["unknown", "known", "closed", "without password"])
def test_a_password_reset_makes_the_same_queries_for_every_address(client, kind):
    user = make_user("somebody")
    if kind == "closed":
        User.objects.filter(pk=user.pk).update(is_active=False)
    elif kind == "without password":
        user.set_unusable_password()
        user.save()
    email = "inconnue@example.org" if kind == "unknown" else user.email
    with CaptureQueriesContext(connection) as queries:
        response = client.post(reverse("wagtailadmin_password_reset"), {"email": email})
    assert response.url == reverse("wagtailadmin_password_reset_done")
    statements = [query["sql"] for query in queries]
    assert not [sql for sql in statements if "users_user" in sql]


def test_a_password_reset_is_mailed_and_sets_a_password(client, commits):
    user = make_user("somebody")
    with commits():
        client.post(reverse("wagtailadmin_password_reset"), {"email": user.email.upper()})
    assert [message.to for message in mail.outbox] == [[user.email]]
    link = re.search(r"http://[^/]+(/admin/password_reset/\S+/)", mail.outbox[0].body)[1]
    assert client.get(link, follow=True).status_code == 200


def test_a_reset_is_not_sent_to_an_address_that_the_account_no_longer_has(client, commits):
    user = make_user("somebody")
    from cms.users.password_reset import send_password_reset

    with commits():
        send_password_reset.call(user.email, "fr")
        User.objects.filter(pk=user.pk).update(email="ailleurs@example.org")
    assert not mail.outbox


@pytest.mark.parametrize("kind", ["unknown", "known", "closed"])
def test_a_wrong_login_answers_the_same(client, kind):
    user = make_user("somebody")
    if kind == "closed":
        User.objects.filter(pk=user.pk).update(is_active=False)
    name = "inconnue" if kind == "unknown" else user.username
    with CaptureQueriesContext(connection) as queries:
        response = client.post(reverse("wagtailadmin_login"), {"username": name, "password": "faux"})
    reference = Client().post(reverse("wagtailadmin_login"), {"username": "personne", "password": "faux"})
    assert response.status_code == reference.status_code == 200
    assert SECRETS.sub("", response.content.decode()).replace(name, "X") == SECRETS.sub(
        "", reference.content.decode()
    ).replace("personne", "X")
    assert [query["sql"].split()[0] for query in queries].count("UPDATE") == 0


@pytest.mark.parametrize("kind", ["squatted address", "squatted name", "author of an import"])
def test_a_squatted_address_does_not_block_an_invited_person(department, client, kind):
    _invitation, link = membership.invite(department, NEW, Group.objects.filter(name="allier:editor"))
    squatter = make_user("squatteur", groups=["allier:reader"])
    if kind == "squatted address":
        User.objects.filter(pk=squatter.pk).update(email=NEW, email_confirmed_at=None)
    elif kind == "squatted name":
        User.objects.filter(pk=squatter.pk).update(username=NEW)
    else:
        squatter.set_unusable_password()
        squatter.email, squatter.email_confirmed_at = NEW, None
        squatter.save()
    client.get(link.partition("http://")[2].partition("/")[2].join(["/", ""]))
    page = client.get(reverse("invitation")).content.decode()
    assert "squatteur" not in page
    assert client.post(reverse("invitation"), ACCOUNT).status_code == 302
    person = User.objects.get(email=NEW)
    assert person.email_confirmed_at
    assert person.check_password(ACCOUNT["password1"])
    assert person.groups.filter(name="allier:editor").exists()
    assert (person.pk == squatter.pk) == (kind == "author of an import")


def test_a_confirmed_account_keeps_its_address(department, client):
    _invitation, link = membership.invite(department, NEW, Group.objects.filter(name="allier:editor"))
    user = make_user("titulaire")
    User.objects.filter(pk=user.pk).update(email=NEW)
    client.get(link.partition("http://")[2].partition("/")[2].join(["/", ""]))
    assert client.post(reverse("invitation"), ACCOUNT).context["form"].errors
    assert User.objects.get(email=NEW) == user
