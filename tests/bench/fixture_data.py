"""Fills an empty database: departments, published documents with their feed, and Wagtail pages with the same texts.

Rows are written in bulk, since publishing 100,000 pages takes hours and is not measured.
"""

from __future__ import annotations

import datetime
import hashlib
import itertools
import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.utils.text import slugify
from wagtail.models import Locale, Page
from wagtail.search.backends import get_search_backend

from cms.delivery.documents.document_data import card_of, list_values
from cms.delivery.documents.past_documents import over_at
from cms.delivery.models import FeedCounter, Placement, PublishedDocument
from cms.pages.models import (
    CampaignPage,
    ContentPage,
    DepartmentHomePage,
    EventPage,
    PartnershipPage,
    ProfessionPage,
    TestimonialPage,
)
from sites.models import Department
from tests.factories.bodies import document_body
from tests.factories.departments import make_department

from .texts import LANGUAGES, Text, text

DEPARTMENTS = ("allier", "isere", "ardeche", "cantal", "drome", "loire", "rhone", "savoie", "puy-de-dome", "ain")
PROFESSIONS = 60
# The languages of five successive contents, which are ten documents together.
PATTERNS = (("fr",), ("fr", "en"), ("fr", "it"), LANGUAGES, ("en",))
TYPES = ("event", "event", "testimonial", "partnership", "campaign")
TOWNS = ("Moulins", "Grenoble", "Privas", "Aurillac", "Valence", "Lyon", "Chambéry", "Turin", "Oulu", "Genève")
COUNTRIES = ("FR", "FR", "FR", "IT", "FI", "CH")
AUDIENCES = ("Étudiants", "Élus", "Professionnels", "Demandeurs d’emploi", "Familles")
KEYWORDS = ("autonomie", "jeunesse", "inclusion", "mobilité", "logement", "handicap", "enfance", "formation")
BATCH = 500
# The searched field of each page type that takes the long text, and of its document.
PAGES: dict[str, tuple[type[ContentPage], str]] = {
    "profession": (ProfessionPage, "missions"),
    "event": (EventPage, "introduction"),
    "testimonial": (TestimonialPage, "transcript"),
    "partnership": (PartnershipPage, "origin"),
    "campaign": (CampaignPage, "introduction"),
}


@dataclass(frozen=True)
class Entry:
    """One document to create: the number of its content, its language, and all languages of the content."""

    number: int
    content: int
    language: str
    languages: tuple[str, ...]

    @property
    def content_id(self) -> uuid.UUID:
        return content_id(self.content)

    @property
    def type(self) -> str:
        return "profession" if self.content < PROFESSIONS else TYPES[self.content % len(TYPES)]

    @property
    def day(self) -> datetime.date:
        return datetime.date(2022, 1, 1) + datetime.timedelta(days=self.content * 7 % 2500)

    @cached_property
    def text(self) -> Text:
        return text(self.content, self.language)


def content_id(number: int) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_OID, f"content {number}")


def entries() -> Iterator[Entry]:
    """Yield entries without end: first professions in every language, then all other types."""
    number = 0
    for content in itertools.count():
        languages = LANGUAGES if content < PROFESSIONS else PATTERNS[content % len(PATTERNS)]
        for language in languages:
            yield Entry(number, content, language, languages)
            number += 1


def make_departments() -> None:
    """Create the departments with their sites and homes in every language."""
    for slug in DEPARTMENTS:
        make_department(slug, locales=LANGUAGES)


def grow(size: int, progress: Callable[[int], Any]) -> None:
    """Add documents and pages until there are `size` documents."""
    first = PublishedDocument.objects.exclude(type="home").count()
    departments = list(Department.objects.select_related("site", "container").order_by("pk"))
    homes = {(home.get_parent().pk, home.locale.language_code): home for home in DepartmentHomePage.objects.all()}
    chosen = itertools.islice(entries(), first, size)
    while batch := list(itertools.islice(chosen, BATCH)):
        with transaction.atomic():
            placed = [(entry, departments[entry.content % len(departments)]) for entry in batch]
            pages = _make_pages(
                [(entry, homes[department.container_id, entry.language]) for entry, department in placed]
            )
            _make_documents(placed, pages)
        progress(len(batch))


def index_for_wagtail(progress: Callable[[int], Any]) -> int:
    """Index every new page in Wagtail's own search, as its command `update_index` does; return their number."""
    backend = get_search_backend()
    added = 0
    for model, _field in PAGES.values():
        index = backend.get_index_for_model(model)
        known = {
            int(key) for key in model.get_indexed_objects().values_list("index_entries__object_id", flat=True) if key
        }
        ids = sorted(set(model.objects.values_list("pk", flat=True)) - known)
        for start in range(0, len(ids), BATCH):
            pages = list(model.objects.filter(pk__in=ids[start : start + BATCH]))
            index.add_items(model, pages)
            progress(len(pages))
        added += len(ids)
    # A server does this by itself after some time. Without it the queries of Wagtail's search are planned badly.
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    return added


def _make_documents(placed: list[tuple[Entry, Department]], pages: list[Page]) -> None:
    counter = FeedCounter.locked()
    documents = []
    for (entry, department), page in zip(placed, pages, strict=True):
        document = PublishedDocument(
            content_id=entry.content_id,
            locale=entry.language,
            type=entry.type,
            department=department,
            page_id=page.pk,
            title=page.title,
            path=f"/{entry.language}/{page.slug}/",
            tree_path=page.path,
            is_original=entry.language == entry.languages[0],
            sequence=counter.next(),
        )
        data = _body(document, entry, department)
        document.body = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        document.etag = hashlib.sha256(document.body.encode()).hexdigest()
        document.card = json.dumps(card_of(data), ensure_ascii=False)
        document.list_values = list_values(data)
        document.over_at = over_at(data, department.time_zone)
        documents.append(document)
    counter.save()
    PublishedDocument.objects.bulk_create(documents)
    Placement.objects.bulk_create(
        Placement(document=each, department=each.department, path=each.path, is_canonical=True) for each in documents
    )


def _body(document: PublishedDocument, entry: Entry, department: Department) -> dict[str, Any]:
    document.also_on = ()  # type: ignore[attr-defined]
    document.facts = _facts(entry, department)  # type: ignore[attr-defined]
    published = datetime.datetime.combine(entry.day, datetime.time(9), datetime.UTC).isoformat()
    alternates = [
        {"locale": each, "title": document.title, "path": document.path, "url": document.path}
        for each in entry.languages
        if each != entry.language
    ]
    own = {"summary": entry.text.summary, "first_published_at": published, "alternates": alternates}
    return document_body(document) | own


def _facts(entry: Entry, department: Department) -> dict[str, Any]:
    """Return the members of `content` that differ between documents, one of which is the long text."""
    number = entry.content
    facts: dict[str, Any] = {PAGES[entry.type][1]: _html(entry.text), "body": []}
    match entry.type:
        case "profession":
            return facts | {"other_names": [entry.text.title.split()[0]], "rome_code": f"K{1000 + number}"}
        case "event":
            day = entry.day.isoformat()
            towns = {"city": TOWNS[number % len(TOWNS)], "country": COUNTRIES[number % len(COUNTRIES)]}
            venue = {"name": "", "address": "", "postcode": "", "latitude": None, "longitude": None, "access": ""}
            audiences = [AUDIENCES[number % len(AUDIENCES)], AUDIENCES[number % 3]]
            dates = {"start": day, "end": day, "days": [], "stands": [], "documents": []}
            card = [_card(number % PROFESSIONS, entry.language, department)]
            return facts | dates | {"venue": venue | towns, "audiences": audiences, "professions": card}
        case "testimonial":
            return facts | {"profession": _card(number % PROFESSIONS, entry.language, department)}
        case "partnership":
            keywords = [KEYWORDS[number % len(KEYWORDS)], KEYWORDS[number % 5]]
            origin = {"text": facts["origin"], "date": "", "participants": None, "organisations": []}
            return facts | {"keywords": keywords, "origin": origin}
    return facts | {"target_professions": [_card(number % PROFESSIONS, entry.language, department)]}


def _card(profession: int, language: str, department: Department) -> dict[str, Any]:
    return {
        "id": str(content_id(profession)),
        "type": "profession",
        "locale": language,
        "department": department.slug,
        "title": _title(profession, language),
        "summary": "",
        "path": "",
        "url": "",
        "image": None,
        "start": None,
    }


@cache
def _title(profession: int, language: str) -> str:
    return text(profession, language).title


def _html(written: Text) -> str:
    return "".join(f"<p>{paragraph}</p>" for paragraph in written.paragraphs)


# --- Pages ------------------------------------------------------------------------------------------------------


def _make_pages(placed: list[tuple[Entry, Page]]) -> list[Page]:
    """Write pages below their homes: the rows of `Page` in bulk, then those of their own tables."""
    locales = {locale.language_code: locale for locale in Locale.objects.all()}
    pages = []
    for entry, home in placed:
        model, field = PAGES[entry.type]
        slug = f"{slugify(entry.text.title)[:200]}-{entry.number}"
        home.numchild += 1
        page = model(
            title=entry.text.title,
            draft_title=entry.text.title,
            slug=slug,
            summary=entry.text.summary,
            content_type=ContentType.objects.get_for_model(model),
            locale=locales[entry.language],
            translation_key=entry.content_id,
            depth=home.depth + 1,
            path=Page._get_path(home.path, home.depth + 1, home.numchild),
            url_path=f"{home.url_path}{slug}/",
            live=True,
            has_unpublished_changes=False,
            **{field: _html(entry.text)},
        )
        pages.append(page)
    _insert(Page, pages)
    for model, _field in PAGES.values():
        _insert(model, [page for page in pages if isinstance(page, model)])
    Page.objects.bulk_update({home.pk: home for _entry, home in placed}.values(), ["numchild"])
    return pages


def _insert(model: type[Page], pages: list[Any]) -> None:
    """Insert the rows of one table of inherited models, which `bulk_create` refuses to do."""
    if not pages:
        return
    fields = [field for field in model._meta.local_concrete_fields if not (model is Page and field.primary_key)]
    returning = model._meta.db_returning_fields if model is Page else []
    rows = model._base_manager.all()._insert(pages, fields=fields, returning_fields=returning, using="default")
    for page, row in zip(pages, rows, strict=False):
        page.pk = row[0]
