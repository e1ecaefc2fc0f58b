"""What the index holds of a published document: the words by weight, and the values that filters and facets use."""

from __future__ import annotations

import datetime
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from babel.dates import format_date
from django.utils.html import strip_tags

from cms.content_types.document_type import DocumentType, SearchMapping
from cms.content_types.registry import find_document_type

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
# Longer ones describe how to get there.
MAX_PLACE_LENGTH = 80
CARD_KEYS = frozenset(("id", "type", "title", "path", "url"))


@dataclass(frozen=True)
class SearchDocument:
    """One published document as an engine indexes it.

    `names` and `text` are in the document's language; `labels` are what its professions are called, by language code,
    and `aliases` what else they or their kin are called, or an event's month: these find it as its text does, and are
    never shown.
    `professions` are keys of the facet, `concepts` every code that `?concept=` takes (ROME, ESCO, ISCO).
    `places` are its departments, towns and venues: words like `aliases`, and completions.
    `available` are the languages in which the content is published, for the fallback from one to the next.
    Words are in composed letters (NFC).
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
    countries: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    starts_on: datetime.date | None = None
    ends_on: datetime.date | None = None
    published_at: datetime.datetime | None = None
    expires_at: datetime.datetime | None = None

    def __post_init__(self) -> None:
        # PDF files and macOS write an accent as a letter of its own; words are marked by where they stand.
        for name in ("title", "summary", "names", "text", "labels", "aliases", "places"):
            object.__setattr__(self, name, _composed(getattr(self, name)))

    @property
    def key(self) -> str:
        return document_key(self.content_id, self.locale)


def document_key(content_id: str, locale: str) -> str:
    """Return what names one document in an index."""
    return f"{content_id}:{locale}"


def _composed(value: Any) -> Any:
    """Return text, or all the texts in a tuple or dictionary, with one character for each letter with its accents."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, dict):
        return {key: _composed(each) for key, each in value.items()}
    return tuple(map(_composed, value))


def build_search_document(
    data: dict[str, Any], *, sequence: int, expires_at: datetime.datetime | None, files: Iterable[str] = ()
) -> SearchDocument:
    """Map a document of docs/document.md; `files` are the texts of the files attached to it.

    Professions' codes and labels are not in the document alone: `search.taxonomy.concepts` adds them.
    """
    content = data["content"]
    names: list[str] = []
    texts: list[str] = [data["summary"]]
    document_type = find_document_type(data["type"]) or DocumentType(data["type"])
    for is_name, words in _words(content, document_type.search or SearchMapping()):
        (names if is_name else texts).append(words)
    texts += files
    starts_on, ends_on = _dates(document_type, content)
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
        aliases={data["locale"]: _months(starts_on, ends_on, data["locale"])} if starts_on else {},
        available=tuple(sorted({data["locale"], *(each["locale"] for each in data["alternates"])})),
        countries=tuple(sorted(_countries(content))),
        audiences=tuple(content.get("audiences", ())),
        tags=tuple(content.get("keywords", ())),
        places=tuple(_places(data)),
        starts_on=starts_on,
        ends_on=ends_on,
        published_at=_moment(data["first_published_at"]),
        expires_at=expires_at,
    )


def shown_profession_ids(data: dict[str, Any]) -> list[str]:
    """Return the ids of the professions that a document shows, in order."""
    found: dict[str, None] = {}
    for value in iterate_objects(data["content"]):
        if value.keys() >= CARD_KEYS and value["type"] == "profession":
            found[value["id"]] = None
    return list(found)


def iterate_objects(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every object inside a part of a published document, in its order."""
    if isinstance(value, list):
        for each in value:
            yield from iterate_objects(each)
    elif isinstance(value, dict):
        yield value
        for each in value.values():
            yield from iterate_objects(each)


def _words(value: Any, mapping: SearchMapping, is_name: bool = False) -> Iterator[tuple[bool, str]]:
    """Yield (is a name, text) for each searchable text in a part of a document."""
    if isinstance(value, str):
        # Entities are of HTML only: "&nbsp;" would be read, and found, as a word.
        if text := unescape(strip_tags(value.replace("<", " <"))).strip() if "<" in value else value.strip():
            yield is_name, text
    elif isinstance(value, list):
        for each in value:
            yield from _words(each, mapping, is_name)
    elif isinstance(value, dict):
        if value.keys() >= CARD_KEYS:
            yield False, value["title"]
        elif value.keys() == {"type", "value"}:  # A block of a body.
            yield from _words(value["value"], mapping, value["type"] == "heading")
        else:
            for key, each in value.items():
                if key not in UNSEARCHED_KEYS and key not in mapping.unsearched_keys:
                    yield from _words(each, mapping, key in NAME_KEYS or key in mapping.name_keys)


def _countries(content: dict[str, Any]) -> set[str]:
    """Return where it takes place or whom it joins: countries of the venue, of partners and of activities."""
    found = {country for activity in content.get("activities", ()) for country in activity["countries"]}
    found |= {partner["country"] for partner in content.get("partners", ()) if partner.get("country")}
    if venue := content.get("venue"):
        found.add(venue["country"])
    return found - {""}


def _places(data: dict[str, Any]) -> list[str]:
    """Return the names of departments on whose sites it stands, and of the town and venue where it takes place.

    The places of activities and vacancies are free text ("a country to be decided"): words as all others.
    """
    content = data["content"]
    venue = content.get("venue") or {}
    found = [holder["name"] for holder in data["holders"]]
    found += [venue.get("city", ""), venue.get("name", "")]
    return [place for place in dict.fromkeys(map(str.strip, found)) if 0 < len(place) <= MAX_PLACE_LENGTH]


def _dates(document_type: DocumentType, content: dict[str, Any]) -> tuple[datetime.date | None, datetime.date | None]:
    """Return the first and last day of a document with dates, else (None, None)."""
    if not document_type.has_dates or not content["start"]:
        return None, None
    starts_on = datetime.date.fromisoformat(content["start"][:10])
    ends_on = datetime.date.fromisoformat(content["end"][:10]) if content["end"] else starts_on
    return starts_on, ends_on


def _months(starts_on: datetime.date | None, ends_on: datetime.date | None, locale: str) -> tuple[str, ...]:
    """Return the months of an event's first and last day as its language writes them, with their years."""
    days = [day for day in (starts_on, ends_on) if day]
    return tuple(dict.fromkeys(format_date(day, "MMMM y", locale=locale.replace("-", "_")) for day in days))


def _moment(value: str | None) -> datetime.datetime | None:
    return datetime.datetime.fromisoformat(value) if value else None
