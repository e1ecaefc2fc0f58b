"""Files as translation programs write them, and our files as translate-toolkit reads them."""

import subprocess
from io import BytesIO

import pytest
from translate.storage import pypo, xliff, xliff2
from translate.storage import tbx as toolkit_tbx
from translate.storage import tmx as toolkit_tmx

from cms.translations.exchange import po, tbx, tmx, xliff12, xliff21
from cms.translations.exchange.tbx import ConceptEntry, Term, TermStatus
from cms.translations.exchange.tmx import MemoryEntry
from cms.translations.exchange.units import UNKNOWN_ORDER, UnitState

from .samples import TRANSLATION_ID, make_file, make_unit, read_bytes

UNTRANSLATED, NEEDS_EDITING, TRANSLATED, APPROVED = UnitState
SOURCE = 'Lisez <a id="a1">le <b>guide</b></a><br/>& plus'.replace("&", "&amp;")
TARGET = SOURCE.replace("guide", "manuale")
UNITS = (
    make_unit(SOURCE, "", order=0),
    make_unit("Deux", "Due", NEEDS_EDITING, order=1, context="b", former_source="Un", former_target="Uno"),
    make_unit("Trois", "Tre", TRANSLATED, order=2, context="c", note="Nombre", max_length=10),
    make_unit(SOURCE, TARGET, APPROVED, order=3, context="d"),
)
FILE = make_file(*UNITS)


def test_translate_toolkit_reads_our_xliff_12():
    units = xliff.xlifffile.parsestring(xliff12.write([FILE])).units
    kinds = xliff.xliffunit
    states = [kinds.S_NEEDS_REVIEW, kinds.S_TRANSLATED, kinds.S_SIGNED_OFF]
    assert [bool(unit.target) for unit in units] == [False, True, True, True]
    assert [unit.get_state_id() for unit in units[1:]] == states
    assert [unit.isapproved() for unit in units] == [False, False, False, True]
    assert [unit.source for unit in units[1:3]] == ["Deux", "Trois"]
    assert units[2].getnotes() == "Nombre"
    assert [(alternative.source, alternative.target) for alternative in units[1].getalttrans()] == [("Un", "Uno")]
    assert units[0].xmlelement.get("resname") == "title"


def test_translate_toolkit_reads_our_xliff_21():
    store = xliff2.Xliff2File.parsestring(xliff21.write([FILE]))
    units = store.units
    assert [bool(unit.target) for unit in units] == [False, True, True, True]
    assert [unit.isfuzzy() for unit in units] == [False, True, False, False]
    assert [unit.isapproved() for unit in units] == [False, False, False, True]
    assert units[2].getunitelement().findtext("{*}notes/{*}note") == "Nombre"
    assert store.sourcelanguage == "fr"
    assert store.targetlanguage == "it"


def test_translate_toolkit_reads_our_po():
    header, *units = pypo.pofile.parsestring(po.write(FILE)).units
    assert TRANSLATION_ID in header.target
    assert [unit.isfuzzy() for unit in units] == [False, True, False, False]
    assert [str(unit.target) for unit in units] == ["", "Due", "Tre", TARGET]
    assert [unit.getcontext() for unit in units] == ["title", "b", "c", "d"]
    assert units[1].prev_source == "Un"
    assert "Nombre" in units[2].getnotes("developer")


def test_gettext_accepts_our_po(tmp_path):
    source = tmp_path / "file.po"
    source.write_bytes(po.write(FILE))
    subprocess.run(["msgfmt", "--check", "--output-file", tmp_path / "file.mo", source], check=True)


def test_translate_toolkit_saves_our_files_without_loss():
    for module, store, expected in (
        (xliff12, xliff.xlifffile.parsestring(xliff12.write([FILE])), UNITS),
        (xliff21, xliff2.Xliff2File.parsestring(xliff21.write([FILE])), UNITS),
        (po, pypo.pofile.parsestring(po.write(FILE)), (*UNITS[:3], make_unit(SOURCE, TARGET, order=3, context="d"))),
    ):
        saved = BytesIO()
        store.serialize(saved)
        (found,) = read_bytes(module.read, saved.getvalue())
        assert found.refused == ()
        assert found.content.units == expected


def test_translate_toolkit_translates_our_xliff():
    store = xliff.xlifffile.parsestring(xliff12.write([FILE]))
    store.units[2].target = "Terzo"
    store.units[2].marktranslated()
    (found,) = read_bytes(xliff12.read, bytes(store))
    assert [unit.target for unit in found.content.units] == ["", "Due", "Terzo", TARGET]


def test_translate_toolkit_reads_our_memory_and_glossary():
    store = toolkit_tmx.tmxfile.parsestring(tmx.write([MemoryEntry("fr", "it", "Un &amp; deux", "Uno &amp; due")]))
    store.setsourcelanguage("fr")
    assert [(unit.source, unit.gettarget("it")) for unit in store.units] == [("Un & deux", "Uno & due")]
    concept = ConceptEntry(
        "c1", (Term("fr", "éducatrice", TermStatus.PREFERRED), Term("it", "educatrice")), "Social", "Une …"
    )
    glossary = toolkit_tbx.tbxfile.parsestring(tbx.write("Glossaire", "fr", [concept]))
    glossary.setsourcelanguage("fr")
    glossary.settargetlanguage("it")
    assert [(unit.source, unit.target) for unit in glossary.units] == [("éducatrice", "educatrice")]


WEBLATE_XLIFF = f"""<?xml version="1.0" encoding="utf-8"?>
<xliff xmlns="urn:oasis:names:tc:xliff:document:1.2" version="1.2">
  <file original="{TRANSLATION_ID}" source-language="fr" target-language="it" datatype="html"
    product-name="Titre" product-version="17">
    <body>
      <trans-unit id="u2" resname="c" xml:space="preserve" approved="yes">
        <source>Trois</source>
        <target state="translated">Tre</target>
        <note>Nombre</note><note from="translator">Fait</note>
      </trans-unit>
    </body>
  </file>
</xliff>"""

OMEGAT_XLIFF = f"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<xliff xmlns="urn:oasis:names:tc:xliff:document:1.2" xmlns:okp="okapi-framework:xliff-extensions"
 version="1.2" okp:version="1">
<file original="{TRANSLATION_ID}" source-language="fr" target-language="it"
 datatype="html"><header><phase-group/></header>
<body><group id="g1"><trans-unit id="u2" resname="c"><source xml:lang="fr">Lisez <g id="1"
 ctype="bold" equiv-text="&lt;b&gt;">tout</g></source>
<target xml:lang="it" okp:state="x">Legga <g id="1">tutto</g></target></trans-unit></group></body></file></xliff>"""

TRADOS_XLIFF = f"""\ufeff<?xml version="1.0"
 encoding="utf-8"?><xliff xmlns:sdl="http://sdl.com/FileTypes/SdlXliff/1.0"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns="urn:oasis:names:tc:xliff:document:1.2"
 version="1.2" sdl:version="1.0"
 xsi:schemaLocation="urn:oasis:names:tc:xliff:document:1.2 xliff-core-1.2-strict.xsd"><file original="{TRANSLATION_ID}"
 datatype="x-sdlfilterframework2"
 source-language="fr-FR" target-language="it-IT"><header><sdl:ref-files/></header><body><trans-unit
 id="u2" resname="c" sdl:locktype="Manual"
><source>Lisez tout. Merci.</source><seg-source><mrk mtype="seg" mid="1">Lisez tout.</mrk> <mrk mtype="seg"
 mid="2">Merci.</mrk></seg-source
><target state="needs-review-translation"><mrk mtype="seg" mid="1">Legga <mrk
 mtype="x-sdl-comment">tutto</mrk>.</mrk> <mrk mtype="seg" mid="2">Grazie.</mrk></target
><sdl:seg-defs><sdl:seg id="1" conf="Draft"/></sdl:seg-defs></trans-unit></body></file></xliff>"""

MEMOQ_XLIFF = f"""<?xml version="1.0" encoding="utf-8"?>
<xliff version="1.2" xmlns:mq="MQXliff" xmlns="urn:oasis:names:tc:xliff:document:1.2">
	<file original="{TRANSLATION_ID}" source-language="fr" target-language="it"
 datatype="x-memoq" mq:unitlengthtype="chars">
		<header/>
		<body>
			<trans-unit id="u2" resname="c" mq:status="ManuallyConfirmed">
				<source xml:space="preserve">Trois\u202f!</source>
				<target xml:space="preserve" state="final">Tre!</target>
				<mq:minorversions/>
				<alt-trans origin="memory" match-quality="90"><source>Trois</source><target>Tre</target></alt-trans>
			</trans-unit>
		</body>
	</file>
</xliff>"""

PREFIXED_XLIFF = f"""<x:xliff version="1.2"
 xmlns:x="urn:oasis:names:tc:xliff:document:1.2"><x:file original="{TRANSLATION_ID}">
<x:body><x:trans-unit id="u2"
 resname="c"><x:source><![CDATA[A & B]]></x:source><x:target>A &#38; B</x:target></x:trans-unit>
</x:body></x:file></x:xliff>"""


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        (WEBLATE_XLIFF, make_unit("Trois", "Tre", APPROVED, order=2, context="c", note="Nombre\nFait")),
        (OMEGAT_XLIFF, make_unit("Lisez <b>tout</b>", "Legga <b>tutto</b>", order=2, context="c")),
        (TRADOS_XLIFF, make_unit("Lisez tout. Merci.", "Legga tutto. Grazie.", NEEDS_EDITING, order=2, context="c")),
        (MEMOQ_XLIFF, make_unit("Trois\u202f!", "Tre!", APPROVED, order=2, context="c")),
        (PREFIXED_XLIFF, make_unit("A &amp; B", "A &amp; B", order=2, context="c")),
    ],
    ids=["Weblate", "OmegaT", "Trados", "memoQ", "prefix"],
)
def test_xliff_12_of_programs(text, unit):
    (found,) = read_bytes(xliff12.read, text)
    assert found.refused == ()
    assert found.content.units == (unit,)


def test_xliff_20_with_modules_groups_and_generic_spelling():
    text = f"""<?xml version="1.0"?>
<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" xmlns:gls="urn:oasis:names:tc:xliff:glossary:2.0"
 version="2.0" srcLang="fr" trgLang="it">
 <file id="{TRANSLATION_ID}"><notes><note>Dossier</note></notes><group id="g1"><unit id="u2" name="c">
  <gls:glossary><gls:glossEntry><gls:term>tout</gls:term></gls:glossEntry></gls:glossary>
  <originalData><data id="d1">&lt;b&gt;</data><data id="d2">&lt;/b&gt;</data></originalData>
  <segment id="seg-1" state="final"><source>Lisez <pc id="1" dataRefEnd="d2" dataRefStart="d1">tout</pc></source>
   <target>Legga <pc id="1" dataRefStart="d1"
 dataRefEnd="d2">tutto</pc></target></segment></unit></group></file></xliff>"""
    (found,) = read_bytes(xliff21.read, text)
    assert found.content.units == (
        make_unit("Lisez <b>tout</b>", "Legga <b>tutto</b>", APPROVED, order=2, context="c"),
    )


def test_po_of_poedit():
    text = f"""msgid ""
msgstr ""
"Project-Id-Version: \\n"
"PO-Revision-Date: 2026-11-01 10:00+0100\\n"
"X-WagtailLocalize-TranslationID: {TRANSLATION_ID}\\n"
"Language: it\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"X-Generator: Poedit 3.4\\n"

# Une remarque
#. Nombre
#: segment:1
#: segment:2
#, fuzzy
#| msgid "Un"
msgctxt "b"
msgid ""
"De"
"ux"
msgstr ""
"Du"
"e"
""".replace("\n", "\r\n")
    (found,) = read_bytes(po.read, text)
    values = {"context": "b", "former_source": "Un", "note": "Nombre\nUne remarque"}
    assert found.content.units == tuple(make_unit("Deux", "Due", NEEDS_EDITING, order=n, **values) for n in (1, 2))


def test_po_of_wagtail_localize_and_of_programs_that_drop_the_places():
    text = f"""msgid ""\nmsgstr "X-WagtailLocalize-TranslationID: {TRANSLATION_ID}\\n"

#, max-length: 12
msgctxt "b"
msgid "Tom &amp; Jerry<br>"
msgstr "Tom & Jerry<br />"
"""
    (found,) = read_bytes(po.read, text)
    unit = make_unit("Tom &amp; Jerry<br/>", "Tom &amp; Jerry<br/>", context="b", order=UNKNOWN_ORDER, max_length=12)
    assert found.content.units == (unit,)


def test_po_entries_without_context_or_text_are_refused():
    text = f"""msgid ""\nmsgstr "X-WagtailLocalize-TranslationID: {TRANSLATION_ID}\\n"

msgid "Bonjour"
msgstr "Ciao"
"""
    (found,) = read_bytes(po.read, text)
    assert found.content.units == ()
    assert [(unit.line, unit.source) for unit in found.refused] == [(4, "Bonjour")]


OMEGAT_TMX = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE tmx SYSTEM "tmx11.dtd">
<tmx version="1.1">
  <header creationtool="OmegaT" o-tmf="OmegaT TMX" adminlang="EN-US" datatype="plaintext"
 creationtoolversion="5.7" segtype="sentence" srclang="fr"/>
  <body>
    <tu><tuv lang="fr"><seg>Bonjour</seg></tuv><tuv lang="it" changeid="Anna"
 changedate="20261101T100000Z"><seg>Ciao</seg></tuv></tu>
  </body>
</tmx>"""

TRADOS_TMX = """<tmx version="1.4"><header creationtool="SDL" creationtoolversion="8" segtype="sentence"
 o-tmf="SDL" adminlang="en"
 srclang="fr-FR" datatype="xml"><prop type="x-Domain:MultipleString">Social</prop></header><body>
<tu creationdate="20260102T030405Z" creationid="ANNA"><prop type="x-ConfirmationLevel">Draft</prop>
<tuv xml:lang="it-IT"><seg><bpt i="1" x="1" type="4" />Ciao<ept i="1" /> <hi>a <ph
 x="2">{\\b}</ph>tutti</hi></seg></tuv>
<tuv xml:lang="FR-fr"><seg><bpt i="1">&lt;cf size="8"&gt;</bpt>Bonjour<ept i="1">&lt;/cf&gt;</ept> à tous</seg></tuv>
<tuv xml:lang="fi-FI"><seg>Hei</seg></tuv></tu>
<tu><tuv xml:lang="fr-FR"><seg>Seul</seg></tuv></tu></body></tmx>"""


def test_memories_of_omegat_and_trados():
    found = read_bytes(tmx.read, OMEGAT_TMX)
    assert [(entry.source, entry.target) for entry in found.entries] == [("Bonjour", "Ciao")]
    found = read_bytes(tmx.read, TRADOS_TMX)
    assert [(entry.target_language, entry.source, entry.target) for entry in found.entries] == [
        ("it-IT", "Bonjour à tous", "Ciao a tutti"),
        ("fi-FI", "Bonjour à tous", "Hei"),
    ]
    assert {entry.created.isoformat() for entry in found.entries} == {"2026-01-02T03:04:05+00:00"}
    assert [unit.source for unit in found.refused] == ["Seul"]


def test_a_memory_pair_with_other_tags_is_refused():
    text = tmx.write([MemoryEntry("fr", "it", "<b>Un</b>", "Uno")])
    found = read_bytes(tmx.read, text)
    assert found.entries == ()
    assert "<b>" in found.refused[0].reason


TBX_2019 = """<?xml version="1.0" encoding="UTF-8"?>
<tbx style="{style}" type="TBX-Basic" xml:lang="fr"
 xmlns="urn:iso:std:iso:30042:ed-2" xmlns:min="http://www.tbxinfo.net/ns/min"
 xmlns:basic="http://www.tbxinfo.net/ns/basic"><tbxHeader><fileDesc><sourceDesc><p>x</p></sourceDesc></fileDesc></tbxHeader>
<text><body><conceptEntry id="c1">{subject}<langSec
 xml:lang="fr"><termSec><term>éducatrice</term>{status}</termSec></langSec>
<langSec xml:lang="it"><termSec><term>educatrice</term></termSec></langSec></conceptEntry><conceptEntry
 id="c2"/></body></text></tbx>"""


@pytest.mark.parametrize(
    ("style", "subject", "status"),
    [
        (
            "dca",
            '<descrip type="subjectField">Social</descrip>',
            '<termNote type="administrativeStatus">deprecatedTerm-admn-sts</termNote>',
        ),
        (
            "dct",
            "<min:subjectField>Social</min:subjectField>",
            "<min:administrativeStatus>deprecatedTerm-admn-sts</min:administrativeStatus>",
        ),
    ],
)
def test_glossaries_of_iso_30042_2019(style, subject, status):
    found = read_bytes(tbx.read, TBX_2019.format(style=style, subject=subject, status=status))
    terms = (Term("fr", "éducatrice", TermStatus.DEPRECATED), Term("it", "educatrice"))
    assert found.concepts == (ConceptEntry("c1", terms, "Social"),)
    assert [unit.context for unit in found.refused] == ["c2"]


def test_a_concept_that_is_there_twice_is_refused():
    from django.core.exceptions import ValidationError

    text = TBX_2019.format(style="dca", subject="", status="").replace('"c2"', '"c1"')
    with pytest.raises(ValidationError, match="twice"):
        read_bytes(tbx.read, text)
