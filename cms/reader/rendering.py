"""Rendering of a document as a page of a department's site."""

from __future__ import annotations

from typing import Any

from django.core.paginator import InvalidPage, Paginator
from django.template.loader import render_to_string
from django.utils import timezone, translation

from cms.content_types.registry import get_document_type, listable_types
from cms.media.renditions.specs import BANNER
from sites.models import Department

from . import site_documents
from .formatting.headings import with_heading_levels
from .formatting.localized_values import babel_locale
from .formatting.text_languages import mark_untranslated, resolve_marks
from .languages.fallback import fallback_notice
from .languages.language_links import document_links, language_offers
from .site_resolution import ResolvedSite
from .theme import theme_url
from .url_rewriting import UrlRewriter, url_rewriter_for

# Number of cards that a home page shows of one type.
CARDS_OF_SECTION = 3
CARDS_WITHOUT_SECTION = 48


class PageNumberNotFound(Exception):
    """Raised when a list has no page of the requested number."""


def render_document(
    site: ResolvedSite,
    data: dict[str, Any],
    *,
    owner: Department,
    site_paths: dict[str, str] | None = None,
    page_number: str = "1",
    requested_language: str = "",
    is_preview: bool = False,
    csp_nonce: str = "",
) -> str:
    """Return the HTML page of a document (docs/document.md) in the document's language.

    `site_paths` maps the locales that have a placement on this site to their paths; None on the owner's site.
    `requested_language` is the language in which the page does not exist, "" for a page in the requested one.
    `page_number` is the page of a section's list, `csp_nonce` the nonce of the response's Content-Security-Policy.
    Raises PageNumberNotFound.
    """
    locale = data["locale"]
    url_rewriter = url_rewriter_for(site, owner)
    with translation.override(locale):
        menu, ancestors = site_documents.menu_and_ancestors(site.department, locale, site.path)
        document = url_rewriter.rewrite_document(data)
        mark_untranslated(document)
        context = {
            **site_context(site, locale, menu),
            "document": document,
            "content": document["content"],
            "body": with_heading_levels(document["content"].get("body", [])),
            "canonical": (data.get("origin") or {}).get("url") or data["url"],
            "social_image": data["image"],
            "breadcrumb": [
                {"title": entry.title, "url": site.url_for(entry.path), "is_home": entry.is_home} for entry in ancestors
            ],
            "languages": (languages := _language_switch(site, document, site_paths or {})),
            "offers": language_offers(languages),
            **_placement_context(site, document),
            "is_preview": is_preview,
            "fallback_notice": fallback_notice(requested_language, locale) if requested_language else None,
            "csp_nonce": csp_nonce,
            **_content_context(site, document, url_rewriter, page_number),
        }
        if context.get("list") and context["list"].number > 1:
            context["canonical"] = f"{data['url']}?page={context['list'].number}"
        if owner == site.department and not requested_language:
            context["hreflang_links"] = document_links(data, context["canonical"], site.source_language)
        return resolve_marks(render_to_string(get_document_type(data["type"]).template, context))


def render_not_found(site: ResolvedSite, locale: str, csp_nonce: str = "") -> str:
    """Return the 404 page of a department's site."""
    with translation.override(locale):
        # The path of a page that does not exist is a text of the client, with any number of components.
        menu, _ancestors = site_documents.menu_and_ancestors(site.department, locale, "/")
        context = site_context(site, locale, menu) | {"csp_nonce": csp_nonce}
        return render_to_string("reader/missing.html", context)


def site_context(site: ResolvedSite, locale: str, menu: list[site_documents.NavigationEntry]) -> dict[str, Any]:
    """Return the template context that all pages of a department's site share."""
    department = site.department
    return {
        "department": department,
        "logo": _logo(department),
        "locale": locale,
        "direction": babel_locale(locale).text_direction,
        "home_url": site.url_for(f"/{locale}/"),
        "search_url": site.url_for("/search/"),
        "has_portal": site.base_url.startswith("/"),
        "theme_url": theme_url(department),
        "menu": [
            {
                "title": entry.title,
                "url": site.url_for(entry.path),
                "current": _aria_current(entry.path, site.path),
            }
            for entry in menu
        ],
    }


def _aria_current(entry_path: str, path: str) -> str:
    """Return `aria-current` of a menu entry: "page" on its page, "true" on a page below it, else ""."""
    if entry_path == path:
        return "page"
    return "true" if path.startswith(entry_path) else ""


def _logo(department: Department) -> Any:
    if department.logo is None or not department.logo.may_be_shown:
        return None
    rendition = department.logo.get_rendition(BANNER)
    return None if rendition.is_placeholder else rendition


def _language_switch(site: ResolvedSite, document: dict[str, Any], site_paths: dict[str, str]) -> list[dict[str, Any]]:
    """Return the entries of the language switch, sorted by language code."""
    current = {"locale": document["locale"], "url": "", "title": document["title"], "is_current": True}
    others = [
        {
            "locale": alternate["locale"],
            "url": site.url_for(site_paths[alternate["locale"]])
            if alternate["locale"] in site_paths
            else alternate["url"],
            "title": alternate["title"],
            "is_current": False,
        }
        for alternate in document["alternates"]
    ]
    return sorted([current, *others], key=lambda language: str(language["locale"]))


def _placement_context(site: ResolvedSite, document: dict[str, Any]) -> dict[str, Any]:
    """Return the context about the departments that hold a document, as seen on this site.

    `holders` are the owner and its co-holders, [] without co-holders. `publisher` is the owner, on a site that mirrors
    the document. `contact` is the contact of this site's department, if it co-holds the document.
    """
    # Documents stored by an older version have no holders until they are serialized again.
    all_holders = document.get("holders", [])
    holders = [holder for holder in all_holders if holder["relation"] != "mirror"]
    site_holder = next((holder for holder in all_holders if holder["department"] == site.department.slug), None)
    is_mirror = site_holder is not None and site_holder["relation"] == "mirror"
    is_co_held = len(holders) > 1
    return {
        "holders": holders if is_co_held else [],
        "publisher": all_holders[0] if is_mirror else None,
        "contact": (site_holder or holders[0])["contact"] if is_co_held and not is_mirror else None,
    }


def _content_context(
    site: ResolvedSite, document: dict[str, Any], url_rewriter: UrlRewriter, page_number: str
) -> dict[str, Any]:
    match document["type"]:
        case "home":
            return {"latest": _home_lists(site, document["locale"], url_rewriter)}
        case "section":
            return _section_list(site, document, url_rewriter, page_number)
    return {}


def _home_lists(site: ResolvedSite, locale: str, url_rewriter: UrlRewriter) -> list[dict[str, Any]]:
    """Return the lists of a home page: title, URL and first cards of each list that has documents. Three queries.

    The lists of the site's sections come first. Then come the types without a section, of which only other departments
    share documents: with URL "", and up to CARDS_WITHOUT_SECTION cards, since no section page lists them.
    """
    sections = site_documents.section_entries(site.department, locale)
    # Types with dates first: their documents expire soonest.
    types = sorted(listable_types(), key=lambda document_type: not document_type.has_dates)
    entries_by_type = site_documents.list_entries(
        site.department, locale, [document_type.name for document_type in types]
    )
    section_types = {section.lists for section in sections}
    shown = [
        entry
        for name, entries in entries_by_type.items()
        for entry in entries[: CARDS_OF_SECTION if name in section_types else CARDS_WITHOUT_SECTION]
    ]
    cards: dict[str, list[dict[str, Any]]] = {}
    for entry, document in site_documents.fetch_documents(site.department, shown):
        cards.setdefault(entry.type, []).append(_card(site, url_rewriter, entry, document))
    lists = [(section.lists, section.title, site.url_for(section.path)) for section in sections]
    lists += [
        (document_type.name, str(document_type.label_plural), "")
        for document_type in types
        if document_type.name not in section_types
    ]
    return [{"title": title, "url": url, "cards": cards[name]} for name, title, url in lists if name in cards]


def _section_list(
    site: ResolvedSite, section: dict[str, Any], url_rewriter: UrlRewriter, page_number: str
) -> dict[str, Any]:
    """Return the context of one page of a section's list. Two queries."""
    listed = site_documents.list_entries(site.department, section["locale"], {section["content"]["lists"]})
    paginator = Paginator(listed.get(section["content"]["lists"], []), site_documents.PAGE_SIZE)
    try:
        page = paginator.page(page_number)
    except InvalidPage as error:
        raise PageNumberNotFound from error
    rows = site_documents.fetch_documents(site.department, page.object_list)
    return {
        "list": page,
        "page_numbers": paginator.get_elided_page_range(page.number),
        "cards": [_card(site, url_rewriter, entry, document) for entry, document in rows],
    }


def _card(
    site: ResolvedSite, url_rewriter: UrlRewriter, entry: site_documents.ListEntry, document: dict[str, Any]
) -> dict[str, Any]:
    """Return a document as a card with its URL on this site."""
    keys = ("type", "locale", "title", "summary", "image", "translation", "content")
    card = url_rewriter.rewrite_document({key: document[key] for key in keys})
    mark_untranslated(card)
    return {
        **card,
        "url": site.url_for(document["site_path"]),
        "is_over": entry.is_over(timezone.now()),
    }
