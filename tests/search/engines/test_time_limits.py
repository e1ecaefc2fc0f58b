"""Test of the time limit of a search in a new process."""

import time

import pytest

from search.engines.embedded import search_execution
from search.linguistics import spelling
from search.query.search_query import SearchQuery, parse_words

from .conftest import open_store
from .samples import LIBRARY

LIMIT = 0.5  # seconds of the processor


@pytest.mark.embedded
def test_the_limit_begins_when_the_word_lists_are_read(tmp_path, monkeypatch):
    read_thesaurus = spelling.thesaurus

    def read_slowly(code):
        end = time.thread_time() + 2 * LIMIT
        while time.thread_time() < end:
            pass
        return read_thesaurus(code)

    for cached in (spelling.language_vocabulary, spelling.joined_thesaurus_names):
        cached.cache_clear()
    monkeypatch.setattr(spelling, "thesaurus", read_slowly)
    monkeypatch.setattr(search_execution, "SEARCH_SECONDS", LIMIT)
    with open_store("embedded", tmp_path) as store:
        engine = store.open("library")
        engine.apply(LIBRARY, ())
        answer = engine.search(SearchQuery(words=parse_words("zqxwvb"), locales=("fr",)))
    assert (answer.count, answer.is_partial) == (0, False)
