"""The gettext catalogues: those of the interface are complete, the other languages have every word of the public pages.

An interface language is one that an account can choose, apart from English, the language of the messages. Translators
and reviewers see words of nearly every package: names of fields, page types and roles (cms/pages, cms/blocks, sites),
errors of forms and files (cms/media, sites/validation), refusals, menus, mails, the history of a page (sites), search
(search), security notices (cms/users). Messages of archives and classification files reach them only as the reason of a
failure. A rule for all messages has no exception that a new screen could break.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages import Catalog, Message
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po
from django.conf import settings

from cms.reader.checks import MESSAGE_LANGUAGE, MessageKey, reader_messages

TOP = Path(__file__).resolve().parents[2]
LOCALES = sorted(path.name for path in (TOP / "locale").iterdir() if path.is_dir())
INTERFACE_LOCALES = [code for code, _name in settings.WAGTAILADMIN_PERMITTED_LANGUAGES if code != MESSAGE_LANGUAGE]
PLACEHOLDER = re.compile(r"%\(\w+\)[^a-zA-Z]*[a-zA-Z]")


@cache
def catalogue(locale: str) -> Catalog:
    with (TOP / "locale" / locale / "LC_MESSAGES" / "django.po").open("rb") as file:
        return read_po(file, abort_invalid=True)


def messages(locale: str) -> list[Message]:
    return [message for message in catalogue(locale) if message.id]


def forms(text: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """The forms of a message or of its translation: one, or the singular and the plurals."""
    return (text,) if isinstance(text, str) else tuple(text)


def is_translated(message: Message | None) -> bool:
    return message is not None and not message.fuzzy and all(forms(message.string or ""))


def untranslated(locale: str, keys: set[MessageKey]) -> list[MessageKey]:
    found = catalogue(locale)
    return sorted((key for key in keys if not is_translated(found.get(key[1], key[0]))), key=str)


@pytest.fixture(scope="module")
def public_keys() -> set[MessageKey]:
    return reader_messages()


def test_the_words_of_the_public_pages_are_found(public_keys):
    assert public_keys >= {
        (None, "Postponed"),  # a label of a code
        ("salary", "a month"),
        (None, "Skip to content"),
        (None, "%(count)s post open"),
    }


def test_accounts_can_choose_the_languages_of_the_partners():
    assert {"fr", "it", "fi"} <= set(INTERFACE_LOCALES)


@pytest.mark.parametrize("locale", INTERFACE_LOCALES)
def test_the_catalogue_of_an_interface_language_is_complete(locale):
    """`make messages` adds new messages to each catalogue, and `make check` fails until it has run."""
    assert len(messages(locale)) > 2000
    assert [message.id for message in messages(locale) if not is_translated(message)] == []


def test_the_catalogues_have_the_same_messages():
    keys = {locale: {(message.context, forms(message.id)[0]) for message in messages(locale)} for locale in LOCALES}
    assert [locale for locale in LOCALES if keys[locale] != keys["fr"]] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_every_word_of_the_public_pages_is_translated(locale, public_keys):
    assert untranslated(locale, public_keys) == []


@pytest.mark.parametrize("locale", LOCALES)
def test_nothing_is_fuzzy(locale):
    assert [message.id for message in messages(locale) if message.fuzzy] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_placeholders_are_kept(locale):
    changed = {}
    for message in messages(locale):
        expected = set(PLACEHOLDER.findall(forms(message.id)[-1]))
        for text in filter(None, forms(message.string)):
            if set(PLACEHOLDER.findall(text)) != expected:
                changed[text] = expected

    assert changed == {}


@pytest.mark.parametrize("locale", LOCALES)
def test_plural_forms_are_those_of_the_language(locale):
    found = catalogue(locale)
    plurals = [message for message in messages(locale) if message.pluralizable]

    assert found.plural_expr == get_plural(locale).plural_expr
    assert [message.id for message in plurals if len(forms(message.string)) != found.num_plurals] == []


def test_french_has_its_own_punctuation():
    """Curly apostrophes, and a space that does not break before : ; ? ! » and after «."""
    wrong = re.compile(r"'| [:;?!»]|« |\w[;?!»]|«\w|[^\W\d]:(?!//)|\d:(?!//|\d)")

    assert [text for message in messages("fr") for text in forms(message.string) if wrong.search(text)] == []


# Errors whose texts people read: editors in the admin, and operators who run a command.
ERRORS_FOR_PEOPLE = {
    "ArchiveError", "ClassificationFileError", "ControlCharacterError", "ManifestError", "Refused", "UnitFaultError",
    "ValidationError",
}  # fmt: skip
TRANSLATIONS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext"}
SENTENCE = re.compile(r"[A-Za-z]{2,} [a-z]{2,}")


def untranslated_texts(node: ast.AST) -> Iterator[str]:
    """Yield the texts of an expression that are no message of gettext."""
    match node:
        case ast.Call(func=ast.Name(id=name)) if name in TRANSLATIONS:
            return
        case ast.Constant(value=str(text)) if SENTENCE.search(text):
            yield text
    for child in ast.iter_child_nodes(node):
        yield from untranslated_texts(child)


def is_error_for_people(call: ast.Call) -> bool:
    match call.func:
        # `ClassificationFileError.at(…)` too, and `row.error(…)` of a record of a file.
        case ast.Name(id=name) | ast.Attribute(value=ast.Name(id=name)) if name in ERRORS_FOR_PEOPLE | {"row"}:
            return True
    return False


def test_messages_are_outside_of_f_strings():
    """`make messages` does not find those inside."""
    found = [
        f"{path.relative_to(TOP)}:{call.lineno}"
        for package in ("cms", "sites", "search")
        for path in sorted((TOP / package).rglob("*.py"))
        for text in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in TRANSLATIONS
    ]
    assert found == []


def test_texts_of_errors_for_people_are_translated():
    found = [
        f"{path.relative_to(TOP)}:{call.lineno} {text}"
        for package in ("cms", "sites", "search")
        for path in sorted((TOP / package).rglob("*.py"))
        if "migrations" not in path.parts
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and is_error_for_people(call)
        for argument in [*call.args, *(keyword.value for keyword in call.keywords)]
        for text in untranslated_texts(argument)
    ]
    assert found == []
