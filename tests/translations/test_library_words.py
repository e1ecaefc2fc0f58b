"""Every screen of the libraries is in the languages of the interface: ours have the words that theirs lack."""

import json
import re
from functools import cache
from pathlib import Path

import django
import polib
import pytest
import taggit
import wagtail
import wagtail_localize
from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles import finders
from django.utils import translation
from django.views.i18n import JSONCatalog

pytestmark = pytest.mark.embedded

LIBRARIES = [Path(module.__path__[0]) for module in (django, taggit, wagtail, wagtail_localize)]
CODES = [code for code, _name in settings.WAGTAILADMIN_PERMITTED_LANGUAGES if code != "en"]
OWN_CODES = sorted(path.name for path in settings.LIBRARY_CATALOGUES.iterdir())
DOMAINS = ("django", "djangojs")
# “Region” and “localisation” for a language.
WRONG = {"fr": "région", "it": "localizzazion", "fi": "maa-asetu"}
# A quotation mark without the space after it.
STUCK = re.compile(r'"%\(\w+\)s"\w')
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[a-z]|\{\w*\}|<[^>]+>")
# Libraries show these to people who install them, or nowhere here.
NOT_SHOWN = {"django.contrib.postgres"}
# Libraries write these in their templates and scripts; `library_words.js` translates them.
ENGLISH_ONLY = {"%(source)s to %(target)s translation", "More actions", "Search", "Actions"}


def key(entry):
    return entry.msgctxt, entry.msgid


def forms(entry):
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def entries(path):
    return [entry for entry in polib.pofile(path) if not entry.obsolete] if path.exists() else []


def library_folders():
    """Return the folders with catalogues of the installed applications of libraries."""
    return [
        path
        for config in apps.get_app_configs()
        if config.name not in NOT_SHOWN and (path := Path(config.path, "locale")).is_dir()
        if any(path.is_relative_to(library) for library in LIBRARIES)
    ]


@cache
def upstream(code, domain):
    """Return the texts of each message in the catalogues of the libraries; several have some words."""
    found = {}
    for folder in library_folders():
        for entry in entries(folder / code / "LC_MESSAGES" / f"{domain}.po"):
            if entry.translated():
                found.setdefault(key(entry), []).extend(forms(entry))
    return found


@cache
def messages(domain):
    return {key(entry) for folder in library_folders() for entry in entries(folder / "en/LC_MESSAGES" / f"{domain}.po")}


@cache
def own(code, domain):
    return {key(entry): entry for entry in entries(settings.LIBRARY_CATALOGUES / code / "LC_MESSAGES" / f"{domain}.po")}


def is_wrong(code, text):
    return (code in WRONG and WRONG[code] in text.lower()) or bool(STUCK.search(text))


def our_messages(code):
    path = Path(settings.BASE_DIR, "locale", code, "LC_MESSAGES", "django.po")
    return {key(entry) for entry in entries(path) if entry.translated()}


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("code", CODES)
def test_every_message_of_the_libraries_has_a_translation(code, domain):
    assert len(messages(domain)) > 100
    translated = upstream(code, domain).keys() | own(code, domain).keys()
    if domain == "django":
        translated |= our_messages(code)
    assert sorted(map(str, messages(domain) - translated)) == []


@pytest.mark.parametrize("code", CODES)
def test_no_screen_of_the_libraries_says_region_for_language(code):
    found = {
        message for message, texts in upstream(code, "django").items() if any(is_wrong(code, text) for text in texts)
    }
    assert found, "the libraries have mended their words: delete ours"
    with translation.override(code):
        assert [text for _context, text in sorted(found) if is_wrong(code, translation.gettext(text))] == []


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("code", OWN_CODES)
def test_each_of_our_words_is_one_that_a_library_lacks_or_mistakes(code, domain):
    """A word that a new release of a library has is deleted here."""
    needless = [
        message
        for message in own(code, domain)
        if (message not in messages(domain) and message[1] not in ENGLISH_ONLY)
        or (
            (texts := upstream(code, domain).get(message))
            and message[1] not in texts
            and not any(is_wrong(code, text) for text in texts)
        )
    ]
    assert needless == []


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("code", OWN_CODES)
def test_our_words_keep_placeholders_and_tags(code, domain):
    for entry in own(code, domain).values():
        assert not entry.fuzzy
        sources = [entry.msgid, entry.msgid_plural] if entry.msgid_plural else [entry.msgid]
        for source, text in zip(sources, forms(entry), strict=True):
            assert sorted(PLACEHOLDER.findall(text)) == sorted(PLACEHOLDER.findall(source)), source


@pytest.mark.parametrize("code", CODES)
def test_our_script_translates_what_libraries_write_in_english_only(code):
    translated = own(code, "djangojs").keys() | upstream(code, "djangojs").keys()
    assert {text for _context, text in translated} >= ENGLISH_ONLY
    script = Path(finders.find("translations/library_words.js")).read_text()
    assert all(f"gettext('{text}')" in script for text in ENGLISH_ONLY)


def test_libraries_still_write_words_in_english_only():
    """Wagtail's templates, and localize's script as it is delivered."""
    templates = Path(wagtail.__path__[0], "admin", "templates", "wagtailadmin")
    assert 'value="Search"' in (templates / "shared/header.html").read_text()
    assert 'aria-label="Actions"' in (templates / "shared/headers/_actions.html").read_text()
    folder = Path(wagtail_localize.__path__[0], "static", "wagtail_localize", "js")
    script = "".join(path.read_text(encoding="utf-8") for path in folder.rglob("*.js"))
    assert '"More actions"' in script
    assert ".displayName} translation`" in script


@pytest.mark.parametrize(
    ("package", "code", "message", "expected"),
    [
        ("wagtail_localize", "it", "[DELETED]", "[ELIMINATO]"),
        ("wagtail_localize", "fi", "Applying editor lock", "Lukitaan editori"),
        ("wagtail.admin", "fi", "A network error occurred.", "Verkkovirhe."),
    ],
)
def test_scripts_get_our_words(rf, package, code, message, expected):
    with translation.override(code):
        response = JSONCatalog.as_view(packages=[package])(rf.get("/"))
    assert json.loads(response.content)["catalog"][message] == expected
