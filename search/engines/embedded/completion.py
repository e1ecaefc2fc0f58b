"""What goes on from the first letters that somebody types."""

from __future__ import annotations

from tantivy import Occur, Query

from search.analysis.tokens import tokens
from search.engines.contract import Completion

from .lexicon import Lexicon
from .schema import schema
from .snapshot import Snapshot, is_current, narrowing

CONTINUATIONS = 20
CORRECTIONS = 5
# Several contents may have one title.
SPARE = 4


def completions(snapshot: Snapshot, prefix: str, locale: str, limit: int) -> list[Completion]:
    """Return up to `limit` titles in which every word typed stands, the last one maybe unfinished."""
    words = [token.folded for token in tokens(prefix, locale)]
    if not words:
        return []
    lexicon = snapshot.lexicon(locale, "complete")
    parts = [
        (Occur.Must, _either(_ways(word, lexicon, is_last=place == len(words) - 1), locale))
        for place, word in enumerate(words)
    ]
    whole = Query.boolean_query([*parts, *narrowing(is_current())])
    result = snapshot.searcher.search(whole, SPARE * limit, False, weight_by_field="weight")
    found: dict[str, Completion] = {}
    for _score, address in result.hits:
        row = snapshot.row(address)
        found.setdefault(row.title, Completion(row.title, row.type, row.content_id, row.locale))
    return list(found.values())[:limit]


def _ways(word: str, lexicon: Lexicon, *, is_last: bool) -> dict[str, float]:
    """Return the words that may be meant, and what each is worth."""
    ways = {word: 3.0}
    if is_last:
        ways |= {each: 2.0 for each in lexicon.beginning_with(word, CONTINUATIONS) if each != word}
    if len(ways) == 1 and word not in lexicon:
        ways |= dict.fromkeys(lexicon.like(word, CORRECTIONS), 1.0)
    return ways


def _either(ways: dict[str, float], locale: str) -> Query:
    field = f"complete_{locale}"
    return Query.boolean_query(
        [
            (Occur.Should, Query.const_score_query(Query.term_query(schema(), field, way), worth))
            for way, worth in ways.items()
        ]
    )
