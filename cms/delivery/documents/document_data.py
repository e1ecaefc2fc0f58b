"""The JSON of published documents: the serialized page and the header that the publisher adds (docs/document.md)."""

from __future__ import annotations

import datetime
import json
from typing import Any
from urllib.parse import urljoin

from django.utils import translation
from wagtail.models import Page

from cms.delivery.models import PublishedDocument
from cms.pages.models import ContentPage
from cms.pages.serializers import serialize
from cms.translations.models import TranslatedRevision
from sites.access.references.loaded_objects import loading_with
from sites.models import Department

from .document_context import DocumentContext
from .page_batch import PageBatch
from .placement import PlannedPlacement
from .untranslated_texts import record_of_alias, with_marks, without_marks

CARD_KEYS = ("id", "type", "locale", "department", "title", "summary", "path", "url", "image")
# In the order of the document. `set_relations` fills those that depend on the other documents of the batch.
RELATIONS = ("origin", "translation", "alternates")
# Part of `translation` for an original, and for a page whose translation is not recorded segment by segment.
NO_RECORD = {"progress": None, "source_revision": None, "reviewed_at": None, "stale": False, "stale_since": None}


def serialize_page(
    page: ContentPage, batch: PageBatch, *, is_draft: bool = False
) -> tuple[dict[str, Any], DocumentContext]:
    """Return the serialized part of the document of a page, and the context with all that it depends on.

    Its key `translation` says which texts are in which source language. That of a draft names none.
    """
    owner = batch.owner_of(page)
    source_language = _source_language(owner)
    media_language = "" if source_language == page.locale.language_code else source_language
    other_language = "" if is_draft else batch.other_language_of(page)
    language, record = (other_language, None) if is_draft or other_language else _record_of(page, batch)
    language = language or media_language
    # Texts of media can be named only in the language in which those of the page are.
    context = DocumentContext(
        batch, page, owner, media_language, marks=not is_draft and language == media_language != ""
    )
    for instance in page.publication_dependencies:
        context.uses(instance)
    with translation.override(page.locale.language_code):  # Labels are in the language of the document.
        if is_draft:
            return {**serialize(page, context), "translation": {"source_locale": "", "untranslated": []}}, context
        with loading_with(batch.objects.in_bulk):
            if other_language:
                record = record_of_alias(page)
            marked = page if record is None or not record.untranslated else with_marks(page, record)
            serialized = serialize(marked, context)
    has_marks = context.has_marks or marked is not page
    serialized, untranslated = without_marks(serialized, language) if has_marks else (serialized, [])
    return {**serialized, "translation": {"source_locale": language, "untranslated": untranslated}}, context


def document_data(page: ContentPage, serialized: dict[str, Any], planned: list[PlannedPlacement]) -> dict[str, Any]:
    """Return the document of a page. `set_relations` completes it."""
    return {
        "id": str(page.translation_key),
        "type": serialized["type"],
        "locale": page.locale.language_code,
        **_placement_data(planned, serialized["title"], serialized["slug"]),
        "summary": serialized["summary"],
        "image": serialized["image"],
        "first_published_at": _timestamp(page.first_published_at),
        "last_published_at": _timestamp(page.last_published_at),
        **dict.fromkeys(RELATIONS),
        "translation": serialized["translation"],
        "content": serialized["content"],
    }


def with_placements(data: dict[str, Any], planned: list[PlannedPlacement]) -> dict[str, Any]:
    """Return a stored document with the owner, holders and URLs of other placements."""
    return data | _placement_data(planned, data["title"], data["slug"])


def set_relations(data: dict[str, Any], page: Page, batch: PageBatch) -> None:
    """Set what the document says about its origin, its original and its other languages."""
    documents = batch.siblings[page.translation_key].values()
    siblings = [sibling for sibling in documents if sibling.locale != data["locale"]]
    data["origin"] = _origin(page, batch)
    # A stored document of an older version may have no list.
    untranslated = data["translation"].get("untranslated", [])
    translation = _translation(page, batch, siblings)
    if translation["source_locale"] == data["locale"]:
        untranslated = []  # It is an original, and so are the texts of its media.
    data["translation"] = {**translation, "untranslated": untranslated}
    cards = [card for sibling in siblings if batch.is_readable(sibling) and (card := sibling.card_data)]
    data["alternates"] = [
        {key: card[key] for key in ("locale", "title", "path", "url")}
        for card in sorted(cards, key=lambda card: card["locale"])
    ]


def card_of(data: dict[str, Any]) -> dict[str, Any]:
    """Return the Card (docs/document.md) of a document."""
    card = {key: data[key] for key in CARD_KEYS} | {"start": data["content"].get("start"), "translation": None}
    translation = data["translation"]
    # A stored document of an older version has no list.
    untranslated = [pointer for pointer in translation.get("untranslated", ()) if pointer.split("/")[1] in CARD_KEYS]
    if untranslated:
        card["translation"] = {"source_locale": translation["source_locale"], "untranslated": untranslated}
    return card


def list_values(data: dict[str, Any]) -> dict[str, str]:
    """Return the texts of a document that lists need of all their documents, "" for those that it does not have.

    These are its first day, the time of its first publication, the type that a section lists, the canonical URL if
    it is that of another page, and the ESCO occupation of a profession.
    """
    content = data["content"]
    values = {
        "start": content.get("start"),
        "first_published_at": data["first_published_at"],
        "lists": content.get("lists"),
        "canonical": (data["origin"] or {}).get("url"),
        "esco_uri": content.get("esco_uri"),
    }
    return {name: value or "" for name, value in values.items()}


def as_json(data: dict[str, Any]) -> str:
    """Return compact JSON."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def _placement_data(planned: list[PlannedPlacement], title: str, slug: str) -> dict[str, Any]:
    owner, path = planned[0].department, planned[0].path
    return {
        "department": owner.slug,
        "departments": [placement.department.slug for placement in planned],
        "holders": [placement.holder() for placement in planned],
        "title": title,
        "slug": slug,
        "path": path,
        "url": urljoin(owner.site.root_url + "/", path),
    }


def _origin(page: Page, batch: PageBatch) -> dict[str, Any] | None:
    """Return the `origin` of a copy, without title and URL while it is not public; None for other pages."""
    copy = batch.copies.get(page.translation_key)
    if copy is None or copy.sharing is None:
        return None
    owner = batch.departments[copy.sharing.owner_id]
    documents = batch.origins[copy.origin_key]
    document = documents.get(page.locale.language_code) or next(iter(documents.values()), None)
    card = (document.card_data if document is not None else {}) or {"title": "", "url": ""}
    return {"department": owner.slug, "name": owner.name, "title": card["title"], "url": card["url"]}


def _translation(page: Page, batch: PageBatch, siblings: list[PublishedDocument]) -> dict[str, Any]:
    """Return `translation` of docs/document.md."""
    locale = page.locale.language_code
    text, other_language = batch.text_of(page), batch.other_language_of(page)
    translation = batch.translations.get((text.content, text.language)) if not other_language else None
    if other_language:
        source_locale = other_language
    elif translation is not None:
        source_locale = translation.source.locale.language_code
    else:
        # Made without wagtail-localize: the version in the department's source language is the original.
        source_locale = _source_language(batch.owner_of(page))
        if not any(sibling.locale == source_locale for sibling in siblings):
            source_locale = locale
    if source_locale == locale:
        return {"status": "original", "source_locale": locale, "source_url": "", **NO_RECORD}
    source = batch.siblings[page.translation_key].get(source_locale)
    source_url = source.card_data.get("url", "") if source is not None and batch.is_readable(source) else ""
    origin = {"source_locale": source_locale, "source_url": source_url}
    if other_language:
        return {"status": "incomplete", **origin, **NO_RECORD}
    _language, record = _record_of(page, batch)
    if record is None:
        return {"status": "translated", **origin, **NO_RECORD}
    progress = getattr(translation, "progress", None)
    outdated_since = None if progress is None else progress.public_outdated_since
    return {
        "status": _translation_status(record),
        **origin,
        "progress": {"segments": len(record.segments), "translated": len(record.segments) - record.untranslated},
        "source_revision": _timestamp(record.source_saved_at),
        "reviewed_at": _timestamp(record.reviewed_at),
        "stale": outdated_since is not None,
        "stale_since": _timestamp(outdated_since),
    }


def _record_of(page: Page, batch: PageBatch) -> tuple[str, TranslatedRevision | None]:
    """Return the source language of a translated page and the record of its public revision; "" and None without."""
    text = batch.text_of(page)
    translation = batch.translations.get((text.content, text.language))
    if translation is None:
        return "", None
    return translation.source.locale.language_code, batch.translated_revisions.get(text.revision)


def _translation_status(record: TranslatedRevision) -> str:
    if record.untranslated:
        return "incomplete"
    if record.reviewed_at is not None:
        return "reviewed"
    return "machine" if record.has_machine_texts else "translated"


def _source_language(department: Department) -> str:
    """Return the code of the department's source language, or "" if it has none."""
    codes = (language.locale.language_code for language in department.department_locales.all() if language.is_source)
    return next(codes, "")


def _timestamp(moment: datetime.datetime | None) -> str | None:
    return (
        None if moment is None else moment.astimezone(datetime.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    )
