"""Hostile and broken files are refused as a whole, with the name of the file and advice."""

import gzip
import io
import time
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError

from cms.translations.exchange import inline_xml, po, tbx, tmx, unit_checks, xliff12, xliff21
from cms.translations.exchange.incoming_translations import read_translations
from cms.translations.exchange.units import UnitFaultError

from .samples import OTHER_ID, TRANSLATION_ID, make_file, make_unit, read_bytes

pytestmark = pytest.mark.embedded

FILE = make_file(make_unit("Bonjour à tous", "Ciao à tutti"))
WRITTEN = {
    xliff12: xliff12.write([FILE]).decode(),
    xliff21: xliff21.write([FILE]).decode(),
    po: po.write(FILE).decode(),
}
XML_DECLARATION = WRITTEN[xliff12].partition("\n")[0]
SECRET = Path(__file__).resolve()


def refusal(module, data, **options):
    with pytest.raises(ValidationError) as caught:
        read_bytes(module.read, data, **options)
    message = " ".join(caught.value.messages)
    assert "file.xlf" in message
    return message


def with_doctype(module, doctype, reference=""):
    text = WRITTEN[module].replace(XML_DECLARATION, f"{XML_DECLARATION}\n<!-- exported -->\n{doctype}")
    return text.replace("Ciao", f"Ciao{reference}")


DOCTYPES = [
    (f'<!DOCTYPE xliff [<!ENTITY x SYSTEM "file://{SECRET}">]>', "&x;"),
    ('<!DOCTYPE xliff [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x.dtd"> %x;]>', ""),
    ('<!DOCTYPE xliff SYSTEM "http://127.0.0.1:9/xliff.dtd">', ""),
    ('<!DOCTYPE xliff PUBLIC "-//XLIFF//DTD XLIFF//EN" "xliff.dtd">', ""),
    ('<!DOCTYPE xliff SYSTEM "tmx14.dtd">', ""),
    ("<!DOCTYPE xliff [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;']>", "&c;"),
    ("<!DOCTYPE xliff [<!ATTLIST target state CDATA 'final'>]>", ""),
    ("\n" * 20_000 + "<!DOCTYPE xliff []>", ""),
]


@pytest.mark.parametrize("module", [xliff12, xliff21])
@pytest.mark.parametrize(("doctype", "reference"), DOCTYPES)
def test_document_types_and_entities_are_refused(module, doctype, reference):
    message = refusal(module, with_doctype(module, doctype, reference))
    assert "DOCTYPE" in message
    assert "line " in message


@pytest.mark.parametrize(("module", "root"), [(tmx, "tmx"), (tbx, "martif")])
def test_memories_and_glossaries_may_name_the_standard_dtd_but_no_entity(module, root):
    entity = f'<!DOCTYPE {root} SYSTEM "tmx14.dtd" [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    assert "DOCTYPE" in refusal(module, f"{entity}<{root}>&x;</{root}>")
    assert "DOCTYPE" in refusal(module, f'<!DOCTYPE {root} SYSTEM "http://127.0.0.1:9/tmx14.dtd"><{root}/>')
    name = {"tmx": "tmx14.dtd", "martif": "TBXBasiccoreStructV02.dtd"}[root]
    read_bytes(module.read, f'<!DOCTYPE {root} SYSTEM "{name}"><{root}/>')


def test_an_entity_without_a_document_type_is_refused():
    assert "well-formed" in refusal(xliff12, WRITTEN[xliff12].replace("Ciao", "&x;"))


@pytest.mark.parametrize("module", [xliff12, xliff21])
def test_an_external_schema_is_not_loaded_and_inclusions_are_not_followed(module):
    location = (
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:x http://127.0.0.1:9/x.xsd"'
    )
    text = WRITTEN[module].replace("<xliff ", f"<xliff {location} ", 1)
    text = text.replace(XML_DECLARATION, f'{XML_DECLARATION}<?xml-stylesheet href="http://127.0.0.1:9/x.xsl"?>')
    assert read_bytes(module.read, text)[0].content == FILE
    include = f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{SECRET}" parse="text"/>'
    (found,) = read_bytes(module.read, text.replace("Ciao", f"Ciao{include}"))
    assert found.content.units == ()
    assert len(found.refused) == 1


def packed(data):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.xlf", data)
    return file.getvalue()


@pytest.mark.parametrize("module", [xliff12, xliff21, po, tmx, tbx])
@pytest.mark.parametrize("pack", [packed, gzip.compress])
def test_packed_files_are_refused_before_they_are_unpacked(module, pack):
    data = pack(b" " * 50_000_000)
    tracemalloc.start()
    assert "unpack" in refusal(module, data)
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


ENCODED = {
    "utf-16": (lambda text: text.encode("utf-16"), "UTF-16"),
    "utf-16-be": (lambda text: b"\xfe\xff" + text.encode("utf-16-be"), "UTF-16"),
    "utf-16 without mark": (lambda text: text.encode("utf-16-le"), "UTF-16"),
    "utf-32": (lambda text: text.encode("utf-32"), "UTF-32"),
    "latin-1": (lambda text: text.encode("latin-1"), "Windows-1252"),
    "declared latin-1": (lambda text: text.replace("UTF-8", "ISO-8859-1").encode("latin-1"), "Windows-1252"),
    "surrogates": (lambda text: text.replace("Ciao", "\ud83d").encode("utf-8", "surrogatepass"), "UTF-8"),
    "overlong": (lambda text: text.encode().replace(b"Ciao", b"\xc0\xaf"), "UTF-8"),
}


@pytest.mark.parametrize("module", [xliff12, xliff21, po])
@pytest.mark.parametrize("kind", ENCODED)
def test_other_encodings_are_refused_and_named(module, kind):
    encode, name = ENCODED[kind]
    assert name in refusal(module, encode(WRITTEN[module]))


@pytest.mark.parametrize("module", [xliff12, xliff21])
@pytest.mark.parametrize("encoding", ["ISO-8859-1", "windows-1252", "UTF-16", "UTF-7"])
def test_a_lying_declaration_is_refused(module, encoding):
    message = refusal(module, WRITTEN[module].replace("'UTF-8'", f"'{encoding}'"))
    assert encoding in message


def test_a_lying_header_of_po_is_refused():
    assert "ISO-8859-1" in refusal(po, WRITTEN[po].replace("charset=UTF-8", "charset=ISO-8859-1"))


@pytest.mark.parametrize("module", [xliff12, xliff21, po])
def test_a_byte_order_mark_of_utf_8_is_accepted(module):
    assert read_bytes(module.read, b"\xef\xbb\xbf" + WRITTEN[module].encode())[0].content == FILE


@pytest.mark.parametrize("module", [xliff12, xliff21])
@pytest.mark.parametrize(
    "character", ["\x00", "\x1b", "\x92", "&#x92;", "&#x1b;", "\ufffe", "&#0;", "e" + "\u0301" * 40]
)
def test_control_characters_are_refused_with_their_line(module, character):
    assert "line " in refusal(module, WRITTEN[module].replace("Ciao", character))


@pytest.mark.parametrize("character", ["\x00", "\x1b", "\x92", "\\b", "\\v", "\ufffe", "e" + "\u0301" * 40])
@pytest.mark.parametrize("place", ["Ciao", "Bonjour", "title"])
def test_control_characters_of_po_are_refused_with_their_line(character, place):
    text = WRITTEN[po].replace(place, character)
    assert refusal(po, text)


@pytest.mark.parametrize("module", [xliff12, xliff21, po])
def test_texts_with_control_characters_are_not_written(module):
    file = make_file(make_unit(target="Ci\x92ao"))
    with pytest.raises(ValidationError, match=r"title.*U\+0092"):
        module.write(file if module is po else [file])


def test_memories_and_glossaries_with_control_characters_are_not_written():
    with pytest.raises(ValidationError, match=r"U\+001B"):
        tmx.write([tmx.MemoryEntry("fr", "it", "Un", "U\x1bno")])
    with pytest.raises(ValidationError, match=r"U\+001B"):
        tbx.write("Glossaire", "fr", [tbx.ConceptEntry("c1", (tbx.Term("fr", "\x1b"),))])


class Endless:
    """A file of 200 MB that counts the bytes that are read."""

    def __init__(self):
        self.taken = 0

    def read(self, size=-1):
        size = min(size, 200_000_000 - self.taken) if size >= 0 else 200_000_000 - self.taken
        self.taken += size
        return b" " * size


@pytest.mark.parametrize("module", [xliff12, xliff21, po, tmx, tbx])
def test_of_a_large_file_no_more_than_the_limit_is_read(module, settings):
    settings.TRANSLATION_FILE_MAX_BYTES = 1_000_000
    file = Endless()
    with pytest.raises(ValidationError, match="larger than 1 MB"):
        module.read(file, "file.xlf")
    assert file.taken == 1_000_001


XLIFF_12 = """<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2"><file original="{id}"><body>
{units}</body></file></xliff>"""
XLIFF_21 = '<xliff version="2.1" xmlns="urn:oasis:names:tc:xliff:document:2.0"><file id="{id}">{units}</file></xliff>'
PO = 'msgid ""\nmsgstr "X-WagtailLocalize-TranslationID: {id}\\n"\n\n{units}'
PO_HEADER = PO.replace('\\n"\n\n{units}', '\\nX-Notes: {units}"\n')

COSTLY = {
    "a million empty units (1.2)": (xliff12, XLIFF_12, lambda: "<trans-unit/>" * 1_000_000),
    "a million empty units (2.1)": (xliff21, XLIFF_21, lambda: "<unit/>" * 1_000_000),
    "a million empty entries": (po, PO, lambda: 'msgid ""\nmsgstr ""\n' * 900_000),
    "many units (1.2)": (xliff12, XLIFF_12, lambda: "".join(f'<trans-unit id="u{n}"/>' for n in range(50_001))),
    "many units (2.1)": (xliff21, XLIFF_21, lambda: "".join(f'<unit id="u{n}"/>' for n in range(50_001))),
    "many elements": (xliff12, XLIFF_12, lambda: "<g/>" * 2_100_000),
    "deep elements (1.2)": (xliff12, XLIFF_12, lambda: "<group>" * 100_000),
    "deep elements (2.1)": (xliff21, XLIFF_21, lambda: "<group>" * 100_000),
    "an entry of many lines": (po, PO, lambda: 'msgid "a"\nmsgstr ""\n' + '"a"\n' * 1_000_000),
    "an entry of many escaped lines": (po, PO, lambda: 'msgid "a"\nmsgstr "' + r"a\n" * 20_000 + '"\n'),
    "a header of many escaped lines": (po, PO_HEADER, lambda: r"\n" * 1_600_000),
    "a header of many line separators": (po, PO_HEADER, lambda: "\u2028" * 1_600_000),
    "a comment of many lines": (po, PO, lambda: "#. a\n" * 1_000_000),
    "an entry of many places": (
        po,
        PO,
        lambda: "#: " + " ".join(f"segment:{n}" for n in range(60_000)) + '\nmsgctxt "c"\nmsgid "a"\nmsgstr "b"\n',
    ),
    "a long text": (po, PO, lambda: f'msgctxt "c"\nmsgid "a"\nmsgstr "{"<b>" * 1_000_000}"\n'),
    "a long text (1.2)": (xliff12, XLIFF_12, lambda: f"<trans-unit><source>{'&lt;' * 200_000}</source></trans-unit>"),
    "many attributes": (xliff12, XLIFF_12, lambda: "<g " + " ".join(f"a{n}='1'" for n in range(500_000))),
}


@pytest.mark.parametrize("kind", COSTLY)
def test_costly_files_are_refused_in_a_short_time(kind):
    module, frame, units = COSTLY[kind]
    data = frame.format(id=TRANSLATION_ID, units=units()).encode()
    started = time.process_time()
    assert refusal(module, data)
    assert time.process_time() - started < 10


@pytest.mark.parametrize(("units", "is_long"), [(r"a\n" * 90, False), (r"a\n" * 110, True), ("a" * 20_001, True)])
def test_a_header_of_usual_length_is_read(units, is_long):
    data = PO_HEADER.format(id=TRANSLATION_ID, units=units) + '\nmsgctxt "c"\nmsgid "a"\nmsgstr "b"\n'
    if is_long:
        assert "header" in refusal(po, data)
    else:
        (found,) = read_bytes(po.read, data)
        assert [unit.target for unit in found.content.units] == ["b"]


@pytest.mark.parametrize("module", [xliff12, xliff21])
def test_a_text_of_many_codes_is_refused_in_a_short_time(module):
    text = WRITTEN[module].replace("Ciao", '<x id="1"/>' * 100_000 if module is xliff12 else '<ph id="1"/>' * 100_000)
    started = time.process_time()
    (found,) = read_bytes(module.read, text)
    assert time.process_time() - started < 10
    assert found.content.units == ()
    assert "1000" in found.refused[0].reason


def test_an_entry_of_many_places_is_checked_once(monkeypatch):
    checked = []
    refuse_unreadable = unit_checks.refuse_unreadable
    monkeypatch.setattr(unit_checks, "refuse_unreadable", lambda text: checked.append(text) or refuse_unreadable(text))
    places = " ".join(f"segment:{number}" for number in range(40_000))
    units = f'#: {places}\nmsgctxt "c"\nmsgid "a"\nmsgstr "b"\n'
    (found,) = read_bytes(po.read, PO.format(id=TRANSLATION_ID, units=units))
    assert len(found.content.units) == 40_000
    assert checked == ["b"]


def test_places_count_as_texts_before_any_is_made(monkeypatch):
    monkeypatch.setattr(unit_checks, "replace", lambda *args, **options: pytest.fail("a place was made"))
    places = " ".join(f"segment:{number}" for number in range(11))
    units = f'#: {places}\nmsgctxt "c"\nmsgid "a"\nmsgstr "b"\n'
    assert "far more texts" in refusal(po, PO.format(id=TRANSLATION_ID, units=units), max_units=10)


LONG_ID = "a" * 95_000
UNIT_12 = (
    '<trans-unit id="u1" resname="c"><source>{source}</source><target>{target}</target></trans-unit>'
)  # fmt: skip
UNIT_21 = (
    '<unit id="u1" name="c"><originalData><data id="d">&lt;a id="{id}"&gt;</data><data id="e">&lt;/a&gt;</data>'
    "</originalData><segment><source>{source}</source><target>{target}</target></segment></unit>"
)
REPEATED_CODES = {
    "codes of the source (1.2)": (
        xliff12,
        XLIFF_12,
        UNIT_12.format(
            source=f'x<g id="1" equiv-text="&lt;a id=&quot;{LONG_ID}&quot;&gt;">b</g>', target='<g id="1"/>' * 1_900
        ),
    ),
    "codes of the target (1.2)": (
        xliff12,
        XLIFF_12,
        UNIT_12.format(source="x", target=f'<g id="1" equiv-text="&lt;a id=&quot;{LONG_ID}&quot;&gt;">b</g>' * 40),
    ),
    "data of a unit (2.1)": (
        xliff21,
        XLIFF_21,
        UNIT_21.format(id=LONG_ID, source="x", target='<ph id="1" dataRef="d"/>' * 1_900),
    ),
    "codes of the greatest length (2.1)": (
        xliff21,
        XLIFF_21,
        UNIT_21.format(id="a" * 100, source="x", target='<pc id="1" dataRefStart="d" dataRefEnd="e">y</pc>' * 1_000),
    ),
}


@pytest.mark.parametrize("kind", REPEATED_CODES)
def test_codes_that_are_repeated_do_not_multiply_the_file(kind):
    module, frame, unit = REPEATED_CODES[kind]
    data = frame.format(id=TRANSLATION_ID, units=unit).encode()
    tracemalloc.start()
    try:
        (found,) = read_bytes(module.read, data)
        _kept, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found.content.units == ()
    assert found.refused
    assert peak < 4 * len(data) + 10_000_000


def test_long_codes_are_not_kept_in_memory():
    before = inline_xml._pair_of_code.cache_info().currsize
    for number in range(20):
        with pytest.raises(UnitFaultError):
            inline_xml.pair_of_code(f'<a id="{number}{LONG_ID}">')
    assert inline_xml._pair_of_code.cache_info().currsize == before


@pytest.mark.parametrize("module", [xliff12, xliff21, po])
def test_only_the_expected_translations_are_read(module):
    assert TRANSLATION_ID in refusal(module, WRITTEN[module], translation_ids={OTHER_ID})
    assert read_bytes(module.read, WRITTEN[module], translation_ids={TRANSLATION_ID, OTHER_ID})
    for wrong in ("", "7", TRANSLATION_ID.upper(), "{" + TRANSLATION_ID + "}", "../" + TRANSLATION_ID):
        assert refusal(module, WRITTEN[module].replace(TRANSLATION_ID, wrong))


@pytest.mark.parametrize("module", [xliff12, xliff21])
def test_a_file_with_another_department_s_translation_is_refused_as_a_whole(module):
    both = module.write([FILE, make_file(make_unit(), translation_id=OTHER_ID)])
    assert OTHER_ID in refusal(module, both, translation_ids={TRANSLATION_ID})
    assert len(read_bytes(module.read, both, translation_ids={TRANSLATION_ID, OTHER_ID})) == 2


@pytest.mark.parametrize("module", [xliff12, xliff21])
def test_a_translation_that_is_there_twice_is_refused(module):
    both = module.write([FILE, make_file(make_unit(), translation_id=OTHER_ID)]).decode()
    assert "twice" in refusal(module, both.replace(OTHER_ID, TRANSLATION_ID))


@pytest.mark.parametrize(("module", "end"), [(xliff12, "</trans-unit>"), (xliff21, "</unit>"), (po, None)])
def test_a_unit_that_is_there_twice_is_refused_with_its_line(module, end):
    text = WRITTEN[module]
    if end:
        start = text.index("<" + end[2:-1])
        text = text.replace(end, end + "\n" + text[start : text.index(end) + len(end)])
    else:
        text += text[text.index("msgctxt") :]
    message = refusal(module, text)
    assert "twice" in message
    assert "line " in message


@pytest.mark.parametrize("module", [xliff12, xliff21])
def test_two_translations_of_one_text_are_a_contradiction(module):
    file = make_file(make_unit(order=1), make_unit(order=2, target="Salve"), make_unit(order=3))
    (found,) = read_bytes(module.read, module.write([file]))
    assert [unit.order for unit in found.content.units] == [1, 3]
    assert len(found.refused) == 1


@pytest.mark.parametrize("module", [xliff12, xliff21])
@pytest.mark.parametrize(
    ("old", "new"),
    [('id="u0"', 'id="1"'), ('id="u0"', 'id="u-1"'), ('id="u0"', 'id="u٣"'), ("Bonjour à tous", ""), ("title", "")],
)
def test_a_unit_without_its_id_name_or_source_is_refused(module, old, new):
    (found,) = read_bytes(module.read, WRITTEN[module].replace(old, new))
    assert found.content.units == ()
    assert len(found.refused) == 1


@pytest.mark.parametrize("module", [xliff12, xliff21, po, tmx, tbx])
@pytest.mark.parametrize(
    "data", [b"", b"nothing", b"<a/>", b"<a>", b"\xff\xfe", b"%PDF-1.7", b"/etc/passwd", b"{}", b"<html><body/></html>"]
)
def test_other_files_are_refused(module, data):
    assert refusal(module, data)


@pytest.mark.parametrize("version", ["document:1.1", "document:2.2", "document:3"])
def test_other_versions_of_xliff_are_refused(version):
    with pytest.raises(ValidationError, match="XLIFF"):
        read_translations(io.BytesIO(f'<xliff xmlns="urn:oasis:names:tc:xliff:{version}"/>'.encode()), "a.xlf")
