"""The limits of admin requests that cost more than others, and of all that change something.

They are searches, exports, previews, uploads, bulk changes, and screens that load all contents of a department.
Every other change has a limit that nobody reaches whose editor saves every few seconds: each save of a page stores a
revision of the whole page.

They are counted for each account, administrators included: a stolen session must not be able to occupy the instance.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from sites.request_bodies.upload_urls import UPLOAD_URLS

from .limiter import consume
from .other_sites import SAFE_METHODS

# Parameters with which the screens, choosers and the API of the admin search: of the lists, of the API, of tags, and of
# promoted results.
SEARCH_PARAMETERS = ("q", "search", "term", "words", "look_for")
EXPORT_PARAMETER = "export"
# Forms that search for the values of their fields, with any parameters.
SEARCHING_FORMS = frozenset(("promotions:add", "promotions:edit"))
# Screens that parse files.
IMPORT_URL_NAMES = frozenset(("language_resources", "translation_import", "wagtailredirects:process_import"))
# Part of the names of all URLs that render an unpublished page.
PREVIEW = "preview"
COSTLY_URL_NAMES = frozenset(
    (
        *UPLOAD_URLS,
        "copies:take",
        "language_resource_download",
        "media_board",
        "sharing:propose",
        "translation_board",
        "translation_board_action",
        "translation_board_results",
        "wagtail_bulk_action",
        "wagtail_localize:download_pofile",
        "wagtail_localize:update_translations",
        "translation_export",
        "translation_import",
        "translation_release",
        "translation_submit_page",
        "translation_submit_snippet",
        "translation_suggestions",
        "wagtailadmin_api:pages:action",
        "wagtailadmin_api:pages:listing",
        "wagtailadmin_home",
        "wagtailadmin_pages:copy",
        "wagtailadmin_pages:delete",
        "wagtailadmin_pages:unpublish",
        "wagtailadmin_pages:revisions_compare",
        "wagtailredirects:process_import",
    )
)
# Screens that compare all texts of a translation with the glossary and the memory. Their changes are saves.
COSTLY_SCREENS = frozenset(("translation_editor", "translation_machine_draft"))

# Requests that open editors send by themselves. They store a row at most.
PINGS = frozenset(("wagtailadmin_editing_sessions:ping", "wagtailadmin_editing_sessions:release"))
# With a limit, whoever shares the session of an account could keep its owner from ending it.
ENDING_SESSIONS = frozenset(("wagtailadmin_logout", "account_security_sessions"))


def count_admin_request(request: HttpRequest, url_name: str) -> None:
    """Count a request of a logged-in user to the admin. Raises RateLimitExceeded.

    Other requests are not counted, and their session is not read, since that would vary their responses by cookie.
    """
    if not request.path_info.startswith(reverse("wagtailadmin_home")):
        return
    rules = admin_rules(request, url_name)
    user: Any = request.user if rules else None
    if user is not None and user.is_authenticated:
        for rule in rules:
            consume(rule, user.pk, request=request, account=user.get_username())


def admin_rules(request: HttpRequest, url_name: str) -> list[str]:
    """Return the rules that apply to an admin request."""
    is_search = any(request.GET.get(name, "").strip() for name in SEARCH_PARAMETERS)
    is_change = request.method not in SAFE_METHODS and PREVIEW not in url_name
    is_free = url_name in PINGS | ENDING_SESSIONS
    is_costly = url_name in COSTLY_URL_NAMES or (url_name in COSTLY_SCREENS and request.method in SAFE_METHODS)
    applies = {
        "admin_search.account": is_search or url_name in SEARCHING_FORMS,
        "admin_export.account": bool(request.GET.get(EXPORT_PARAMETER)),
        "admin_import.account": url_name in IMPORT_URL_NAMES,
        "admin_preview.account": PREVIEW in url_name,
        "admin_costly.account": is_costly,
        "admin_save.account": is_change and not is_free and not is_costly,
    }
    return [rule for rule, is_applied in applies.items() if is_applied]
