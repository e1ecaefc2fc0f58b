"""Hostile memories and glossaries take bounded time."""

import time

import pytest

from cms.translations.exchange import tbx, tmx

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
