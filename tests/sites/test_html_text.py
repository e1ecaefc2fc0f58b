"""Any text is reduced from HTML without an exception, and in linear time."""

import time
from html import escape

import pytest
from django.utils.html import strip_tags
from hypothesis import given
from hypothesis import strategies as st

from sites.html_text import is_html, text_of_html, unescaped

# Texts on which `strip_tags`, html.parser or `html.unescape` raise or take quadratic time.
PIECES = (
    "<",
    "</",
    "<a",
    "<b>",
    "<p class='",
    'a="',
    "<![a",
    "<!--",
    "-->",
    "<?",
    "&",
    "&#",
    "&#x",
    "9" * 5000,
    ";",
    ">",
)
ODD = st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=30).map("".join)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("", ""),
        ("Été", "Été"),
        ("<p>R&amp;D&nbsp;: &lt;ici&gt;</p>", "R&D\u00a0: <ici>"),
        ('<a id="a1">lien</a> et <br/>fin', "lien et fin"),
        ("a < b et c > d", "a < b et c > d"),
        ("&#" + "9" * 5000 + ";", "&#" + "9" * 5000 + ";"),
    ],
)
def test_tags_are_removed_and_entities_decoded(html, expected):
    assert text_of_html(html) == expected


def test_a_separator_keeps_words_apart():
    assert text_of_html("<p>un</p><p>deux</p>", separator=" ").split() == ["un", "deux"]


@pytest.mark.parametrize("text", ["a < b", "a <b and c> d", "a > b <![a <![a", "<", "<a" * 60, "<!-- <b> -->", "1 & 2"])
def test_plain_texts_are_not_html(text):
    assert not is_html(text)


@pytest.mark.parametrize("html", ["<p>un</p>", '<p>a<br>b <a href="https://x.fr/?a=&lt;b" rel="noopener">c</a></p>'])
def test_the_html_of_documents_is_html(html):
    assert is_html(html)


@given(ODD)
def test_no_text_raises(text):
    is_html(text)
    text_of_html(text)
    assert text_of_html(escape(text)) in (text, escape(text))


@given(st.lists(st.tuples(st.sampled_from(("p", "b", "a", "li")), st.text("ab é.", max_size=8)), max_size=8))
def test_well_formed_html_is_reduced_as_by_django(parts):
    html = "".join(f'<{tag} id="x">{escape(text)}</{tag}>' for tag, text in parts)
    assert text_of_html(html) == unescaped(strip_tags(html))


@pytest.mark.parametrize(
    "piece",
    [
        "<",
        "<a",
        "<a ",
        "<a b",
        '<a a="',
        "<a a='\"",
        ' a=""',
        "<!--",
        "<![a",
        ">",
        "&#9",
        "&#",
        "&",
        "<a>",
        "</",
        '<a a="" ',
    ],
)
def test_no_text_is_slow(piece):
    for text in (piece * (1_000_000 // len(piece)), "<a" + piece * (1_000_000 // len(piece))):
        start = time.process_time()
        is_html(text)
        text_of_html(text, separator=" ")
        assert time.process_time() - start < 5
