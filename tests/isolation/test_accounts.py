"""An administrator manages the people of the own department: nobody else's, no superuser, and nothing wider."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import APIToken, ModelLogEntry

from cms.users.models import User
from sites import team
from sites.models import Invitation
from sites.models.invitation import hash_of
from tests.factories.departments import make_department
from tests.factories.users import PASSWORD, make_user

pytestmark = pytest.mark.django_db

EMAIL = "camille@example.org"
ACCOUNT = {
    "first_name": "Camille",
    "last_name": "Martin",
    "username": "",
    "password1": "une longue phrase secrete",
    "password2": "une longue phrase secrete",
}


@pytest.fixture
def allier():
    return make_department("allier")


@pytest.fixture
def isere():
    return make_department("isere")


@pytest.fixture
def administrator(allier, client):
    user = make_user("administration", groups=["allier:administrator"])
    client.force_login(user)
    return user


def group(name):
    return Group.objects.get(name=name)


def keys(*names):
    return [group(name).pk for name in names]


def names_of(user):
    return set(user.groups.values_list("name", flat=True))


def address(name, *arguments, department="allier"):
    return reverse(f"team:{name}", args=[department, *arguments])


def told(response):
    return " ".join(str(message) for message in response.context["messages"])


# --- Who is shown, who is touched -----------------------------------------------------------------------------


def test_the_list_shows_the_own_people_with_their_roles_here_and_no_other(client, administrator, allier, isere):
    both = make_user("deux", groups=["allier:editor", "isere:publisher"])
    make_user("ailleurs", groups=["isere:editor"])
    make_user("superviseur", groups=["allier:editor"], is_superuser=True)
    page = client.get(address("members")).content.decode()
    assert both.email in page
    assert "Rédaction" in page
    assert "Publication" not in page
    assert "ailleurs" not in page
    assert "superviseur" not in page
    assert "isere" not in page.lower()
    found = client.get(address("members_results"), {"q": "deux"}).content.decode()
    assert both.email in found
    assert administrator.email not in found


def test_one_department_at_a_time_for_whom_manages_two(client, administrator, allier, isere):
    assert client.get(reverse("team:index")).url == address("members")
    administrator.groups.add(group("isere:administrator"))
    page = client.get(reverse("team:index")).content.decode()
    assert address("members") in page
    assert address("members", department="isere") in page


def test_a_long_list_is_cut_into_pages_and_asks_few_queries(
    client, administrator, allier, django_assert_max_num_queries
):
    for number in range(60):
        make_user(f"personne-{number}", groups=["allier:editor", "allier:translator:en"])
    with django_assert_max_num_queries(30):
        page = client.get(address("members")).content.decode()
    assert "?p=2" in page


@pytest.mark.parametrize("role", ["publisher", "editor", "media_manager", "translator:en", "reviewer:en", "reader"])
def test_no_other_role_manages_accounts(client, allier, role):
    member = make_user("membre", groups=["allier:editor"])
    client.force_login(make_user("autre", groups=[f"allier:{role}"]))
    for name, arguments in (("members", []), ("invite", []), ("edit", [member.pk]), ("remove", [member.pk])):
        assert client.get(address(name, *arguments)).status_code == 404
        assert client.post(address(name, *arguments), {"groups": keys("allier:administrator")}).status_code == 404
    assert f'"{reverse("team:index")}"' not in client.get(reverse("wagtailadmin_home")).content.decode()


def test_the_menu_leads_an_administrator_there(client, administrator):
    assert reverse("team:index") in client.get(reverse("wagtailadmin_home")).content.decode()


def test_roles_change_in_the_own_department_only(client, administrator, isere):
    member = make_user("deux", groups=["allier:editor", "isere:publisher"])
    response = client.post(address("edit", member.pk), {"groups": keys("allier:publisher", "allier:translator:en")})
    assert response.status_code == 302
    assert names_of(member) == {"allier:publisher", "allier:translator:en", "isere:publisher"}


@pytest.mark.parametrize("forged", ["isere:administrator", "everything"])
def test_a_forged_group_is_refused(client, administrator, isere, forged):
    Group.objects.create(name="everything").permissions.set(Permission.objects.all())
    member = make_user("membre", groups=["allier:editor"])
    response = client.post(address("edit", member.pk), {"groups": keys("allier:editor", forged)})
    assert response.status_code == 200
    assert response.context["form"].errors
    assert names_of(member) == {"allier:editor"}
    response = client.post(address("invite"), {"email": EMAIL, "groups": keys(forged)})
    assert response.context["form"].errors
    assert not Invitation.objects.exists()
    with pytest.raises(team.ValidationError):
        team.change_roles(member.groups.get().department_group.department, member, [group(forged)], administrator)


def test_nobody_becomes_a_superuser_or_gets_a_permission(client, administrator):
    wider = {
        "is_superuser": "on", "is_staff": "on", "is_active": "", "password1": "x", "email": "autre@example.org",
        "user_permissions": list(Permission.objects.values_list("pk", flat=True)),
    }  # fmt: skip
    for person in (make_user("membre", groups=["allier:editor"]), administrator):
        before = User.objects.filter(pk=person.pk).values().get()
        client.post(address("edit", person.pk), wider | {"groups": keys("allier:administrator")})
        assert names_of(person) == {"allier:administrator"}
        assert User.objects.filter(pk=person.pk).values().get() == before
        assert not person.user_permissions.exists()


@pytest.mark.parametrize("name", ["edit", "remove"])
def test_another_departments_person_and_a_superuser_are_not_there(client, administrator, isere, name):
    strangers = [
        make_user("ailleurs", groups=["isere:editor"]),
        make_user("superviseur", groups=["allier:editor"], is_superuser=True),
        make_user("personne"),
    ]
    for stranger in strangers:
        before = names_of(stranger)
        assert client.get(address(name, stranger.pk)).status_code == 404
        assert client.post(address(name, stranger.pk), {"groups": keys("allier:reader")}).status_code == 404
        assert client.get(address(name, stranger.pk, department="isere")).status_code == 404
        assert names_of(stranger) == before
        stranger.refresh_from_db()
        assert stranger.is_active


# --- The last administrator, and leaving ----------------------------------------------------------------------


def test_a_department_keeps_an_administrator(client, administrator, allier):
    for name, data in (("edit", {"groups": keys("allier:editor")}), ("remove", {})):
        response = client.post(address(name, administrator.pk), data)
        assert response.status_code == 200
        assert response.context["form"].non_field_errors()
        assert names_of(administrator) == {"allier:administrator"}
    # Neither a closed account nor a superuser stands in for one.
    closed = make_user("parti", groups=["allier:administrator"])
    User.objects.filter(pk=closed.pk).update(is_active=False)
    make_user("superviseur", groups=["allier:administrator"], is_superuser=True)
    assert client.post(address("remove", administrator.pk)).status_code == 200
    make_user("suivante", groups=["allier:administrator"])
    assert client.post(address("remove", administrator.pk)).url == reverse("wagtailadmin_home")
    assert not names_of(administrator)
    assert User.objects.get(pk=administrator.pk).is_active


def test_a_removed_person_keeps_the_account_unless_nobody_else_needs_it(client, administrator, isere):
    here, both = make_user("ici", groups=["allier:editor"]), make_user("deux", groups=["allier:editor", "isere:reader"])
    kept = make_user("garde", groups=["allier:editor"])
    assert "close_account" in client.get(address("remove", here.pk)).context["form"].fields
    assert "close_account" not in client.get(address("remove", both.pk)).context["form"].fields
    client.post(address("remove", here.pk), {"close_account": "on"})
    client.post(address("remove", both.pk), {"close_account": "on"})
    client.post(address("remove", kept.pk))
    for person, active, groups in ((here, False, set()), (both, True, {"isere:reader"}), (kept, True, set())):
        person.refresh_from_db()
        assert person.is_active is active
        assert names_of(person) == groups


def test_what_happened_is_in_the_department_s_log_only(client, administrator, allier, isere):
    member = make_user("deux", groups=["allier:editor", "isere:publisher"])
    client.post(address("edit", member.pk), {"groups": keys("allier:publisher")})
    client.post(address("remove", member.pk))
    entries = ModelLogEntry.objects.filter(object_id=str(allier.pk), content_type__model="department")
    messages = [entry.formatter.format_message(entry) for entry in entries.order_by("pk")]
    assert len(messages) == 2
    assert all("deux" in str(message) for message in messages)
    assert {entry.user for entry in entries} == {administrator}
    assert not ModelLogEntry.objects.filter(object_id=str(isere.pk), content_type__model="department").exists()


# --- Invitations ------------------------------------------------------------------------------------------------


def invited(commits, client, *roles, email=EMAIL):
    """Invite somebody through the screen; return the path of the link in the e-mail."""
    with commits():
        response = client.post(address("invite"), {"email": email, "groups": keys(*(roles or ["allier:editor"]))})
    assert response.status_code == 302, response.context["form"].errors
    return re.search(r"http://[^/]+(/admin/invitation/\S+/)", mail.outbox[-1].body)[1]


def test_an_invitation_is_mailed_in_the_departments_language_and_its_token_kept_nowhere(
    client, administrator, commits, allier
):
    link = invited(commits, client, "allier:editor", "allier:translator:en")
    message, invitation = mail.outbox[0], Invitation.objects.get()
    token = link.split("/")[-2]
    assert message.to == [EMAIL]
    assert "Allier" in message.subject
    assert len(token) >= 43
    assert invitation.token_hash == hash_of(token)
    assert invitation.sent_at
    assert {each.name for each in invitation.groups.all()} == {"allier:editor", "allier:translator:en"}
    assert EMAIL in client.get(address("members")).content.decode()


def test_a_failing_mail_server_is_shown_in_the_list(client, administrator, commits, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    with commits():
        response = client.post(address("invite"), {"email": EMAIL, "groups": keys("allier:editor")})
    assert response.status_code == 302
    assert Invitation.objects.get().sent_at is None


def test_a_new_person_makes_an_account_and_has_the_roles_and_nothing_else(client, administrator, commits):
    link = invited(commits, client, "allier:editor", "allier:translator:en")
    visitor = Client()
    opened = visitor.get(link)
    assert opened.url == reverse("invitation")
    assert opened.headers["Referrer-Policy"] == "same-origin"
    page = visitor.get(opened.url)
    assert page.status_code == 200
    assert link.split("/")[-2] not in page.content.decode()
    wider = {"is_superuser": "on", "is_staff": "on", "email": "autre@example.org", "groups": keys("allier:publisher")}
    assert visitor.post(opened.url, ACCOUNT | wider).url == reverse("wagtailadmin_home")

    person = User.objects.get(email=EMAIL)
    assert (person.username, person.first_name) == (EMAIL, "Camille")
    assert not person.is_superuser
    assert not person.is_staff
    assert names_of(person) == {"allier:editor", "allier:translator:en"}
    assert visitor.get(reverse("wagtailadmin_home")).status_code == 200
    assert Client().login(username=EMAIL, password=ACCOUNT["password1"])
    # Used up.
    assert Client().get(link, follow=True).status_code == 404


@pytest.mark.parametrize(("changed", "field"), [
    ({"password2": "autre chose de long"}, "password2"),
    ({"password1": "court", "password2": "court"}, "password2"),
    ({"password1": EMAIL, "password2": EMAIL}, "password2"),
    ({"first_name": ""}, "first_name"),
    ({"username": "autre@example.org"}, "username"),
    ({"username": "ADMINISTRATION"}, "username"),
])  # fmt: skip
def test_an_account_that_is_not_in_order_is_refused(client, administrator, commits, changed, field):
    visitor = Client()
    visitor.get(invited(commits, client))
    response = visitor.post(reverse("invitation"), ACCOUNT | changed)
    assert field in response.context["form"].errors
    assert not User.objects.filter(email=EMAIL).exists()
    assert Invitation.objects.open().exists()


def test_an_account_is_taken_up_by_logging_in_and_touched_by_nothing_else(client, administrator, commits, isere):
    person = make_user("camille", groups=["isere:publisher"])
    before = User.objects.filter(pk=person.pk).values().get()
    fresh = Client()
    fresh.get(invited(commits, client, email="nobody@example.org"))
    unknown = fresh.get(reverse("invitation")).content.decode().replace("nobody@", "X@")
    visitor = Client()
    visitor.get(invited(commits, client))
    known = visitor.get(reverse("invitation")).content.decode().replace("camille@", "X@")
    without_secrets = re.compile(r"csrfmiddlewaretoken.*?>|nonce=\S+|\"csrfToken\".*|CSRF\S*.*")
    assert without_secrets.sub("", known) == without_secrets.sub("", unknown)
    # Nobody takes an account over by inviting its address.
    for username in ("", "nouveau"):
        assert visitor.post(reverse("invitation"), ACCOUNT | {"username": username}).context["form"].errors
    assert User.objects.filter(pk=person.pk).values().get() == before
    assert names_of(person) == {"isere:publisher"}

    login = visitor.get(reverse("invitation")).context["login_url"]
    response = visitor.post(login, {"username": "camille", "password": PASSWORD, "next": reverse("invitation")})
    assert response.url == reverse("invitation")
    assert visitor.post(response.url).url == reverse("wagtailadmin_home")
    assert names_of(person) == {"isere:publisher", "allier:editor"}


def test_another_account_cannot_take_the_invitation_up(client, administrator, commits, isere):
    other = make_user("autre", groups=["isere:editor"])
    superuser = make_user("superviseur", is_superuser=True)
    link = invited(commits, client)
    for user in (other, superuser):
        visitor = Client()
        visitor.force_login(user)
        visitor.get(link)
        assert visitor.get(reverse("invitation")).status_code == 200
        assert visitor.post(reverse("invitation"), ACCOUNT).status_code == 200
    assert names_of(other) == {"isere:editor"}
    assert not superuser.groups.exists()
    assert Invitation.objects.open().exists()
    department = Invitation.objects.get().department
    own = Invitation.objects.create(department=department, email=superuser.email, token_hash="x")
    with pytest.raises(team.PermissionDenied):
        team.accept(own, superuser)


def test_a_link_that_is_wrong_revoked_expired_or_replaced_leads_to_a_plain_page(client, administrator, commits):
    def is_closed(link):
        visitor = Client()
        page = visitor.get(link, follow=True)
        posted = visitor.post(reverse("invitation"), ACCOUNT)
        return (page.status_code, posted.status_code, User.objects.filter(email=EMAIL).exists()) == (404, 404, False)

    assert is_closed(reverse("invitation"))
    assert is_closed(reverse("invitation_link", args=["x"]))
    assert is_closed(reverse("invitation_link", args=["é" * 300]))
    link = invited(commits, client)
    replaced, link = link, invited(commits, client)
    assert is_closed(replaced)
    assert Invitation.objects.pending().count() == 1
    with commits():
        client.post(address("resend", Invitation.objects.pending().get().pk))
    assert is_closed(link)
    link = re.search(r"(/admin/invitation/\S+/)", mail.outbox[-1].body)[1]
    Invitation.objects.pending().update(expires_at=timezone.now() - timedelta(seconds=1))
    assert is_closed(link)
    link = invited(commits, client)
    client.post(address("revoke", Invitation.objects.pending().get().pk))
    assert is_closed(link)
    assert len(mail.outbox) == 4


def test_another_departments_invitation_is_not_there(client, administrator, isere):
    theirs, _link = team.invite(isere, EMAIL, [group("isere:editor")])
    for name in ("resend", "revoke"):
        assert client.post(address(name, theirs.pk)).status_code == 404
        assert client.post(address(name, theirs.pk, department="isere")).status_code == 404
        assert client.get(address(name, theirs.pk)).status_code in (404, 405)
    assert Invitation.objects.open().get() == theirs
    assert EMAIL not in client.get(address("members")).content.decode()


def test_the_form_tells_only_of_the_own_department(client, administrator, isere, commits):
    make_user("ailleurs", groups=["isere:editor"])
    make_user("ici", groups=["allier:reader"])
    invited(commits, client, email="AILLEURS@example.org")
    assert Invitation.objects.get().email == "ailleurs@example.org"
    response = client.post(address("invite"), {"email": "ici@example.org", "groups": keys("allier:editor")})
    assert "email" in response.context["form"].errors


def test_accepting_needs_a_form_of_ours(client, administrator, commits):
    visitor = Client(enforce_csrf_checks=True)
    visitor.get(invited(commits, client))
    assert visitor.post(reverse("invitation"), ACCOUNT).status_code == 403


# --- Wagtail's own screens (C1, C2, C3) -------------------------------------------------------------------------


@pytest.mark.parametrize("is_guarded", [True, False])
def test_wagtails_screens_for_users_groups_and_tokens_are_closed(client, administrator, settings, is_guarded):
    """They are open to whoever holds the model's permissions: the guard closes them even then (C1, C2)."""
    if not is_guarded:
        guard = "sites.middleware.DepartmentGuardMiddleware"
        settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if each != guard]
    overgranted = Group.objects.create(name="everything")
    overgranted.permissions.set(Permission.objects.all())
    administrator.groups.add(overgranted)
    chief = make_user("superviseur", is_superuser=True)
    expected = 404 if is_guarded else 200
    for name, pk in (("users", chief.pk), ("users", administrator.pk), ("groups", group("allier:editor").pk)):
        assert client.get(reverse(f"wagtailusers_{name}:edit", args=[pk])).status_code == expected
        assert client.get(reverse(f"wagtailusers_{name}:add")).status_code == expected
    for action in ("delete", "assign_role", "set_active_state"):
        bulk = reverse("wagtail_bulk_action", args=["users", "user", action])
        assert client.get(f"{bulk}?id={chief.pk}").status_code == expected
    data = {
        "username": chief.username, "email": chief.email, "first_name": "a", "last_name": "b", "is_active": "on",
        "password1": "prise de pouvoir", "password2": "prise de pouvoir",
    }  # fmt: skip
    client.post(reverse("wagtailusers_users:edit", args=[chief.pk]), data)
    chief.refresh_from_db()
    assert chief.is_superuser is is_guarded


def test_no_role_makes_tokens_of_wagtails_api(client, administrator, allier):
    """A token acts as its owner everywhere; a screen for them is for superusers (C3)."""
    permissions = Permission.objects.filter(group__department_group__department=allier)
    assert set(permissions.values_list("codename", flat=True)) == {"access_admin"}
    assert not administrator.has_perm("wagtailcore.add_apitoken")
    administrator.user_permissions.set(Permission.objects.filter(content_type__model="apitoken"))
    chief = make_user("superviseur", is_superuser=True)
    for path in ("", "add/", "1/", f"add/?user={chief.pk}"):
        assert client.get(f"/admin/api-tokens/{path}").status_code == 404
        assert client.post(f"/admin/api-tokens/{path}", {"user": chief.pk, "name": "x"}).status_code == 404
    assert not APIToken.objects.exists()
