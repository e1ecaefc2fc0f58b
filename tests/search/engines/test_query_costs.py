"""Limits of the cost of a query: words after analysis, clauses and corrections, for any text and both engines."""

import string
import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.engines.elasticsearch import query_dsl
from search.engines.embedded.completion import _matching
from search.engines.embedded.engine import EmbeddedStore
from search.engines.embedded.query_builder import QueryBuilder
from search.linguistics import spelling
from search.linguistics.languages import language_codes
from search.linguistics.tokens import MAX_WORD_LENGTH, tokens
from search.query.completion_ranking import MAX_PREFIX_WORDS, TypedPrefix
from search.query.interpretation import RelaxationLevel, interpret_query
from search.query.search_query import MAX_QUERY_LENGTH, MAX_WORDS, parse_words

from .samples import LIBRARY

# Clauses of all languages together, for the text as typed and as corrected.
MAX_CLAUSES_EMBEDDED = 4_000
MAX_CLAUSES_ELASTICSEARCH = 7_000
MAX_COMPLETION_CLAUSES = MAX_PREFIX_WORDS * 32
KNOWN_WORDS = sorted({word for document in LIBRARY for word in document.title.split()})
# Names with many expansions, in the languages of the instance.
NAMES = ["aide sociale", "protection de l’enfance", "éducateur", "moniteur", "personne âgée", "handicap", "sans-abri"]
COSTLY = [
    "a'" * 200, "a-" * 200, "a." * 200, "a·" * 200, "a’" * 200, "x\u0302" * 200, "e\u0301\u0302" * 133, "éa'" * 133,
    "社会福祉" * 100, "ไทย" * 133, "\U0001f600" * 400, "\ufdfa" * 400, "ﬁ" * 400, "‼" * 400, "ß" * 400, "İ" * 400,
    '"' + "a'" * 199 + '"', "-" + "a'" * 199, '-"' + "a'" * 198 + '"', '"a" ' * 100, "-a " * 133, "! !! !!! " * 44,
    " ".join(KNOWN_WORDS), " ".join(NAMES * 4), " ".join(first + second for first in "abcdefgh" for second in "aeiou"),
    " ".join(f"zq{first}{second}xv" for first in "abcdefgh" for second in "aeiou"), "a" * 400, "1 " * 200, "\0" * 400,
]  # fmt: skip
PIECES = st.sampled_from(
    [*KNOWN_WORDS, *NAMES, *string.ascii_lowercase, "l'", "-", '"', "«", "»", "'", ".", "·", " ", "é"]
)
TEXTS = st.one_of(
    st.sampled_from(COSTLY),
    st.text(max_size=MAX_QUERY_LENGTH),
    st.lists(PIECES, max_size=200).map("".join),
    st.lists(PIECES, max_size=100).map(" ".join),
).map(lambda text: text[:MAX_QUERY_LENGTH])
PROPERTY = settings(max_examples=60, deadline=None, derandomize=True)


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    engine = EmbeddedStore(tmp_path_factory.mktemp("costs")).open("library")
    engine.apply(LIBRARY, ())
    return engine._snapshot()


def parsed_texts(words):
    """Return (texts, limit) for each of the three kinds of words, whose limits are apart."""
    return [(words.text,), words.phrases, words.excluded]


@pytest.mark.embedded
@PROPERTY
@given(TEXTS)
def test_a_query_has_few_words_after_analysis(q):
    for texts in parsed_texts(parse_words(q)):
        for code in language_codes():
            found = [token for text in texts for token in tokens(text, code)]
            assert len(found) <= MAX_WORDS
            assert all(len(token.term) <= MAX_WORD_LENGTH and len(token.folded) <= MAX_WORD_LENGTH for token in found)
        # Elasticsearch makes a word of each ideograph, which these tokens do not.
        assert sum(unicodedata.name(letter, "").startswith("CJK UNIFIED") for text in texts for letter in text) <= 32


@pytest.mark.embedded
@PROPERTY
@given(TEXTS)
def test_a_query_of_the_embedded_engine_has_few_clauses(snapshot, q):
    words, builder = parse_words(q), QueryBuilder(snapshot)
    for level in RelaxationLevel:
        query = repr(builder.build(words, language_codes(), level))
        assert query.count("TermQuery(") + query.count("PhraseQuery") <= MAX_CLAUSES_EMBEDDED


def leaf_fields(clause):
    """Return the number of (leaf, field) pairs of a query of Elasticsearch."""
    if isinstance(clause, list):
        return sum(map(leaf_fields, clause))
    if not isinstance(clause, dict):
        return 0
    number = 0
    for name, value in clause.items():
        if name == "multi_match":
            number += len(value["fields"])
        elif name in ("match", "match_phrase", "term", "terms", "prefix", "range", "ids"):
            number += 1
        else:
            number += leaf_fields(value)
    return number


@pytest.mark.embedded
@PROPERTY
@given(TEXTS)
def test_a_query_of_elasticsearch_has_few_clauses(q):
    words = parse_words(q)
    unknown = frozenset(token.folded for token in [*tokens(words.text, "fr")][:4])
    for level in RelaxationLevel:
        options = query_dsl.MatchOptions(level, unknown)
        indices = {code: code for code in language_codes()}
        query = query_dsl.words_query({words.text: 1.0, f"{words.text} ": 0.5}, words, indices, options)
        assert leaf_fields(query.to_dict()) <= MAX_CLAUSES_ELASTICSEARCH


@pytest.mark.embedded
@PROPERTY
@given(TEXTS)
def test_few_words_of_a_query_are_corrected(q):
    text, looked_up = parse_words(q).text, []

    class NoWords:
        def has_word(self, folded):
            return False

        def has_stem(self, token):
            return False

        def nearest(self, folded):
            looked_up.append(folded)
            return []

        def candidates(self, folded, code):
            looked_up.append(folded)
            return [f"{folded[:-1]}x", f"x{folded[1:]}", f"{folded}x", f"{folded}y", f"y{folded}"]

    spelling.correct_spelling(text, language_codes(), NoWords())
    assert len(looked_up) <= spelling.MAX_CORRECTED_WORDS
    looked_up.clear()
    spellings = []
    unknown = list(tokens(text, "fr"))
    spelling.suggest_correction(text, language_codes(), unknown, NoWords(), lambda word: spellings.append(word) or "")
    assert len(looked_up) <= spelling.MAX_CORRECTED_WORDS
    assert len(spellings) <= spelling.MAX_CORRECTED_WORDS * spelling.MAX_CANDIDATES


@pytest.mark.embedded
@PROPERTY
@given(TEXTS)
def test_a_completion_has_few_words_and_clauses(snapshot, q):
    for code in language_codes():
        typed = TypedPrefix.parse(q, code)
        assert len(typed.words) <= MAX_PREFIX_WORDS
        if typed.words:
            query = repr(_matching(snapshot, typed, f"complete_{code}"))
            assert query.count("TermQuery(") <= MAX_COMPLETION_CLAUSES


@pytest.mark.embedded
@PROPERTY
@given(TEXTS)
def test_a_query_has_few_expansions(q):
    for code in language_codes():
        terms = interpret_query(parse_words(q).text, code, language_codes())
        assert sum(len(term.expansions) for term in terms) <= 64


@pytest.mark.embedded
@pytest.mark.parametrize("q", COSTLY, ids=range(len(COSTLY)))
def test_no_text_takes_much_time(snapshot, q, tmp_path):
    """The costliest of these took 3 seconds of the processor; the limit leaves room for a slow machine."""
    engine = EmbeddedStore(tmp_path).open("library")
    engine.apply(LIBRARY, ())
    from search.query.search_query import SearchQuery

    query = SearchQuery(words=parse_words(q[:MAX_QUERY_LENGTH]))
    engine.search(query, highlight=True)  # It reads the lexicons of a new index.
    start = time.process_time()
    engine.search(query, highlight=True)
    engine.suggest(q[:MAX_QUERY_LENGTH], "fr", 8)
    assert time.process_time() - start < 0.8
