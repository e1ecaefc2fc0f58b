"""Inline tags: codes of a translation that do not fit its source are refused, with the reason."""

import pytest

from cms.translations.exchange import po, xliff12, xliff21
from cms.translations.exchange.inline_codes import canonical_html, code_fault, parse_html, refuse_unreadable
from cms.translations.exchange.units import UnitFaultError

from .samples import make_file, make_unit, read_bytes

SOURCE = 'Lisez <a id="a1">le <b>guide</b></a><br/>et <i>plus</i>'
TARGET = SOURCE.replace("guide", "guida")


@pytest.mark.parametrize(
    ("target", "word"),
    [
        ('<a id="a1">la <b>guida</b></a><br/><i>e</i>', ""),
        ('<i>e</i> <b>guida</b><br/> <a id="a1">la</a>', ""),
        ('<a id="a1">la guida</a><br/><i>e</i>', "missing"),
        ('<a id="a1"><b>la</b></a><i>e</i>', "missing"),
        ('<a id="a1"><b>la</b> <b>guida</b></a><br/><i>e</i>', "more often"),
        ('<a id="a1"><b>la</b></a><br/><br/><i>e</i>', "more often"),
        ('<a id="a1"><b>la</b></a><a id="a1">x</a><br/><i>e</i>', "twice"),
        ('<a id="a2"><b>la</b></a><br/><i>e</i>', "missing"),
        ('<a id="a1"><b>la</b></a><br/><i>e</i><em>x</em>', "no tag"),
        ('<a id="a1"><b>la</a></b><br/><i>e</i>', "does not fit"),
        ('<a id="a1"><b>la</a><br/><i>e</i>', "does not fit"),
        ('<a id="a1"><b>la</b><br/><i>e</i>', "The end of the tag"),
        ('<a id="a1"><b>la</b></a><br/><i>e</i></i>', "does not fit"),
        ('<a id="a1" href="javascript:x"><b>la</b></a><br/><i>e</i>', "not allowed"),
        ('<a id="a1"><b>la</b></a><br/><i>e</i><script>x</script>', "not allowed"),
        ('<a id="a1"><b>la</b></a><br/><i>e</i><!-- x -->', "not allowed"),
        ('<a id="a1"><b>la</b></a><br/><i>e</i><img src=x onerror=x', "not allowed"),
    ],
)
def test_codes_that_do_not_fit_are_named(target, word):
    fault = code_fault(SOURCE, target)
    assert (word in fault) if word else not fault


def test_a_link_inside_a_link_is_refused():
    source = '<a id="a1">un</a> <a id="a2">deux</a>'
    assert "inside" in code_fault(source, '<a id="a1">uno <a id="a2">due</a></a>')


@pytest.mark.parametrize(
    ("html", "canonical"),
    [
        ("A & B", "A &amp; B"),
        ("2 < 3 &gt; 1", "2 &lt; 3 &gt; 1"),
        ("caf&eacute;&nbsp;!", "café\xa0!"),
        ("a<br>b<BR />c", "a<br/>b<br/>c"),
        ("<B>x</B ><b/>", "<b>x</b><b></b>"),
        ("<a id='a1'>x</a>", '<a id="a1">x</a>'),
        ("<p>x</p>", "&lt;p&gt;x&lt;/p&gt;"),
        ("</br>", "&lt;/br&gt;"),
    ],
)
def test_html_becomes_canonical(html, canonical):
    assert canonical_html(html) == canonical
    assert canonical_html(canonical) == canonical


def test_many_and_deep_tags_take_no_time_and_are_faults():
    assert parse_html("<b>" * 1_000_000).faults
    assert parse_html("<b></b>" * 100_000).faults
    assert parse_html("<a" + " " * 1_000_000).faults


def test_a_number_that_no_character_has_is_a_fault():
    for reference in ("&#" + "1" * 5_000 + ";", "&#x" + "f" * 5_000 + ";"):
        assert parse_html(f"a {reference}").faults
        with pytest.raises(UnitFaultError):
            refuse_unreadable(reference)


@pytest.mark.parametrize("html", ["<a ", "<!--", "</a", "<![CDATA[", "<?", "<b>a", "<p>a</p>", "a" * 100_001])
def test_texts_that_are_too_long_or_have_faulty_tags_are_unreadable(html):
    with pytest.raises(UnitFaultError):
        refuse_unreadable(html)


@pytest.mark.parametrize(
    "html",
    ["", "a < b & c", "3 <3", '<a id="a1">a</a> <a id="a1">b</a>', "<b>a<br/>b</b>", "&amp; &#8217;", "a" * 100_000],
)
def test_usual_texts_are_readable(html):
    refuse_unreadable(html)


def changed(module, old, new):
    """Write a translated unit, replace a part of the file, and return the units and the refused units."""
    file = make_file(make_unit(SOURCE, TARGET), make_unit("Autre", "Altro", order=7))
    text = (module.write(file) if module is po else module.write([file])).decode()
    assert old in text
    (found,) = read_bytes(module.read, text.replace(old, new))
    return found.content.units, found.refused


@pytest.mark.parametrize(
    ("module", "old", "new"),
    [
        (po, "guida</b></a><br/>", "guida</b></a>"),
        (po, "<b>guida</b>", "<b>guida"),
        (po, "<b>guida</b>", "<b>guida</b><b></b>"),
        (po, "<b>guida</b>", "<span>guida</span>"),
        (xliff12, "guida</g>", 'guida</g><g id="2">x</g>'),
        (xliff12, "guida</g>", 'guida</g><g id="9">x</g>'),
        (xliff12, "guida</g>", 'guida</g><g id="9" equiv-text="&lt;script&gt;">x</g>'),
        (xliff12, "guida</g>", 'guida</g><bpt id="9">x</bpt>'),
        (xliff12, "guida</g>", 'guida</g><x id="3"/>'),
        (xliff21, "guida</pc>", 'guida</pc><pc id="2">x</pc>'),
        (xliff21, "guida</pc>", 'guida</pc><pc id="9">x</pc>'),
        (xliff21, "guida</pc>", 'guida</pc><ph id="3"/>'),
        (xliff21, "guida</pc>", 'guida</pc><cp hex="001b"/>'),
        (xliff21, "guida</pc>", 'guida</pc><ec startRef="2"/>'),
        (xliff21, "&lt;b&gt;", "&lt;img src=x onerror=x&gt;"),
    ],
)
def test_a_unit_with_other_codes_is_refused_and_the_others_are_read(module, old, new):
    units, refused = changed(module, old, new)
    assert [unit.target for unit in units] == ["Altro"]
    assert len(refused) == 1
    assert refused[0].context == "title"
    assert refused[0].line > 1
    assert refused[0].source.startswith("Lisez")
    assert refused[0].reason


@pytest.mark.parametrize(
    ("module", "old", "new"),
    [
        # Trados and memoQ mark segments, and OmegaT drops what repeats the source.
        (xliff12, "<target", '<seg-source><mrk mtype="seg" mid="1">x</mrk></seg-source><target'),
        (xliff12, "guida</g>", '<mrk mtype="seg" mid="1">guida</mrk></g>'),
        (xliff12, 'equiv-text="&lt;i&gt;">plus</g></target>', ">plus</g></target>"),
        (xliff21, "guida</pc>", '<mrk id="m1" translate="yes">guida</mrk></pc>'),
        (xliff21, "guida</pc>", '<sm id="m1"/>guida<em startRef="m1"/></pc>'),
    ],
)
def test_marks_of_programs_leave_the_text_as_it_is(module, old, new):
    units, refused = changed(module, old, new)
    assert refused == ()
    assert units[0].target == TARGET


def test_a_code_may_be_divided_into_its_start_and_its_end():
    text = xliff21.write([make_file(make_unit(SOURCE, TARGET))]).decode()
    head, target = text.split("<target>")
    start, end = target.index('<pc id="4"'), target.index("</target>")
    divided = f'{head}<target>{target[:start]}<sc id="4"/>plus<ec startRef="4"/>{target[end:]}'
    (found,) = read_bytes(xliff21.read, divided)
    assert [unit.target for unit in found.content.units] == [TARGET]


@pytest.mark.parametrize("module", [xliff12, xliff21])
def test_codes_protect_the_tags_of_a_text(module):
    text = module.write([make_file(make_unit(SOURCE, SOURCE))]).decode()
    source = text[text.index("<source>") : text.index("</source>")]
    assert "Lisez" in source
    assert "&lt;" not in source.replace('equiv-text="&lt;', "")


@pytest.mark.parametrize("module", [xliff12, xliff21, po])
def test_a_stored_translation_with_wrong_tags_can_be_exported(module):
    """wagtail-localize stores translations with an error. They are written, and refused when they come back."""
    file = make_file(make_unit(SOURCE, '<span class="x">guida</span> <b>x'))
    (found,) = read_bytes(module.read, module.write(file) if module is po else module.write([file]))
    assert found.content.units == ()
    assert len(found.refused) == 1
