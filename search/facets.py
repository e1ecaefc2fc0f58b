"""The facets: one declaration per facet drives both engines, the API and the reader.

To add a facet, add a `Facet` to the end of `FACETS`, translate its label (`make messages`) and run `search_rebuild`.
The system checks `cms_search.E011` to `E016` and `reader.E011` and `E012` name what a declaration lacks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

# The facet that restricts a search to the site where it is made. The site sets its filter, not the person who searches.
SITE_FACET = "department"


class ValueKind(StrEnum):
    """The kind of the values of a facet. It selects their validation in the API, and their labels in API and reader."""

    TEXT = "text"
    CONTENT_TYPE = "content_type"
    LANGUAGE = "language"
    COUNTRY = "country"
    DEPARTMENT = "department"
    PROFESSION = "profession"


@dataclass(frozen=True)
class Facet:
    """A declaration of one facet.

    `name` is the query parameter of API and reader, the field of the index and the key in an answer. `label` is the
    legend in the reader.

    The values come from `paths` into the published document (docs/document.md), such as "content.partners.country"
    (lists on the way are flattened), or from `attribute`, a field of `SearchDocument` that search computes itself.

    `position` orders the facets of the search page; the order of declaration is that of the API. `widget` names the
    template `reader/parts/facet_<widget>.html`. `vocabulary` names the words for values that are codes, a key of
    `cms.reader.formatting.labels.LABELS`. `is_api_filter` is False if the API has another use for the parameter.
    """

    name: str
    label: str | _StrPromise = ""
    paths: tuple[str, ...] = ()
    attribute: str = ""
    kind: ValueKind = ValueKind.TEXT
    vocabulary: str = ""
    widget: str = "checkboxes"
    position: int = 100
    is_api_filter: bool = True

    def values_in(self, data: dict[str, Any]) -> tuple[str, ...]:
        """Return the different values at `paths` in a published document, sorted; () for none."""
        return tuple(sorted({value for path in self.paths for value in _values_at(data, path.split("."))}))


def _values_at(value: Any, keys: list[str]) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _values_at(item, keys)
    elif keys:
        if isinstance(value, dict):
            yield from _values_at(value.get(keys[0]), keys[1:])
    elif isinstance(value, str | int) and value != "":
        yield str(value)


# Functions read the tuple at the time of the call. tantivy refuses an index that was made with other facets.
FACETS: tuple[Facet, ...] = (
    Facet(
        SITE_FACET, _("Department"), attribute="departments", kind=ValueKind.DEPARTMENT, position=30,
    ),
    Facet("type", _("Kind"), attribute="type", kind=ValueKind.CONTENT_TYPE, vocabulary="type", position=10),
    # The API's parameter `locale` is the language of the answer.
    Facet("locale", _("Language"), attribute="locale", kind=ValueKind.LANGUAGE, position=40, is_api_filter=False),
    Facet("profession", _("Profession"), attribute="professions", kind=ValueKind.PROFESSION, position=20),
    Facet(
        "country",
        _("Country"),
        paths=("content.activities.countries", "content.partners.country", "content.venue.country"),
        kind=ValueKind.COUNTRY,
        position=50,
    ),
    Facet("audience", _("Audience"), paths=("content.audiences",), position=60),
    Facet("tag", _("Keyword"), paths=("content.keywords",), position=70),
)  # fmt: skip


def facet_names() -> tuple[str, ...]:
    """Return the different names of the facets in the order of the API."""
    return tuple(dict.fromkeys(facet.name for facet in FACETS))


def find_facet(name: str) -> Facet:
    """Return the first facet of that name. Raises KeyError."""
    for facet in FACETS:
        if facet.name == name:
            return facet
    raise KeyError(name)


def facets_by_position() -> list[Facet]:
    """Return the facets, one for each name, in the order of the search page."""
    return sorted(map(find_facet, facet_names()), key=lambda facet: facet.position)
