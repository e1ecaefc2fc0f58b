"""The lexicon cache of the embedded engine never delays a reader."""

import threading

from search.engines.embedded import lexicons as lexicons_module
from search.engines.embedded.engine import EmbeddedStore
from search.engines.embedded.lexicons import LexiconCache
from search.linguistics.spelling import Lexicon

from .samples import document

FIELD = "words_fr"


def searcher_of(engine):
    return engine._snapshot().searcher


def threads():
    return [thread for thread in threading.enumerate() if thread.name == "search-lexicon"]


def test_a_stale_lexicon_is_returned_while_one_thread_reads_the_new_one(tmp_path, monkeypatch):
    monkeypatch.setattr(lexicons_module, "MAX_AGE", 0)
    engine, lexicons = EmbeddedStore(tmp_path).open("library"), LexiconCache()
    engine.apply([document(1, "Chimpanzé")], ())
    before = lexicons.get(searcher_of(engine), 1, FIELD)
    engine.apply([document(2, "Gibbon")], ())

    may_go_on, read = threading.Event(), Lexicon.from_frequencies

    def slowly(words):
        assert may_go_on.wait(30)
        return read(words)

    monkeypatch.setattr(Lexicon, "from_frequencies", slowly)
    for _reader in range(3):
        assert lexicons.get(searcher_of(engine), 2, FIELD) is before
    (thread,) = threads()
    may_go_on.set()
    thread.join(30)
    after = lexicons.get(searcher_of(engine), 2, FIELD)
    assert "gibbon" in after
    assert "gibbon" not in before
    assert not threads()


def test_the_lexicon_of_an_unchanged_index_is_read_once(tmp_path, monkeypatch):
    monkeypatch.setattr(lexicons_module, "MAX_AGE", 0)
    engine, lexicons = EmbeddedStore(tmp_path).open("library"), LexiconCache()
    engine.apply([document(1, "Chimpanzé")], ())
    before = lexicons.get(searcher_of(engine), 1, FIELD)
    assert lexicons.get(searcher_of(engine), 1, FIELD) is before
    assert not threads()
