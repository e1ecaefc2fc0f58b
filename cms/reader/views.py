"""Views of the reader: pages of all sites, and the style sheet of a department's colours."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.cache import (
    add_never_cache_headers,
    get_conditional_response,
    patch_cache_control,
    patch_vary_headers,
)
from django.utils.http import quote_etag
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from cms.delivery.models.stored_json import UNREADABLE_DETAIL, UNREADABLE_TITLE, UNREADABLE_TYPE, UNREADABLE_WAIT
from cms.hardening.security_headers import csp_nonce, reader_policy, set_policy
from sites.models import Department
from sites.rate_limits.limiter import RateLimitExceeded, consume_for_client
from sites.retry_responses import retry_response

from . import search_page, site_documents
from .formatting.localized_values import babel_locale
from .languages.fallback import find_fallback
from .languages.sitemap import sitemap_file, sitemap_state
from .rendering import PageNumberNotFound, render_document, render_not_found
from .site_resolution import ResolvedSite, resolve_site
from .theme import theme_css, theme_url

SEARCH_RETRY_AFTER = 5  # seconds, after the engine did not answer
A_YEAR = 365 * 24 * 60 * 60


@transaction.non_atomic_requests
@require_safe
@conditional_page
# A page may go offline at any moment (consent), so caches must revalidate it on each request.
@cache_control(no_cache=True)
def page(request: HttpRequest, path: str) -> HttpResponse:
    """Return the response to any path of a department's site or of the portal."""
    site = resolve_site(request, path)
    if site is None:
        if path == "" and settings.READER_PATH_PREFIX:
            return _html_response(request, _render_portal(csp_nonce(request)), settings.LANGUAGE_CODE)
        if path == search_page.PATH and settings.READER_PATH_PREFIX:
            return _search(request, None)
        html = _render_plain("reader/no_site.html", csp_nonce=csp_nonce(request))
        return _html_response(request, html, settings.LANGUAGE_CODE, HTTPStatus.NOT_FOUND)
    if site.path == "/":
        return HttpResponseRedirect(site.url_for(f"/{_home_locale(site)}/"))
    if site.path == f"/{search_page.PATH}":
        return _search(request, site)
    document = site_documents.find_document(site.department, site.path)
    requested_language = ""
    if document is None:
        document = find_fallback(site)
        if document is None:
            return _not_found(request, site)
        requested_language = site.path.split("/")[1]
        if document.locale == requested_language:
            return HttpResponseRedirect(site.url_for(document.site_path))
        site = replace(site, path=document.site_path)
    data = document.data
    if not data:
        return _unavailable(request)
    is_owner = document.department_id == site.department.pk
    try:
        html = render_document(
            site,
            data,
            owner=document.department or site.department,  # Only tombstones have no department.
            site_paths=None if is_owner else site_documents.paths_by_locale(site.department, document),
            page_number=request.GET.get("page", "1"),
            requested_language=requested_language,
            csp_nonce=csp_nonce(request),
        )
    except PageNumberNotFound:
        return _not_found(request, site)
    return _html_response(request, html, data["locale"])


@transaction.non_atomic_requests
@require_safe
def theme(request: HttpRequest, slug: str) -> HttpResponse:
    """Return the style sheet of a department's colours.

    Caches keep it at its URL with the present version only, so that nobody fills them with other URLs.
    """
    department = get_object_or_404(Department, slug=slug)
    response = HttpResponse(theme_css(department), content_type="text/css; charset=utf-8")
    if request.get_full_path() == theme_url(department):
        patch_cache_control(response, public=True, max_age=A_YEAR, immutable=True)
    else:
        patch_cache_control(response, no_store=True)
    return response


@transaction.non_atomic_requests
@require_safe
@cache_control(no_cache=True)
def sitemap(request: HttpRequest, path: str) -> HttpResponse:
    """Return the sitemap of the site that a request addresses, or the file of it that the parameter `page` numbers.

    A request with the current ETag renders nothing. Raises RateLimitExceeded, and Http404 without such a site or file.
    """
    consume_for_client("sitemap.client", request)
    site = resolve_site(request, path)
    if site is None or site.path != "/":
        raise Http404
    state = sitemap_state(site)
    number = _file_number(request.GET.get("page"), state.files)
    response = HttpResponse(content_type="application/xml; charset=utf-8")
    response["ETag"] = etag = _etag(f"{number} {state}")
    answer: Any = get_conditional_response(request, etag=etag, response=response)
    if answer is response:
        response.content = sitemap_file(site, state, number)
    return answer


def _file_number(text: str | None, files: int) -> int | None:
    """Return the number of a file, None for no number. Raises Http404 for a file that does not exist."""
    numbers = {str(number): number for number in range(1, files + 1)}
    if text is not None and text not in numbers:
        raise Http404
    return None if text is None else numbers[text]


def _home_locale(site: ResolvedSite) -> str:
    """Return the language of the home page to which `/` redirects, the same for all visitors.

    It is the department's source language, or the first one by code in which the home page is public.
    """
    source: str = site.department.source_locale.language_code
    homes = site_documents.documents_on_site(site.department).filter(type="home").values_list("locale", flat=True)
    locales = sorted(homes)
    return locales[0] if locales and source not in locales else source


def _search(request: HttpRequest, site: ResolvedSite | None) -> HttpResponse:
    codes = [code for code, _name in settings.LANGUAGES]
    locales = [settings.LANGUAGE_CODE, *codes]
    if site is not None:
        locales = _languages_of(site)
    nonce, status, is_partial = csp_nonce(request), int(HTTPStatus.TOO_MANY_REQUESTS), False
    try:
        consume_for_client("search.client", request)
    except RateLimitExceeded as refusal:
        html = search_page.render_unavailable(site, request.GET, locales, nonce)
        wait = refusal.retry_after
    else:
        html, status, is_partial = search_page.render_search(site, request.GET, locales, nonce)
        wait = SEARCH_RETRY_AFTER
    language = search_page.SearchPageParameters.parse(request.GET, locales).locale
    response = _html_response(request, html, language, status)
    if status != HTTPStatus.OK:
        response["Retry-After"] = str(wait)
    if is_partial:
        del response["ETag"]
        add_never_cache_headers(response)
    return response


def _html_response(request: HttpRequest, html: str, language: str, status: int = HTTPStatus.OK) -> HttpResponse:
    """Return a page in a language with the policy of the reader. Its ETag does not depend on the nonce."""
    response = HttpResponse(html, status=status, headers={"Content-Language": language})
    if status == HTTPStatus.OK:
        response["ETag"] = _etag(html.replace(csp_nonce(request), ""))
    set_policy(response, reader_policy())
    return response


def _etag(content: str) -> str:
    return quote_etag(hashlib.sha256(content.encode()).hexdigest()[:32])


def _languages_of(site: ResolvedSite) -> list[str]:
    """Return the codes of the languages of a site, the source language first."""
    rows = site.department.department_locales.select_related("locale")
    return [row.locale.language_code for row in rows] or [site.department.source_locale.language_code]


def _not_found(request: HttpRequest, site: ResolvedSite) -> HttpResponse:
    locales = _languages_of(site)
    language = site.path.strip("/").partition("/")[0]
    language = language if language in locales else locales[0]
    html = render_not_found(site, language, csp_nonce(request))
    return _html_response(request, html, language, HTTPStatus.NOT_FOUND)


def _unavailable(request: HttpRequest) -> HttpResponse:
    """Return 503 for a document whose stored JSON cannot be read: the background writes it again."""
    response = retry_response(
        request,
        status=HTTPStatus.SERVICE_UNAVAILABLE,
        retry_after=UNREADABLE_WAIT,
        template="cms/busy.html",
        language=translation.get_language_from_request(request),
        problem={
            "type": f"/problems/{UNREADABLE_TYPE}",
            "title": UNREADABLE_TITLE,
            "detail": UNREADABLE_DETAIL,
        },
    )
    patch_vary_headers(response, ["Accept-Language"])
    return response


def _render_portal(csp_nonce: str) -> str:
    departments = Department.objects.prefetch_related("department_locales__locale")
    return _render_plain(
        "reader/portal.html",
        csp_nonce=csp_nonce,
        departments=[
            {
                "name": department.name,
                "code": department.code,
                "url": f"/{department.slug}/",
                "locales": [row.locale.language_code for row in department.department_locales.all()],
            }
            for department in departments
        ],
    )


def _render_plain(template: str, **context: object) -> str:
    """Return a page outside all departments, in LANGUAGE_CODE."""
    locale = settings.LANGUAGE_CODE
    with translation.override(locale):
        context |= {"locale": locale, "direction": babel_locale(locale).text_direction}
        return render_to_string(template, context)
