"""The gettext catalogues: French is complete, the other languages have every word of the public pages."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file
from babel.messages.pofile import read_po
from django.template import Context, Engine, Node
from django.template.base import FilterExpression
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

TOP = Path(__file__).resolve().parents[2]
READER = TOP / "cms" / "reader"
TEMPLATES = READER / "templates"
PLURAL_RULES = {"fr": "(n > 1)"} | dict.fromkeys(("de", "es", "fi", "it", "nl", "pt"), "(n != 1)")
LOCALES = sorted(path.name for path in (TOP / "locale").iterdir() if path.is_dir())
KEYWORDS = DEFAULT_KEYWORDS | {
    f"{name}_lazy": DEFAULT_KEYWORDS[name] for name in ("gettext", "ngettext", "pgettext", "npgettext")
}
PLACEHOLDER = re.compile(r"%\(\w+\)[^a-zA-Z]*[a-zA-Z]")
# The name of an application is read in the administration only.
NOT_PUBLIC = {READER / "apps.py"}

# A message's context and singular: what names it in a catalogue.
Key = tuple[str | None, str]


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


def untranslated(locale: str, keys: set[Key]) -> list[Key]:
    found = catalogue(locale)
    return sorted((key for key in keys if not is_translated(found.get(key[1], key[0]))), key=str)


def python_keys() -> Iterator[Key]:
    for path in sorted(READER.rglob("*.py")):
        if path in NOT_PUBLIC:
            continue
        for _line, found, _comments, context in extract_from_file("python", path, keywords=KEYWORDS):
            yield context, forms(found)[0]


def template_keys() -> Iterator[Key]:
    engine = Engine.get_default()
    for path in sorted(TEMPLATES.rglob("*.html")):
        nodelist = engine.get_template(str(path.relative_to(TEMPLATES))).nodelist
        for node in nodelist.get_nodes_by_type(Node):
            if isinstance(node, TranslateNode):
                yield context_of(node), node.filter_expression.var.literal
            elif isinstance(node, BlockTranslateNode):
                yield context_of(node), node.render_token_list(node.singular)[0]


def context_of(node: TranslateNode | BlockTranslateNode) -> str | None:
    expression: FilterExpression | None = node.message_context
    return expression.resolve(Context()) if expression else None


@pytest.fixture(scope="module")
def public_keys() -> set[Key]:
    return {*python_keys(), *template_keys()}


def test_the_words_of_the_public_pages_are_found(public_keys):
    assert public_keys >= {
        (None, "Postponed"),  # a label of a code
        ("salary", "a month"),
        (None, "Skip to content"),
        (None, "%(count)s post open"),
    }


def test_french_is_complete():
    assert [message.id for message in messages("fr") if not is_translated(message)] == []


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

    assert found.plural_expr == PLURAL_RULES[locale]
    assert [message.id for message in plurals if len(forms(message.string)) != found.num_plurals] == []


def test_french_has_its_own_punctuation():
    """Curly apostrophes, and a space that does not break before : ; ? ! » and after «."""
    wrong = re.compile(r"'| [:;?!»]|« |\w[;?!»]|«\w|\w:(?!//)")

    assert [text for message in messages("fr") for text in forms(message.string) if wrong.search(text)] == []
