"""A file that is written and read again has equal units, in every format."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wagtail_localize.strings import StringValue

from cms.translations.exchange import po, tbx, tmx, xliff12, xliff21
from cms.translations.exchange.incoming_translations import read_translations
from cms.translations.exchange.inline_codes import canonical_html
from cms.translations.exchange.tbx import ConceptEntry, Term, TermStatus
from cms.translations.exchange.tmx import MemoryEntry
from cms.translations.exchange.units import UnitState

from .samples import ODD_TEXTS, OTHER_ID, characters, files, html_texts, lines, make_file, make_unit, pairs, read_bytes

pytestmark = pytest.mark.embedded

quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def contents(found):
    assert [file.refused for file in found] == [()] * len(found)
    return [file.content for file in found]


@pytest.mark.parametrize("module", [xliff12, xliff21])
@quick
@given(first=files(), second=files(translation_id=OTHER_ID))
def test_xliff_returns_equal_units(module, first, second):
    assert contents(read_bytes(module.read, module.write([first, second]))) == [first, second]


@quick
@given(file=files())
def test_po_returns_equal_units_but_does_not_know_approval(file):
    known = {UnitState.APPROVED: UnitState.TRANSLATED}
    expected = replace(
        file,
        title=" ".join(file.title.split()),
        units=tuple(replace(unit, state=known.get(unit.state, unit.state)) for unit in file.units),
    )
    assert contents(read_bytes(po.read, po.write(file))) == [expected]


@pytest.mark.parametrize("module", [xliff12, xliff21, po])
@pytest.mark.parametrize("text", ODD_TEXTS)
def test_odd_characters_survive(module, text):
    html = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    file = make_file(make_unit(f"<i>{html}</i>", f"{html}<i>{html}</i>", former_source=html, former_target=html))
    written = module.write(file) if module is po else module.write([file])
    assert contents(read_bytes(module.read, written)) == [file]


def test_a_text_at_two_places_is_one_entry_of_po_and_two_units():
    file = make_file(make_unit(order=3), make_unit(order=8))
    written = po.write(file)
    assert written.count(b'msgid "Bonjour"') == 1
    assert contents(read_bytes(po.read, written)) == [file]


@pytest.mark.parametrize(("module", "name"), [(xliff12, "a.xlf"), (xliff21, "a.XLIFF"), (po, "a.po")])
def test_the_format_is_recognised(module, name):
    file = make_file(make_unit())
    written = module.write(file) if module is po else module.write([file])
    assert contents(read_bytes(lambda data, _name: read_translations(data, name), written)) == [file]


dates = st.one_of(st.none(), st.integers(0, 2**31).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)))


@quick
@given(
    st.lists(st.builds(lambda pair, *found: MemoryEntry("fr", "it", *pair, *found), pairs(), dates, dates), max_size=4)
)
def test_tmx_returns_equal_pairs(entries):
    found = read_bytes(tmx.read, tmx.write(entries))
    assert found.refused == ()
    assert list(found.entries) == entries


def test_tmx_of_several_source_languages_returns_equal_pairs():
    entries = (MemoryEntry("fr", "it", "un", "uno"), MemoryEntry("en", "fr", "one", "un"))
    assert read_bytes(tmx.read, tmx.write(entries)).entries == entries


def test_tmx_names_no_person():
    written = tmx.write([MemoryEntry("fr", "it", "un", "uno", datetime(2026, 1, 2, tzinfo=UTC))])
    assert b"creationid" not in written
    assert b"changeid" not in written
    assert b'creationdate="20260102T000000Z"' in written


terms = st.builds(
    Term,
    st.just("fr"),
    lines,
    st.one_of(st.none(), st.sampled_from(TermStatus)),
    st.sampled_from(["", "noun", "verb"]),
)
concepts = st.lists(
    st.builds(
        lambda found, subject, definition: ConceptEntry("", tuple(found), subject, definition),
        st.lists(terms, min_size=1, max_size=3),
        st.one_of(st.just(""), lines),
        st.one_of(st.just(""), lines),
    ),
    max_size=3,
).map(lambda found: [replace(concept, concept_id=f"c{number}") for number, concept in enumerate(found)])


@quick
@given(concepts)
def test_tbx_returns_equal_concepts(found):
    assert list(read_bytes(tbx.read, tbx.write("Glossaire", "fr", found)).concepts) == found


# Beautiful Soup warns of texts that look like the name of a file.
@pytest.mark.filterwarnings("ignore::bs4.MarkupResemblesLocatorWarning")
@quick
@given(html_texts())
def test_canonical_html_is_that_of_beautiful_soup(html):
    assert StringValue.from_translated_html(html).data == html


@pytest.mark.filterwarnings("ignore::bs4.MarkupResemblesLocatorWarning")
@quick
@given(st.text(characters))
def test_plain_text_is_canonical_as_wagtail_localize_stores_it(text):
    stored = StringValue.from_plaintext(text).data
    assert canonical_html(stored) == stored
