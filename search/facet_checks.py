"""System check of facets: `manage.py check` names the parts that the declaration of a facet lacks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, register

from . import facets
from .facets import Facet
from .search_documents import DOCUMENT_KEYS, SearchDocument

NAME = re.compile(r"[a-z][a-z_]*")
# Other parameters of the search API and of the search page, and other fields of an index.
API_PARAMETERS = ("q", "concept", "from", "to", "sort", "highlight", "page", "page_size", "language", "everywhere")
INDEX_FIELDS = (
    "key", "content", "content_id", "owner", "concept", "available", "place", "place_words", "names", "text", "title",
    "labels", "aliases", "words", "roots", "named", "kind", "starts", "ends", "over", "date", "expires", "sequence",
    "weight",
)  # fmt: skip
RESERVED_NAMES = frozenset((*API_PARAMETERS, *INDEX_FIELDS))


@register("search")
def check_facets(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Return an error for each part that a declaration lacks."""
    errors: list[CheckMessage] = [
        Error(f"Several facets are named “{name}”.", obj=name, id="cms_search.E011")
        for name, number in Counter(facet.name for facet in facets.FACETS).items()
        if number > 1
    ]
    return errors + [error for facet in facets.FACETS for error in _facet_errors(facet)]


def _facet_errors(facet: Facet) -> Iterator[Error]:
    obj = f"facet “{facet.name}”"
    if not NAME.fullmatch(facet.name) or facet.name in RESERVED_NAMES:
        hint = "Use small letters and underscores, and no parameter of the API or other field of an index."
        yield Error("The name cannot be used.", hint=hint, obj=obj, id="cms_search.E012")
    if not facet.label:
        yield Error("The label is missing.", obj=obj, id="cms_search.E013")
    if bool(facet.paths) == bool(facet.attribute):
        hint = "Give either `paths` into the published document or an `attribute` of SearchDocument."
        yield Error("The source of the values is missing or ambiguous.", hint=hint, obj=obj, id="cms_search.E014")
    if facet.attribute and facet.attribute not in {field.name for field in fields(SearchDocument)}:
        yield Error(f"SearchDocument has no attribute “{facet.attribute}”.", obj=obj, id="cms_search.E015")
    for path in facet.paths:
        first, *others = path.split(".")
        if first not in DOCUMENT_KEYS or not all(others) or path == "content":
            hint = "docs/document.md lists the keys of a published document."
            yield Error(f"A published document has nothing at “{path}”.", hint=hint, obj=obj, id="cms_search.E016")
