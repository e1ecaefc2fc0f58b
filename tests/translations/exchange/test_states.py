"""The states of each format become states of units, by the format's specification."""

import pytest

from cms.translations.exchange import po, xliff12, xliff21
from cms.translations.exchange.units import UnitState

from .samples import TRANSLATION_ID, make_file, make_unit, read_bytes

pytestmark = pytest.mark.embedded

UNTRANSLATED, NEEDS_EDITING, TRANSLATED, APPROVED = UnitState

XLIFF_12 = """<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2">
<file original="{id}" source-language="fr" target-language="it" datatype="html"><body>
<trans-unit id="u0" resname="title" {unit}><source>Bonjour</source>{target}</trans-unit>
</body></file></xliff>"""
XLIFF_21 = """<xliff version="2.1" xmlns="urn:oasis:names:tc:xliff:document:2.0" srcLang="fr" trgLang="it">
<file id="{id}"><unit id="u0" name="title"><segment {segment}><source>Bonjour</source>{target}</segment></unit></file>
</xliff>"""
PO = """msgid ""
msgstr "X-WagtailLocalize-TranslationID: {id}\\n"

{flags}
msgctxt "title"
msgid "Bonjour"
msgstr "{target}"
"""


def unit_of(module, text, **values):
    (file,) = read_bytes(module.read, text.format(id=TRANSLATION_ID, **values))
    assert file.refused == ()
    (unit,) = file.content.units
    return unit


@pytest.mark.parametrize(
    ("unit", "target", "expected"),
    [
        ("", "", UNTRANSLATED),
        ("", "<target/>", UNTRANSLATED),
        ('approved="yes"', '<target state="final"/>', UNTRANSLATED),
        ("", "<target>Ciao</target>", TRANSLATED),
        ('approved="no"', "<target>Ciao</target>", TRANSLATED),
        ("", '<target state="translated">Ciao</target>', TRANSLATED),
        ("", '<target state="x-checked">Ciao</target>', TRANSLATED),
        ("", "<target> \n </target>", UNTRANSLATED),
        ('approved="yes"', "<target>\u00a0</target>", UNTRANSLATED),
        ("", '<target state="new">Bonjour</target>', UNTRANSLATED),
        ("", '<target state="needs-translation">Bonjour</target>', UNTRANSLATED),
        ("", '<target state="new">Ciao</target>', NEEDS_EDITING),
        ("", '<target state="needs-translation">Ciao</target>', NEEDS_EDITING),
        ("", '<target state="needs-adaptation">Ciao</target>', NEEDS_EDITING),
        ("", '<target state="needs-l10n">Ciao</target>', NEEDS_EDITING),
        ("", '<target state="needs-review-translation">Ciao</target>', NEEDS_EDITING),
        ("", '<target state="needs-review-adaptation">Ciao</target>', NEEDS_EDITING),
        ("", '<target state="needs-review-l10n">Ciao</target>', NEEDS_EDITING),
        ('approved="yes"', '<target state="needs-review-translation">Ciao</target>', NEEDS_EDITING),
        ("", '<target state="final">Ciao</target>', APPROVED),
        ("", '<target state="signed-off">Ciao</target>', APPROVED),
        ('approved="yes"', "<target>Ciao</target>", APPROVED),
        ('approved="yes"', '<target state="translated">Ciao</target>', APPROVED),
    ],
)
def test_states_of_xliff_12(unit, target, expected):
    found = unit_of(xliff12, XLIFF_12, unit=unit, target=target)
    assert found.state is expected
    assert found.target == ("" if expected is UNTRANSLATED else "Ciao")


@pytest.mark.parametrize(
    ("segment", "target", "expected"),
    [
        ("", "", UNTRANSLATED),
        ('state="initial"', "<target/>", UNTRANSLATED),
        ('state="final"', "<target/>", UNTRANSLATED),
        ('state="final"', "<target> \n </target>", UNTRANSLATED),
        ("", "<target>Bonjour</target>", UNTRANSLATED),
        ("", "<target>Ciao</target>", NEEDS_EDITING),
        ('state="initial"', "<target>Ciao</target>", NEEDS_EDITING),
        ('state="unheard-of"', "<target>Ciao</target>", NEEDS_EDITING),
        ('state="translated"', "<target>Ciao</target>", TRANSLATED),
        ('state="translated" subState="tool:edited"', "<target>Ciao</target>", TRANSLATED),
        ('state="translated" subState="tool:draft"', "<target>Ciao</target>", NEEDS_EDITING),
        ('state="reviewed" subState="cms:needs-editing"', "<target>Ciao</target>", NEEDS_EDITING),
        ('state="reviewed"', "<target>Ciao</target>", APPROVED),
        ('state="final"', "<target>Ciao</target>", APPROVED),
    ],
)
def test_states_of_xliff_21(segment, target, expected):
    found = unit_of(xliff21, XLIFF_21, segment=segment, target=target)
    assert found.state is expected
    assert found.target == ("" if expected is UNTRANSLATED else "Ciao")


@pytest.mark.parametrize(
    ("flags", "target", "expected"),
    [
        ("", "", UNTRANSLATED),
        ("#, fuzzy", "", UNTRANSLATED),
        ("", " ", UNTRANSLATED),
        ("#, fuzzy", "Ciao", NEEDS_EDITING),
        ("#, python-format, fuzzy", "Ciao", NEEDS_EDITING),
        ("#, no-wrap", "Ciao", TRANSLATED),
        ("", "Ciao", TRANSLATED),
    ],
)
def test_states_of_po(flags, target, expected):
    assert unit_of(po, PO, flags=flags, target=target).state is expected


def test_obsolete_entries_of_po_are_no_units():
    text = PO.format(id=TRANSLATION_ID, flags="", target="Ciao")
    text += '\n#~ msgctxt "title"\n#~ msgid "Bonsoir"\n#~ msgstr "Buonasera"\n'
    (file,) = read_bytes(po.read, text)
    assert [unit.source for unit in file.content.units] == ["Bonjour"]


@pytest.mark.parametrize("module", [xliff12, xliff21])
def test_a_copy_of_the_source_that_somebody_works_on_stays(module):
    unit = make_unit("Bonjour", "Bonjour", NEEDS_EDITING)
    (found,) = read_bytes(module.read, module.write([make_file(unit)]))
    assert found.content.units == (unit,)


@pytest.mark.parametrize(("module", "code"), [(xliff12, "<bpt id='1'/>"), (xliff21, "<cp hex='001b'/>")])
def test_damaged_former_texts_are_left_out(module, code):
    unit = make_unit(former_source="Salut", former_target="Salve")
    text = module.write([make_file(unit)]).decode().replace("Salut", f"Salut{code}")
    (found,) = read_bytes(module.read, text)
    assert found.content.units == (make_unit(),)


def segments(*parts):
    body = "".join(
        f"<{kind} {attributes}><source>{source}</source>{f'<target>{target}</target>' if target else ''}</{kind}>"
        for kind, attributes, source, target in parts
    )
    text = XLIFF_21.format(id=TRANSLATION_ID, segment="", target="")
    start, end = text.index("<segment"), text.index("</unit>")
    return text[:start] + body + text[end:]


def test_segments_of_a_split_unit_are_joined_and_the_least_finished_state_counts():
    text = segments(
        ("segment", 'state="reviewed"', "Bonjour.", "Ciao."),
        ("ignorable", "", " ", ""),
        ("segment", 'state="translated"', "Merci.", "Grazie."),
    )
    (file,) = read_bytes(xliff21.read, text)
    assert file.content.units == (make_unit("Bonjour. Merci.", "Ciao. Grazie.", TRANSLATED),)


def test_a_unit_with_an_untranslated_segment_is_untranslated():
    text = segments(("segment", 'state="final"', "Bonjour.", "Ciao."), ("segment", "", "Merci.", ""))
    (file,) = read_bytes(xliff21.read, text)
    assert file.content.units == (make_unit("Bonjour.Merci.", ""),)


def test_reordered_segments_are_refused():
    text = segments(("segment", 'state="final"', "Bonjour.", "Ciao.")).replace("<target>", '<target order="2">')
    (file,) = read_bytes(xliff21.read, text)
    assert file.content.units == ()
    assert "order" in file.refused[0].reason


def test_written_states():
    units = [
        make_unit(f"Bonjour {n}", "" if state is UNTRANSLATED else "Ciao", state, order=n, context=f"c{n}")
        for n, state in enumerate(UnitState)
    ]
    written = {
        module: (module.write(make_file(*units)) if module is po else module.write([make_file(*units)])).decode()
        for module in (xliff12, xliff21, po)
    }
    assert written[xliff12].count("<target") == 3
    assert written[xliff12].count('approved="yes"') == 1
    assert written[xliff21].count('state="initial"') == 2
    assert written[xliff21].count('state="reviewed"') == 1
    assert written[po].count("#, fuzzy") == 1
