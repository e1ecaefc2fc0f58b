"""Tests of the rules for passwords, and of every form in which one is entered."""

import hashlib
import time

import pytest
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import get_resolver, reverse

from cms.users.passwords.validators import COMMON_PASSWORDS, HASH_BYTES, is_common, is_in_file
from tests.factories.users import PASSWORD, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

ALLOWED = [
    "918273645546372819",  # digits only
    "zulgrimpofatekado",  # small letters only
    "mon vélo grince souvent le mardi",
    "  un espace au début et à la fin  ",
    "Allier et ses longues soirées de février",
    "密码是一个很长很长的句子吗",
    "x" + "yz" * 40,
    "é" * 5 + "ü" * 5 + "ß∂ƒ" * 20,
]
REFUSED = {
    "password_too_short": ["courte", "onze signes"],
    "password_too_common": ["qwerty123456", "1qaz2wsx3edc", "QWERTYqwerty", "123456654321"],
    "password_of_context_words": [
        "Allier-2026-Solidarité",
        "Departement2026!",
        "m3tiers-s0ciaux-1",
        "traducteur-isere-38",
        "Motdepasse12345",
        "conseil.departemental.38",
    ],
}


@pytest.mark.parametrize("password", ALLOWED)
def test_any_characters_make_a_password(allier, password):
    validate_password(password)


@pytest.mark.parametrize(("code", "password"), [(code, word) for code, words in REFUSED.items() for word in words])
def test_known_passwords_and_words_of_the_instance_are_refused(allier, isere, code, password):
    with pytest.raises(ValidationError) as refusal:
        validate_password(password)
    assert code in {error.code for error in refusal.value.error_list}


def test_words_can_be_added_by_a_setting(allier, settings):
    validate_password("Zorglub-Bulgroz-1")
    settings.PASSWORD_CONTEXT_WORDS = ["Zorglub", "Bulgroz"]
    with pytest.raises(ValidationError):
        validate_password("Zorglub-Bulgroz-1")


def test_the_list_has_more_than_the_3000_most_frequent_passwords_of_this_length():
    content = COMMON_PASSWORDS.read_bytes()
    assert len(content) / HASH_BYTES > 40_000
    assert not any(is_common(password) for password in ALLOWED)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_password_of_a_breach_is_found_in_a_sorted_file(tmp_path, settings, end):
    words = [f"a longer sentence {number}" for number in range(300)]
    lines = sorted(hashlib.sha1(word.encode(), usedforsecurity=False).hexdigest().upper() + ":3" for word in words)
    path = tmp_path / "hashes.txt"
    path.write_bytes("".join(line + end for line in lines).encode())
    assert all(is_in_file(word, path) for word in words)
    assert not any(is_in_file(f"another sentence {number}", path) for number in range(300))
    validate_password(words[7])
    settings.BREACHED_PASSWORDS_FILE = str(path)
    with pytest.raises(ValidationError):
        validate_password(words[7])


def test_an_empty_file_has_no_password(tmp_path):
    path = tmp_path / "hashes.txt"
    path.write_bytes(b"")
    assert not is_in_file("a longer sentence", path)


def test_a_password_of_megabytes_takes_no_time(allier):
    """One letter becomes 18 when it is decomposed."""
    began = time.process_time()
    validate_password("\ufdfa" * 500_000, make_user("camille", groups=["allier:editor"]))
    assert time.process_time() - began < 1


def subclasses(base):
    for each in base.__subclasses__():
        yield each
        yield from subclasses(each)


def test_every_form_takes_a_password_as_it_is():
    """No form cuts a password or hides what a password manager needs. Generated from the forms."""
    _ = get_resolver().url_patterns  # loads every form
    found = set()
    for form in set(subclasses(forms.BaseForm)):
        if form.__module__.startswith("django.contrib.admin"):
            continue
        for name, field in getattr(form, "base_fields", {}).items():
            if "password" not in name or not isinstance(field, forms.CharField):
                continue
            where = f"{form.__module__}.{form.__qualname__}.{name}"
            if "ViewRestriction" in where or "restriction" in where.lower():
                continue  # a password that readers of a collection share
            found.add(where)
            assert field.widget.input_type == "password", where
            assert field.max_length is None or field.max_length >= 64, where
            assert not field.strip, where
            assert not {"onpaste", "maxlength", "readonly"} & set(field.widget.attrs), where
            assert field.widget.attrs.get("autocomplete") != "off", where
    assert len(found) >= 8


def test_a_long_password_with_spaces_works_from_the_change_to_the_login(allier):
    user, client = make_user("camille", groups=["allier:editor"]), Client()
    client.force_login(user)
    new = " " + "long phrase é " * 9
    form = {"password-old_password": PASSWORD, "password-new_password1": new, "password-new_password2": new}
    fields = {}
    for panels in client.get(reverse("wagtailadmin_account")).context["panels_by_tab"].values():
        for panel in panels:
            fields |= {each.html_name: each.value() for each in panel.get_form() if isinstance(each.value(), str)}
    fields |= {"name_email-first_name": "Camille", "name_email-last_name": "Martin"}
    client.post(reverse("wagtailadmin_account"), fields | form)
    user.refresh_from_db()
    assert user.check_password(new)
    assert not user.check_password(new.strip())
    login = Client().post(reverse("wagtailadmin_login"), {"username": user.username, "password": new})
    assert login.status_code == 302
    form["password-old_password"] = "wrong"
    client.post(reverse("wagtailadmin_account"), fields | form)
    user.refresh_from_db()
    assert user.check_password(new)
