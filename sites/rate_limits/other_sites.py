"""Requests that a page of another site makes a visitor's browser send: their attempts are counted apart.

Such a page can send any number of them from every office in which somebody opens it. It sends no cookie with them, or
only with those that load a page (SameSite), and reads no answer, but they would use up the limits of the visitor and of
everybody behind the same address.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpRequest

SAFE_METHODS = frozenset(("GET", "HEAD", "OPTIONS", "TRACE"))
# Values of Sec-Fetch-Site for requests of this site's own pages, and for those of no page: a bookmark, a typed address.
OWN_SITE = frozenset(("same-origin", "none"))
# Part of the key under which such requests are counted.
OTHER_SITE = "of another site"


def is_sent_by_other_site(request: HttpRequest) -> bool:
    """Return True if a page of another site has sent the request, as the browser says.

    A link that a person follows is no such request: each takes a click, and links in webmail have the limits of links.
    Nor is a form with a CSRF token. Browsers without Sec-Fetch-Site name the page in Origin where they send a form.

    A program can claim anything. It gets two counts for what needs no CSRF token, and one for passwords, codes and
    credentials in a header.
    """
    is_safe = request.method in SAFE_METHODS
    if not is_safe and getattr(request, "csrf_processing_done", False):  # Set by the check when it accepts a token.
        return False
    site = request.headers.get("Sec-Fetch-Site", "")
    if not site:
        origin = request.headers.get("Origin", "")
        return bool(origin) and urlsplit(origin).netloc != request.get_host()
    return site not in OWN_SITE and not (is_safe and _is_followed_link(request))


def _is_followed_link(request: HttpRequest) -> bool:
    headers = request.headers
    return headers.get("Sec-Fetch-Mode") == "navigate" and headers.get("Sec-Fetch-User") == "?1"
