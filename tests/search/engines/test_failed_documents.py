"""A document that an engine cannot take is removed and named; the others of the batch are indexed."""

from dataclasses import replace

from search.query.search_query import SearchQuery, parse_words

from . import samples
from .samples import EDUCATOR


def count(engine, words):
    return engine.search(SearchQuery(words=parse_words(words), filters={"locale": ("fr",)})).count


def test_a_document_that_cannot_be_stored_is_removed_and_the_others_are_indexed(engine):
    assert count(engine, EDUCATOR.title) > 0
    # The embedded engine cannot convert it, Elasticsearch answers 400 for it.
    invalid = replace(EDUCATOR, expires_at="Zorglub", sequence=50)
    applied = engine.apply([invalid, samples.document(90, "Ouistiti")], ())
    assert list(applied.failed) == [EDUCATOR.key]
    assert applied.failed[EDUCATOR.key]
    assert not applied.refused
    keys = {hit.key for hit in engine.search(SearchQuery(words=parse_words(EDUCATOR.title))).hits}
    assert EDUCATOR.key not in keys
    assert count(engine, "ouistiti") == 1

    assert not engine.apply([replace(EDUCATOR, sequence=51)], ()).failed
    keys = {hit.key for hit in engine.search(SearchQuery(words=parse_words(EDUCATOR.title))).hits}
    assert EDUCATOR.key in keys
