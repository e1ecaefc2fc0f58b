"""The mapping of a published document to what an index holds: words by weight, filter values and facet values."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from babel.dates import format_date

from cms.content_types.document_type import DocumentType, SearchMapping
from cms.content_types.registry import find_document_type
from sites.html_text import is_html, text_of_html
from sites.unicode_forms import normalise

from . import facets

# Keys of every published document (docs/document.md).
DOCUMENT_KEYS = frozenset(
    (
        "id", "type", "locale", "department", "departments", "holders", "title", "slug", "summary", "path", "url",
        "image", "first_published_at", "last_published_at", "origin", "translation", "alternates", "content",
    )
)  # fmt: skip
# Keys of the parts that content types share (docs/document.md) whose values are codes, numbers and URLs. Each type adds
# its own keys in `cms.content_types.declarations`, as it does for NAME_KEYS.
UNSEARCHED_KEYS = frozenset(
    (
        *("id", "type", "locale", "department", "departments", "slug", "path", "url", "image", "logo", "photo"),
        *("kind", "status", "language", "email", "phone", "website", "media_type", "size", "hash", "country"),
        "qualifier",
    )
)
# Keys whose text is a name; a name weighs more than running text.
NAME_KEYS = frozenset(("title", "name", "short_name", "label", "heading"))
# A longer text describes how to get there; it is not the name of a place.
MAX_PLACE_LENGTH = 80
CARD_KEYS = frozenset(("id", "type", "title", "path", "url"))


@dataclass(frozen=True)
class SearchDocument:
    """One published document as an engine indexes it. All texts are in composed letters (NFC).

    `names` and `text` are in the document's language. `labels` are the names of its professions by language code.
    `aliases`, by language code, are other names of these professions and of related occupations, or the months of an
    event: a query finds them as it finds the text, and they are never shown.
    `professions` are values of the facet, `concepts` every code that `?concept=` accepts (ROME, ESCO, ISCO).
    `facets` are the values of the facets that are declared with paths, by name.
    `places` are its departments, towns and venues: searched like `aliases`, and offered as completions.
    `available` are the languages in which the content is published, for the language fallback.
    """

    content_id: str
    locale: str
    type: str
    department: str
    departments: tuple[str, ...]
    title: str
    summary: str
    names: tuple[str, ...]
    text: str
    sequence: int
    available: tuple[str, ...]
    labels: dict[str, tuple[str, ...]] = field(default_factory=dict)
    aliases: dict[str, tuple[str, ...]] = field(default_factory=dict)
    professions: tuple[str, ...] = ()
    concepts: tuple[str, ...] = ()
    facets: dict[str, tuple[str, ...]] = field(default_factory=dict)
    places: tuple[str, ...] = ()
    starts_on: datetime.date | None = None
    ends_on: datetime.date | None = None
    published_at: datetime.datetime | None = None
    over_at: datetime.datetime | None = None
    expires_at: datetime.datetime | None = None

    def __post_init__(self) -> None:
        # PDF files and macOS write decomposed accents; highlighting needs the positions of composed letters.
        for name in ("title", "summary", "names", "text", "labels", "aliases", "places"):
            object.__setattr__(self, name, _composed(getattr(self, name)))

    @property
    def key(self) -> str:
        return document_key(self.content_id, self.locale)

    def facet_values(self) -> dict[str, tuple[str, ...]]:
        """Return the values of every declared facet, by name."""
        values: dict[str, tuple[str, ...]] = {}
        for facet in facets.FACETS:
            value = getattr(self, facet.attribute) if facet.attribute else self.facets.get(facet.name, ())
            values.setdefault(facet.name, (value,) if isinstance(value, str) else tuple(value))
        return values


def document_key(content_id: str, locale: str) -> str:
    """Return the key of one document in an index."""
    return f"{content_id}:{locale}"


def _composed(value: Any) -> Any:
    """Return a text, or all texts in a tuple or dictionary, in composed letters (NFC). Raises UnicodeEncodeError."""
    if isinstance(value, str):
        value.encode()  # Half of a surrogate pair is no character; no engine takes it.
        return normalise("NFC", value)
    if isinstance(value, dict):
        return {key: _composed(item) for key, item in value.items()}
    return tuple(map(_composed, value))


def build_search_document(
    data: dict[str, Any],
    *,
    sequence: int,
    expires_at: datetime.datetime | None,
    over_at: datetime.datetime | None = None,
    files: Iterable[str] = (),
) -> SearchDocument:
    """Return the search document of a published document (docs/document.md).

    `over_at` is the moment from which it is over; `files` are the texts of the files attached to it.
    The result has no professions, concepts and labels: `search.taxonomy.concepts` adds them, since the document alone
    does not contain them.
    """
    content = data["content"]
    names: list[str] = []
    texts: list[str] = [data["summary"]]
    document_type = find_document_type(data["type"]) or DocumentType(data["type"])
    for is_name, words in _searched_texts(content, document_type.search or SearchMapping()):
        (names if is_name else texts).append(words)
    texts += files
    starts_on, ends_on = _first_and_last_day(document_type, content)
    return SearchDocument(
        content_id=data["id"],
        locale=data["locale"],
        type=data["type"],
        department=data["department"],
        departments=tuple(data["departments"]),
        title=data["title"],
        summary=data["summary"],
        names=tuple(dict.fromkeys(names)),
        text="\n".join(filter(None, dict.fromkeys(texts))),
        sequence=sequence,
        aliases={data["locale"]: _month_names(starts_on, ends_on, data["locale"])} if starts_on else {},
        available=tuple(sorted({data["locale"], *(alternate["locale"] for alternate in data["alternates"])})),
        facets={facet.name: facet.values_in(data) for facet in facets.FACETS if facet.paths},
        places=tuple(_place_names(data)),
        starts_on=starts_on,
        ends_on=ends_on,
        published_at=_parse_datetime(data["first_published_at"]),
        over_at=over_at,
        expires_at=expires_at,
    )


def shown_profession_ids(data: dict[str, Any]) -> list[str]:
    """Return the content ids of the professions whose cards a published document shows, in order."""
    ids: dict[str, None] = {}
    for value in iterate_objects(data["content"]):
        if value.keys() >= CARD_KEYS and value["type"] == "profession":
            ids[value["id"]] = None
    return list(ids)


def iterate_objects(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every object inside a part of a published document, in document order."""
    if isinstance(value, list):
        for item in value:
            yield from iterate_objects(item)
    elif isinstance(value, dict):
        yield value
        for item in value.values():
            yield from iterate_objects(item)


def _searched_texts(value: Any, mapping: SearchMapping, is_name: bool = False) -> Iterator[tuple[bool, str]]:
    """Yield (is_name, text) for every text that a query may find."""
    if isinstance(value, str):
        # Only HTML has entities: "&nbsp;" would otherwise be indexed as a word.
        if text := (text_of_html(value, separator=" ") if is_html(value) else value).strip():
            yield is_name, text
    elif isinstance(value, list):
        for item in value:
            yield from _searched_texts(item, mapping, is_name)
    elif isinstance(value, dict):
        if value.keys() >= CARD_KEYS:
            yield False, value["title"]
        elif value.keys() == {"type", "value"}:  # A block of a body.
            yield from _searched_texts(value["value"], mapping, value["type"] == "heading")
        else:
            for key, item in value.items():
                if key not in UNSEARCHED_KEYS and key not in mapping.unsearched_keys:
                    yield from _searched_texts(item, mapping, key in NAME_KEYS or key in mapping.name_keys)


def _place_names(data: dict[str, Any]) -> list[str]:
    """Return the names of the departments on whose sites the document has a placement, and its town and venue.

    The places of activities and vacancies are free text ("a country to be decided"): they are indexed as text only.
    """
    venue = data["content"].get("venue") or {}
    names = [holder["name"] for holder in data["holders"]]
    names += [venue.get("city", ""), venue.get("name", "")]
    return [name for name in dict.fromkeys(map(str.strip, names)) if 0 < len(name) <= MAX_PLACE_LENGTH]


def _first_and_last_day(
    document_type: DocumentType, content: dict[str, Any]
) -> tuple[datetime.date | None, datetime.date | None]:
    """Return the first and last day of a document; (None, None) for a type or a document without dates."""
    if not document_type.has_dates or not content["start"]:
        return None, None
    starts_on = datetime.date.fromisoformat(content["start"][:10])
    ends_on = datetime.date.fromisoformat(content["end"][:10]) if content["end"] else starts_on
    return starts_on, ends_on


def _month_names(starts_on: datetime.date | None, ends_on: datetime.date | None, locale: str) -> tuple[str, ...]:
    """Return the months and years of an event's first and last day, written in its language ("mars 2026")."""
    days = [day for day in (starts_on, ends_on) if day]
    return tuple(dict.fromkeys(format_date(day, "MMMM y", locale=locale.replace("-", "_")) for day in days))


def _parse_datetime(value: str | None) -> datetime.datetime | None:
    return datetime.datetime.fromisoformat(value) if value else None
