"""API views of published documents. Stored documents are sent byte for byte."""

from __future__ import annotations

from uuid import UUID

from django.utils.http import parse_etags, quote_etag
from rest_framework.request import Request
from rest_framework.response import Response

from cms.delivery.models import PublishedDocument
from cms.delivery.models.stored_json import parse_body

from .errors import DocumentUnreadable, LocaleNotFound, ResourceNotFound, truncate
from .pagination import PAGE_PARAMETERS, ListPage
from .parameters import department_by_slug, parse_query_parameters, validate_document_type, validate_locale
from .public_views import PublicView
from .renderers import StoredJSON


class DocumentListView(PublicView):
    """A list of documents, of one type or all types, in one language or all languages. At most four queries."""

    document_type = ""

    def get(self, request: Request) -> Response:
        filters = ("department", "locale") if self.document_type else ("department", "locale", "type")
        parameters = parse_query_parameters(request.query_params, (*filters, *PAGE_PARAMETERS))
        locale = validate_locale(parameters["locale"]) if "locale" in parameters else ""
        document_type = validate_document_type(parameters["type"]) if "type" in parameters else self.document_type
        documents = PublishedDocument.objects.public()
        if locale:
            documents = documents.filter(locale=locale)
        if document_type:
            documents = documents.filter(type=document_type)
        if "department" in parameters:
            documents = documents.on_site_of(department_by_slug(parameters["department"]))
        page = ListPage.from_parameters(parameters, documents.count())
        rows = documents.order_by("id").values_list("body", "page_id")[page.slice]
        bodies = (body for body, page_id in rows if parse_body(body, page_id))
        headers = {"Content-Language": locale} if locale else {}
        return Response(page.envelope(request, bodies), headers=headers)


class DocumentView(PublicView):
    """One content, in the requested language or in its original language. One query."""

    def get(self, request: Request, content_id: str) -> Response:
        parameters = parse_query_parameters(request.query_params, ("locale",))
        locale = validate_locale(parameters["locale"]) if "locale" in parameters else ""
        versions = PublishedDocument.objects.public().filter(content_id=parse_content_id(content_id))
        requested = versions.filter(locale=locale) if locale else versions
        document = requested.order_by("-is_original", "id").only("body", "etag", "locale", "page_id").first()
        if document is None:
            available = versions.order_by("locale").values_list("locale", flat=True) if locale else []
            raise _not_found(content_id, locale, list(available))
        etag = quote_etag(document.etag)
        headers = {"ETag": etag, "Content-Language": document.locale}
        if _matches_etag(etag, request.headers.get("If-None-Match", "")):
            return Response(status=304, headers=headers)
        if not document.data:
            raise DocumentUnreadable
        return Response(StoredJSON(document.body), headers=headers)


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
