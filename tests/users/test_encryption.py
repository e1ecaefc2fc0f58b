"""Tests of the encryption of stored secrets, and of a change of SECRET_KEY."""

import base64
import json

import pytest
import time_machine
from cryptography.fernet import Fernet
from django.core.management import call_command

from cms import encryption
from cms.encryption import InvalidToken, decrypt, encrypt
from cms.users.second_factor import methods

pytestmark = pytest.mark.embedded


def fernet_token(secret_key, purpose, value):
    """A token as it was stored before AES-256-GCM."""
    key = base64.urlsafe_b64encode(encryption._derive_key(secret_key, encryption.KEY_OF_FERNET))
    return Fernet(key).encrypt(json.dumps([purpose, value]).encode()).decode()


def test_a_token_is_bound_to_its_key_purpose_and_every_byte(settings):
    token = encrypt({"a": "é"}, "totp")
    assert decrypt(token, "totp") == {"a": "é"}
    assert encrypt({"a": "é"}, "totp") != token
    changed = token[:10] + ("A" if token[10] != "A" else "B") + token[11:]
    for wrong, purpose in ((token, "enrolment"), (changed, "totp"), ("gcm.", "totp"), ("gcm.é", "totp"), ("", "totp")):
        with pytest.raises(InvalidToken):
            decrypt(wrong, purpose)
    settings.SECRET_KEY = "another secret" * 5
    with pytest.raises(InvalidToken):
        decrypt(token, "totp")


def test_a_token_is_valid_for_its_time(settings):
    with time_machine.travel("2026-01-01T12:00:00Z", tick=False):
        token = encrypt(1, "enrolment")
    with time_machine.travel("2026-01-01T12:30:00Z", tick=False):
        assert decrypt(token, "enrolment", 1800) == 1
    for moment in ("2026-01-01T12:30:01Z", "2026-01-01T11:59:59Z"):
        with time_machine.travel(moment, tick=False), pytest.raises(InvalidToken):
            decrypt(token, "enrolment", 1800)


@pytest.mark.django_db
@pytest.mark.parametrize("stored", ["with a former key", "with the former algorithm"])
def test_secrets_are_encrypted_again_and_the_former_key_can_go(member, settings, capsys, stored):
    former, secret = settings.SECRET_KEY, methods.new_secret()
    methods.add_app(member, "x", secret, 0)
    app = member.authenticatorapps.get()
    if stored == "with the former algorithm":
        app.encrypted_secret = fernet_token(former, "totp", secret)
        app.save()
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another secret" * 5, [former]
    assert decrypt(app.encrypted_secret, "totp") == secret
    call_command("encrypt_secrets")
    assert "1 secrets encrypted again, 0 cannot be read" in capsys.readouterr().out
    settings.SECRET_KEY_FALLBACKS = []
    app.refresh_from_db()
    assert decrypt(app.encrypted_secret, "totp") == secret
    call_command("encrypt_secrets")
    assert "0 secrets encrypted again" in capsys.readouterr().out
