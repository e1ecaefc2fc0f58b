"""Tests that an administrator manages the members of the own department only, no superusers and nothing else."""

import re

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse
from wagtail.models import APIToken, ModelLogEntry

from cms.users.models import User
from sites.members import membership
from sites.models import AuditLogEntry, Invitation
from tests.factories.users import make_user

from .people import keys, names_of, url_of

pytestmark = pytest.mark.django_db

EMAIL = "camille@example.org"


def group(name):
    return Group.objects.get(name=name)


# --- Members shown and changed --------------------------------------------------------------------------------


def test_list_shows_only_members_of_the_department_and_their_roles_in_it(client, administrator, allier, isere):
    both = make_user("deux", groups=["allier:editor", "isere:publisher"])
    make_user("ailleurs", groups=["isere:editor"])
    make_user("superviseur", groups=["allier:editor"], is_superuser=True)
    page = client.get(url_of("members")).content.decode()
    assert both.email in page
    assert "Rédaction" in page
    assert "Publication" not in page
    assert "ailleurs" not in page
    assert "superviseur" not in page
    assert "isere" not in page.lower()
    found = client.get(url_of("members_results"), {"q": "deux"}).content.decode()
    assert both.email in found
    assert administrator.email not in found


def test_administrator_of_two_departments_manages_one_at_a_time(client, administrator, allier, isere):
    assert client.get(reverse("team:index")).url == url_of("members")
    administrator.groups.add(group("isere:administrator"))
    page = client.get(reverse("team:index")).content.decode()
    assert url_of("members") in page
    assert url_of("members", department="isere") in page


def test_member_list_is_paginated_with_a_constant_number_of_queries(
    client, administrator, allier, django_assert_max_num_queries
):
    for number in range(60):
        make_user(f"personne-{number}", groups=["allier:editor", "allier:translator:en"])
    with django_assert_max_num_queries(30):
        page = client.get(url_of("members")).content.decode()
    assert "?p=2" in page


@pytest.mark.parametrize("role", ["publisher", "editor", "media_manager", "translator:en", "reviewer:en", "reader"])
def test_no_other_role_manages_accounts(client, allier, role):
    member = make_user("membre", groups=["allier:editor"])
    client.force_login(make_user("autre", groups=[f"allier:{role}"]))
    for name, arguments in (("members", []), ("invite", []), ("edit", [member.pk]), ("remove", [member.pk])):
        assert client.get(url_of(name, *arguments)).status_code == 404
        assert client.post(url_of(name, *arguments), {"groups": keys("allier:administrator")}).status_code == 404
    assert f'"{reverse("team:index")}"' not in client.get(reverse("wagtailadmin_home")).content.decode()


def test_the_menu_leads_an_administrator_there(client, administrator):
    assert reverse("team:index") in client.get(reverse("wagtailadmin_home")).content.decode()


def test_roles_change_in_the_own_department_only(client, administrator, isere):
    member = make_user("deux", groups=["allier:editor", "isere:publisher"])
    response = client.post(url_of("edit", member.pk), {"groups": keys("allier:publisher", "allier:translator:en")})
    assert response.status_code == 302
    assert names_of(member) == {"allier:publisher", "allier:translator:en", "isere:publisher"}


@pytest.mark.parametrize("forged", ["isere:administrator", "everything"])
def test_a_forged_group_is_refused(client, administrator, isere, forged):
    Group.objects.create(name="everything").permissions.set(Permission.objects.all())
    member = make_user("membre", groups=["allier:editor"])
    response = client.post(url_of("edit", member.pk), {"groups": keys("allier:editor", forged)})
    assert response.status_code == 200
    assert response.context["form"].errors
    assert names_of(member) == {"allier:editor"}
    response = client.post(url_of("invite"), {"email": EMAIL, "groups": keys(forged)})
    assert response.context["form"].errors
    assert not Invitation.objects.exists()
    with pytest.raises(membership.ValidationError):
        membership.change_roles(member.groups.get().department_group.department, member, [group(forged)], administrator)


def test_nobody_becomes_a_superuser_or_gets_a_permission(client, administrator):
    wider = {
        "is_superuser": "on", "is_staff": "on", "is_active": "", "password1": "x", "email": "autre@example.org",
        "user_permissions": list(Permission.objects.values_list("pk", flat=True)),
    }  # fmt: skip
    for person in (make_user("membre", groups=["allier:editor"]), administrator):
        before = User.objects.filter(pk=person.pk).values().get()
        client.post(url_of("edit", person.pk), wider | {"groups": keys("allier:administrator")})
        assert names_of(person) == {"allier:administrator"}
        assert User.objects.filter(pk=person.pk).values().get() == before
        assert not person.user_permissions.exists()


@pytest.mark.parametrize("name", ["edit", "remove"])
def test_foreign_members_and_superusers_answer_404(client, administrator, isere, name):
    strangers = [
        make_user("ailleurs", groups=["isere:editor"]),
        make_user("superviseur", groups=["allier:editor"], is_superuser=True),
        make_user("personne"),
    ]
    for stranger in strangers:
        before = names_of(stranger)
        assert client.get(url_of(name, stranger.pk)).status_code == 404
        assert client.post(url_of(name, stranger.pk), {"groups": keys("allier:reader")}).status_code == 404
        assert client.get(url_of(name, stranger.pk, department="isere")).status_code == 404
        assert names_of(stranger) == before
        stranger.refresh_from_db()
        assert stranger.is_active


# --- The last administrator, and leaving ----------------------------------------------------------------------


def test_a_department_keeps_an_administrator(client, administrator, allier):
    for name, data in (("edit", {"groups": keys("allier:editor")}), ("remove", {})):
        response = client.post(url_of(name, administrator.pk), data)
        assert response.status_code == 200
        assert response.context["form"].non_field_errors()
        assert names_of(administrator) == {"allier:administrator"}
    # A deactivated account or a superuser does not count as an administrator.
    closed = make_user("parti", groups=["allier:administrator"])
    User.objects.filter(pk=closed.pk).update(is_active=False)
    make_user("superviseur", groups=["allier:administrator"], is_superuser=True)
    assert client.post(url_of("remove", administrator.pk)).status_code == 200
    make_user("suivante", groups=["allier:administrator"])
    assert client.post(url_of("remove", administrator.pk)).url == reverse("wagtailadmin_home")
    assert not names_of(administrator)
    assert User.objects.get(pk=administrator.pk).is_active


def test_removed_member_stays_active_only_with_another_department(client, administrator, isere):
    here, both = make_user("ici", groups=["allier:editor"]), make_user("deux", groups=["allier:editor", "isere:reader"])
    kept = make_user("garde", groups=["allier:editor"])
    client.post(url_of("remove", here.pk), {"close_account": "on"})
    client.post(url_of("remove", both.pk), {"close_account": "on"})
    client.post(url_of("remove", kept.pk))
    for person, active, groups in ((here, False, set()), (both, True, {"isere:reader"}), (kept, True, set())):
        person.refresh_from_db()
        assert person.is_active is active
        assert names_of(person) == groups


def test_the_removal_of_a_member_shows_nothing_of_other_departments(client, administrator, allier, isere):
    """Form, answer, history and log are the same for somebody with a role elsewhere and for somebody without."""
    seen = []
    for name, groups in (("zoe", ["allier:editor"]), ("ada", ["allier:editor", "isere:reader"])):
        member = make_user(name, groups=groups)
        form = client.get(url_of("remove", member.pk))
        after = client.post(url_of("remove", member.pk), {"close_account": "on"}, follow=True)
        entries = ModelLogEntry.objects.filter(object_id=str(allier.pk), content_type__model="department")
        recorded = AuditLogEntry.objects.filter(department=allier, subject_id=member.pk).order_by("pk")
        pages = [re.search(r"<main.*</main>", page.content.decode(), re.DOTALL)[0] for page in (form, after)]
        pages = [re.sub(r"(?i)zoe|ada", "X", page) for page in pages]
        pages = [re.sub(rf"/{member.pk}/|nonce=\S+|csrf\S+ value=\S+|CSRF\S*.*", "", page) for page in pages]
        log = [entry.action for entry in entries if entry.data.get("account") == member.pk]
        seen.append((pages, sorted(log), list(recorded.values_list("action", "details"))))
    assert "close_account" in seen[0][0][0]
    assert seen[0] == seen[1]


def test_changes_are_logged_for_the_department_only(client, administrator, allier, isere):
    member = make_user("deux", groups=["allier:editor", "isere:publisher"])
    client.post(url_of("edit", member.pk), {"groups": keys("allier:publisher")})
    client.post(url_of("remove", member.pk))
    entries = ModelLogEntry.objects.filter(object_id=str(allier.pk), content_type__model="department")
    messages = [entry.formatter.format_message(entry) for entry in entries.order_by("pk")]
    assert len(messages) == 2
    assert all("deux" in str(message) for message in messages)
    assert {entry.user for entry in entries} == {administrator}
    assert not ModelLogEntry.objects.filter(object_id=str(isere.pk), content_type__model="department").exists()


# --- Wagtail's own screens (C1, C2, C3) -------------------------------------------------------------------------


@pytest.mark.parametrize("is_guarded", [True, False])
def test_wagtails_screens_for_users_groups_and_tokens_are_closed(client, administrator, settings, is_guarded):
    """They are open to users with the model permissions; access control closes them even then (C1, C2)."""
    if not is_guarded:
        guard = "sites.middleware.DepartmentAccessMiddleware"
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
    """A token acts as its owner everywhere; only superusers may create tokens (C3)."""
    permissions = Permission.objects.filter(group__department_group__department=allier)
    assert set(permissions.values_list("codename", flat=True)) == {"access_admin"}
    assert not administrator.has_perm("wagtailcore.add_apitoken")
    administrator.user_permissions.set(Permission.objects.filter(content_type__model="apitoken"))
    chief = make_user("superviseur", is_superuser=True)
    for path in ("", "add/", "1/", f"add/?user={chief.pk}"):
        assert client.get(f"/admin/api-tokens/{path}").status_code == 404
        assert client.post(f"/admin/api-tokens/{path}", {"user": chief.pk, "name": "x"}).status_code == 404
    assert not APIToken.objects.exists()
