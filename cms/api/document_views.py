"""API views of published documents. Stored documents are sent byte for byte."""

from __future__ import annotations

import json
from uuid import UUID

from django.db.models import QuerySet
from django.utils.http import parse_etags, quote_etag
from rest_framework.request import Request
from rest_framework.response import Response

from cms.delivery.documents.language_selection import departments_by_chain, with_fallbacks
from cms.delivery.models import PublishedDocument
from cms.delivery.models.stored_json import parse_body

from .errors import DocumentUnreadable, InvalidParameter, LocaleNotFound, ResourceNotFound, truncate
from .pagination import DEFAULT_PAGE_SIZE, PAGE_PARAMETERS, ListPage
from .parameters import (
    department_by_slug,
    parse_query_parameters,
    validate_choice,
    validate_document_type,
    validate_locale,
)
from .public_views import PublicView
from .renderers import StoredJSON, answered

ALL_LANGUAGES = "*"


class DocumentListView(PublicView):
    """A list of documents, of one type or all types, in one language or all languages. At most five queries."""

    document_type = ""

    def get(self, request: Request) -> Response:
        filters = ("department", "locale", "fallback", *(() if self.document_type else ("type",)))
        parameters = parse_query_parameters(request.query_params, (*filters, *PAGE_PARAMETERS))
        locale = _requested_locale(parameters)
        document_type = validate_document_type(parameters["type"]) if "type" in parameters else self.document_type
        has_fallbacks = _wants_fallback(parameters, locale, default=False)
        documents = PublishedDocument.objects.public()
        if document_type:
            documents = documents.filter(type=document_type)
        if "department" in parameters:
            documents = documents.on_site_of(department_by_slug(parameters["department"]))
        if locale and has_fallbacks:
            documents = with_fallbacks(documents, locale)
        elif locale:
            documents = documents.filter(locale=locale)
        page = ListPage.from_parameters(parameters, documents.count())
        rows = documents.order_by("id").values_list("body", "page_id", "locale")[page.slice]
        bodies = (
            answered(body, language, locale) if parse_body(body, page_id) else ""
            # In small portions: `envelope` reads no more than it sends.
            for body, page_id, language in rows.iterator(chunk_size=DEFAULT_PAGE_SIZE)
        )
        headers = {"Content-Language": locale} if locale and not has_fallbacks else {}
        return Response(page.envelope(request, bodies), headers=headers)


class DocumentView(PublicView):
    """One content, in the requested language, a fallback language, its original language, or all languages.

    One query, or three if the content does not exist in the requested language.
    """

    def get(self, request: Request, content_id: str) -> Response:
        parameters = parse_query_parameters(request.query_params, ("locale", "fallback"))
        locale = _requested_locale(parameters)
        has_fallback = _wants_fallback(parameters, locale, default=True)
        versions = PublishedDocument.objects.public().filter(content_id=parse_content_id(content_id))
        versions = versions.order_by("-is_original", "id").only("body", "etag", "locale", "page_id")
        if parameters.get("locale") == ALL_LANGUAGES:
            return _all_languages(content_id, list(versions))
        document = (versions.filter(locale=locale) if locale else versions).first()
        if document is None and locale and has_fallback:
            document = _fallback(versions, locale)
        if document is None:
            available = versions.order_by("locale").values_list("locale", flat=True) if locale else []
            raise _not_found(content_id, locale, list(available))
        etag = quote_etag(document.etag)
        headers = {"ETag": etag, "Content-Language": document.locale}
        if _matches_etag(etag, request.headers.get("If-None-Match", "")):
            return Response(status=304, headers=headers)
        if not document.data:
            raise DocumentUnreadable
        return Response(StoredJSON(answered(document.body, document.locale, locale)), headers=headers)


def _requested_locale(parameters: dict[str, str]) -> str:
    """Return the requested language, "" for all languages and without one; raise InvalidParameter."""
    value = parameters.get("locale", ALL_LANGUAGES)
    return "" if value == ALL_LANGUAGES else validate_locale(value)


def _wants_fallback(parameters: dict[str, str], locale: str, *, default: bool) -> bool:
    """Return True if fallback languages are requested; raise InvalidParameter without a language."""
    if "fallback" not in parameters:
        return default
    value = validate_choice("fallback", parameters["fallback"], ["true", "false"])
    if not locale:
        raise InvalidParameter("fallback", value, "a value only together with one language in “locale”")
    return value == "true"


def _fallback(versions: QuerySet[PublishedDocument], locale: str) -> PublishedDocument | None:
    """Return the version of a content in the first available fallback language of `locale`, or None. Two queries."""
    existing = {
        document.locale: document for document in versions.only("locale", "department_id", "body", "etag", "page_id")
    }
    for chain, departments in departments_by_chain(locale).items():
        for code in chain:
            if code in existing and existing[code].department_id in departments:
                return existing[code]
    return None


def _all_languages(content_id: str, versions: list[PublishedDocument]) -> Response:
    """Return a list with all public languages of one content, the original first; raise ResourceNotFound for none."""
    if not versions:
        raise _not_found(content_id, "", [])
    readable = [version for version in versions if version.data]
    envelope = json.dumps({"count": len(readable), "next": None, "previous": None}, separators=(",", ":"))
    results = ",".join(answered(version.body, version.locale) for version in readable)
    languages = ", ".join(version.locale for version in readable)
    return Response(StoredJSON(f'{envelope[:-1]},"results":[{results}]}}'), headers={"Content-Language": languages})


def parse_content_id(content_id: str) -> UUID:
    """Return the id of a content in a URL as a UUID; raise ResourceNotFound if it is malformed."""
    try:
        parsed = UUID(content_id)
    except ValueError:
        parsed = None
    # UUID() also accepts braces, `urn:uuid:` and misplaced hyphens.
    if parsed is None or str(parsed) != content_id.lower():
        raise ResourceNotFound(
            f"“{truncate(content_id)}” is not the id of a content: ids are UUIDs such as"
            " 1b4e28ba-2fa1-11d2-883f-0016d3cca427.",
            parameter="id",
            value=truncate(content_id),
        )
    return parsed


def _not_found(content_id: str, locale: str, available: list[str]) -> ResourceNotFound:
    """Return the error for a content that is not public, or is public in the `available` languages only."""
    if available:
        return LocaleNotFound(
            f"Content {content_id} is not published in “{locale}”; it is in: {', '.join(available)}.",
            parameter="locale",
            value=locale,
            allowed=available,
        )
    return ResourceNotFound(f"No content with the id {content_id} is published.", parameter="id", value=content_id)


def _matches_etag(etag: str, if_none_match: str) -> bool:
    """Return True if the If-None-Match header names the ETag.

    The comparison is weak (RFC 9110), since proxies that compress responses weaken ETags.
    """
    etags = parse_etags(if_none_match)
    return "*" in etags or etag in {tag.removeprefix("W/") for tag in etags}
