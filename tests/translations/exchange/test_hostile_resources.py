"""Hostile memories and glossaries take bounded time."""

import time

import pytest
from django.core.exceptions import ValidationError

from cms.translations.exchange import tbx, tmx, xliff12, xliff21
from cms.translations.exchange.xml_files import MAX_ATTRIBUTES

from .samples import read_bytes

pytestmark = pytest.mark.embedded


def test_a_glossary_of_nested_groups_is_read_once():
    """Each element was read for every group around it: a file of 5 MB took hours."""
    depth = 80
    terms = "<a/>" * 200_000
    nested = "".join(f"<{name}>" * depth for name in ("termEntry", "langSet", "tig"))
    closing = "".join(f"</{name}>" * depth for name in ("tig", "langSet", "termEntry"))
    start = time.process_time()
    found = read_bytes(tbx.read, f"<martif><body>{nested}{terms}<term>x</term>{closing}</body></martif>")
    assert (found.concepts, len(found.refused)) == ((), 1)
    assert time.process_time() - start < 5


def test_a_pair_of_many_texts_is_refused():
    """Each text of a <tu> was compared with the first one."""
    source = "a&amp;b " * 12_000
    others = '<tuv xml:lang="it"><seg>a</seg></tuv>' * 20_000
    start = time.process_time()
    text = f'<tmx><body><tu><tuv xml:lang="fr"><seg>{source}</seg></tuv>{others}</tu></body></tmx>'
    found = read_bytes(tmx.read, text)
    assert (found.entries, len(found.refused)) == ((), 1)
    assert time.process_time() - start < 5


@pytest.mark.parametrize("module", [xliff12, xliff21, tmx, tbx])
def test_an_element_of_many_attributes_is_refused(module):
    """A megabyte of them took half a minute."""
    for number in (MAX_ATTRIBUTES + 1, 200_000):
        attributes = " ".join(f'a{each}="1"' for each in range(number))
        with pytest.raises(ValidationError, match=f"file.xlf.*{MAX_ATTRIBUTES} attributes"):
            read_bytes(module.read, f"<x {attributes}/>")
