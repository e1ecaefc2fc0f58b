"""Quotation marks in searches of the admin's index on SQLite: they are text, as on PostgreSQL.

Replaces: the terms of `SQLiteSearchQueryCompiler.build_search_query_content` and of its subclass for completions. The
    originals put a term between quotation marks as it is, so that SQLite fails on one that holds a quotation mark.
Why no hook serves: the backend has public compiler classes, but nothing in them escapes a term.
Written for: modelsearch 1.3.
Upstream issue: none found.
Test that fails when upstream changes: tests/api/test_odd_filters.py.
"""

from __future__ import annotations

import copy
from typing import Any

from modelsearch.query import Phrase, PlainText, SearchQuery


def quote_terms(backend: Any) -> None:
    """Let a backend of SQLite escape the quotation marks of each search."""
    from modelsearch.backends.database.sqlite.sqlite import SQLiteAutocompleteQueryCompiler, SQLiteSearchQueryCompiler

    class Compiler(SQLiteSearchQueryCompiler):
        def build_search_query_content(self, query: SearchQuery, config: Any = None) -> Any:
            return super().build_search_query_content(_quoted(query), config=config)

    class AutocompleteCompiler(SQLiteAutocompleteQueryCompiler):
        def build_search_query_content(self, query: SearchQuery, config: Any = None) -> Any:
            return super().build_search_query_content(_quoted(query), config=config)

    backend.query_compiler_class, backend.autocomplete_query_compiler_class = Compiler, AutocompleteCompiler


def _quoted(query: SearchQuery) -> SearchQuery:
    """Return the query with spaces in place of quotation marks.

    If nothing else is left they are doubled, as strings of FTS5 hold them, and match nothing.
    """
    if not isinstance(query, PlainText | Phrase):
        return query
    quoted = copy.copy(query)
    without = query.query_string.replace('"', " ")
    quoted.query_string = without if without.strip() else query.query_string.replace('"', '""')
    return quoted
