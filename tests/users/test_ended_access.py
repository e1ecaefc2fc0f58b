"""Tests that each change of what proves the identity of an account ends its sessions and tokens, except the acting one.

The changes are those of the models: every model of credentials, and every field of the account.
"""

import pytest
from django.apps import apps
from django.core import mail
from django.test import Client
from django.urls import reverse
from wagtail.models import APIToken

from cms.users.credential_models import Credential
from cms.users.login.ended_access import ENDING_CHANGES
from cms.users.models import AuthenticatorApp, Passkey, RecoveryCode, SingleSignOnIdentity, User
from cms.users.second_factor import methods
from sites.audit_log.account_events import FLAGS
from sites.members import membership
from sites.models import AuditLogEntry
from tests.factories.users import PASSWORD, make_user

from .test_second_factor import add_app, log_in

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

HOME = "/admin/"
NEW_PASSWORD = "une autre longue phrase"

# A row of each model of credentials. A new model needs its line here.
ROWS = {
    AuthenticatorApp: {"name": "Téléphone", "encrypted_secret": "x"},
    Passkey: {"name": "Clé", "host": "testserver", "credential_id": b"1", "credential_data": b"1"},
    RecoveryCode: {"code_hash": "x"},
    SingleSignOnIdentity: {"issuer": "https://provider.example", "subject": "sub"},
}
# A new value of each field of the account that ends access.
FIELDS = {
    "password": lambda user: user.set_password(NEW_PASSWORD),
    "email": lambda user: setattr(user, "email", "ailleurs@example.org"),
    "is_active": lambda user: setattr(user, "is_active", False),
    "is_superuser": lambda user: setattr(user, "is_superuser", True),
}
# Fields that prove nothing. `second_factor_key` changes with second factors, `groups` with the end of a membership.
OTHER_FIELDS = {
    "id", "username", "first_name", "last_name", "date_joined", "last_login", "is_staff", "email_confirmed_at",
    "second_factor_key",
}  # fmt: skip


def add(model):
    return lambda user, _allier: model.objects.create(user=user, **ROWS[model])


def delete_one(model):
    return lambda user, _allier: model.objects.get(user=user).delete()


def delete_all(model):
    return lambda user, _allier: model.objects.filter(user=user).delete()


def change(field):
    def save(user, _allier):
        FIELDS[field](user)
        user.save()

    return save


def reopen(user, _allier):
    for is_active in (False, True):
        user.is_active = is_active
        user.save(update_fields=["is_active"])


EVENTS = {
    **{f"{model.__name__} added": (None, add(model)) for model in ROWS},
    **{f"{model.__name__} deleted": (model, delete_one(model)) for model in ROWS},
    **{f"{model.__name__} deleted by a queryset": (model, delete_all(model)) for model in ROWS},
    **{f"{field} changed": (None, change(field)) for field in FIELDS},
    "opened again": (None, reopen),
    "password removed": (None, lambda user, _allier: (user.set_unusable_password(), user.save())),
    "recovery codes replaced": (RecoveryCode, lambda user, _allier: methods.replace_recovery_codes(user)),
    "removed": (None, lambda user, allier: membership.remove_member(allier, user, by=None)),
    "closed": (None, lambda user, allier: membership.remove_member(allier, user, by=None, close_account=True)),
    "groups cleared": (None, lambda user, _allier: user.groups.clear()),
}


def test_every_model_of_credentials_and_every_field_of_the_account_is_known():
    assert set(ROWS) == set(Credential.__subclasses__())
    assert set(ROWS) == {model for model in apps.get_models() if issubclass(model, Credential)}
    assert {field.name for field in User._meta.concrete_fields} == set(FIELDS) | OTHER_FIELDS
    assert {action for actions in FLAGS.values() for action in actions} <= ENDING_CHANGES


@pytest.mark.parametrize("event", EVENTS)
def test_sessions_and_tokens_end(client, member, allier, event):
    before, cause = EVENTS[event]
    make_user("autre", groups=["allier:administrator"])
    if before is not None:
        before.objects.create(user=member, **ROWS[before])
    member.refresh_from_db()
    client.force_login(member)
    token, _key = APIToken.create_token(user=member, name="test")
    assert client.get(reverse("account_security")).status_code == 200
    cause(member, allier)
    assert client.get(reverse("account_security")).url.startswith(reverse("wagtailadmin_login"))
    token.refresh_from_db()
    assert token.revoked_at
    assert AuditLogEntry.objects.filter(action="api_tokens_changed", details__change="token_removed").exists()


@pytest.mark.parametrize("use", ["login", "name", "use of a passkey", "another role"])
def test_use_ends_nothing(client, member, allier, use):
    passkey = add(Passkey)(member, allier)
    member.refresh_from_db()
    client.force_login(member)
    if use == "login":
        log_in(Client(), member)
    elif use == "name":
        member.first_name = "Anne"
        member.save()
    elif use == "use of a passkey":
        passkey.sign_count = 2
        passkey.save(update_fields=["sign_count", "last_used_at"])
    else:
        member.groups.add(allier.department_groups.get(role="publisher").group)
        member.groups.remove(allier.department_groups.get(role="editor").group)
    assert client.get(HOME).status_code == 200


@pytest.mark.parametrize("by", ["a second factor", "a password", "an address"])
def test_the_session_of_the_change_goes_on_under_a_new_key(client, member, commits, by):
    log_in(client, member)
    other = Client()
    log_in(other, member)
    if by == "an address":
        with commits():
            form = {"email_change-email": "nouvelle@example.org", "email_change-current_password": PASSWORD}
            save_account(client, form)
        link = next(word for word in mail.outbox[0].body.split() if "/account/email/" in word)
    key = client.session.session_key
    if by == "a second factor":
        add_app(client)
    elif by == "a password":
        names = ("old_password", "new_password1", "new_password2")
        values = (PASSWORD, NEW_PASSWORD, NEW_PASSWORD)
        save_account(client, {f"password-{name}": value for name, value in zip(names, values, strict=True)})
    else:
        assert client.post(link).status_code == 302
    assert client.session.session_key != key
    assert client.get(HOME).status_code == 200
    assert other.get(HOME).url.startswith(reverse("wagtailadmin_login"))


def save_account(client, form):
    url, data = reverse("wagtailadmin_account"), {}
    for panels in client.get(url).context["panels_by_tab"].values():
        for panel in panels:
            fields = panel.get_form()
            data |= {each.html_name: each.value() for each in fields if isinstance(each.value(), str)}
    names = {"name_email-first_name": "Camille", "name_email-last_name": "Martin"}
    assert client.post(url, data | names | form).status_code == 302


@pytest.mark.parametrize("end", ["not configured", "another provider", "disconnected", "passwords only"])
def test_sessions_of_the_provider_end_with_it(client, member, settings, oidc, end):
    SingleSignOnIdentity.objects.create(user=member, issuer=settings.OIDC["issuer"], subject="sub")
    member.refresh_from_db()
    client.force_login(member, backend="cms.users.single_sign_on.backend.SingleSignOnBackend")
    assert client.get(HOME).status_code == 200
    if end == "not configured":
        settings.OIDC = {}
    elif end == "another provider":
        settings.OIDC = settings.OIDC | {"issuer": "https://other.example"}
    elif end == "disconnected":
        member.singlesignonidentitys.all().delete()
    else:
        settings.AUTHENTICATION_BACKENDS = settings.AUTHENTICATION_BACKENDS[:1]
    assert client.get(HOME).url.startswith(reverse("wagtailadmin_login"))


def test_sessions_of_passwords_end_where_a_department_disables_them(client, member, allier, oidc):
    client.force_login(member)
    assert client.get(HOME).status_code == 200
    allier.requires_single_sign_on = True
    allier.save()
    assert client.get(HOME).url.startswith(reverse("single_sign_on_required"))
    entry = AuditLogEntry.objects.get(action="login_rules_changed")
    assert (entry.department, entry.details) == (allier, {"requires_single_sign_on": "1"})
