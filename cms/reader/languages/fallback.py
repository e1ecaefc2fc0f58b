"""The page in a fallback language, for a content that does not exist in the requested language."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext

from cms.delivery.models import PublishedDocument
from cms.reader import site_documents
from cms.reader.formatting.localized_values import language as language_name
from cms.reader.site_resolution import ResolvedSite
from sites.models.language_chains import language_chains


def find_fallback(site: ResolvedSite) -> Any:
    """Return the document that the site shows in place of the missing one at `site.path`, with `site_path`, or None.

    The URL names a content if another language of the chain has it, with its own code, or if the missing language
    had it before. A content that exists in the requested language elsewhere is returned in that language. At most three
    queries.
    """
    language, _slash, rest = site.path.strip("/").partition("/")
    chain = language_chains(site.department.department_locales.select_related("locale")).get(language, ())
    if not chain or "\x00" in site.path:  # PostgreSQL raises an error for NUL in a text.
        return None
    own = PublishedDocument.objects.filter(department=site.department)
    former = list(own.filter(is_withdrawn=True, path=site.path).values_list("content_id", flat=True))
    documents = site_documents.documents_on_site(site.department)
    paths = [f"/{code}/{rest}/" if rest else f"/{code}/" for code in chain]
    placed = documents.filter(site_path__in=paths, locale__in=chain)
    candidates = documents.filter(
        Q(content_id__in=former) | Q(content_id__in=placed.values("content_id")), locale__in=(language, *chain)
    )
    order = (language, *chain)
    ranked = sorted(
        candidates.select_related("department__site"),
        key=lambda document: (document.content_id not in former, order.index(document.locale)),
    )
    return ranked[0] if ranked else None


def fallback_notice(requested: str, shown: str) -> dict[str, str]:
    """Return the notice that a page is in another language, in the requested one: its locale and its text."""
    with translation.override(requested):
        # Translators: name the language of the translation instead of English: « en français », “in italiano”.
        missing = gettext("This page does not exist in English.")
        instead = gettext("It is shown in another language: %(language)s.") % {"language": language_name(shown)}
    return {"locale": requested, "text": f"{missing} {instead}"}
