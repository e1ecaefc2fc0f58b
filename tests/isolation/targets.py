"""Requests of the matrix to the admin: every URL, with objects for each relation."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from sites.admin.access_control.url_table import ACCESS_BY_URL_NAME, Access

from .arguments import Nothing, arguments_for, is_about_shared, names_object
from .endpoints import Endpoint, endpoints
from .fixture_data import MARK

# The objects of a request: of the other department, of nobody, of the own department, or shared.
RELATIONS = ("other", "none", "own", "shared")
# Kinds of access that limit querysets or validate the form; all others refer to an object or require a superuser.
NOT_HIDDEN = {Access.OPEN, Access.LIST, Access.FORM_OBJECTS, Access.TAGS, Access.PAGE_OR_ROOT, Access.EDITING_SESSION}


@dataclass(frozen=True)
class Target:
    """A URL to request: path with query, host, and the mark that the response must not contain.

    If `hides` is set, the response must be “not found”, and nothing may be written.
    """

    endpoint: Endpoint
    url: str
    surface: str = ""
    host: str = "testserver"
    mark: str = MARK
    hides: bool = False


BULK_ACTIONS = {
    "wagtailcore/page": ("page", "move publish unpublish delete"),
    "pages/standardpage": ("page", "delete"),
    "cms_media/customimage": ("image", "add_tags add_to_collection delete"),
    "cms_media/customdocument": ("document", "add_tags add_to_collection delete"),
    "cms_media/video": ("video", "delete"),
    "cms_media/consent": ("consent", "delete"),
    "users/user": ("user", "delete assign_role set_active_state"),
}


def admin_targets(fixture_data: Any, relation: str) -> list[Target]:
    """Return the admin targets of a relation: every URL once, and lists a second time with a search."""
    if relation == "shared":
        # Shared objects of the instance, then those of the other department.
        owners = (fixture_data, fixture_data.theirs)
        sides = [
            vars(fixture_data.ours) | {"organisation": owner.organisation, "person": owner.person} for owner in owners
        ]
        return [target for side in sides for target in _targets(fixture_data, SimpleNamespace(**side), relation)]
    side = {"other": fixture_data.theirs, "own": fixture_data.ours, "none": Nothing()}[relation]
    return _targets(fixture_data, side, relation)


def _targets(fixture_data: Any, side: Any, relation: str) -> list[Target]:
    found: list[Target] = []
    for endpoint in endpoints():
        if endpoint.surface not in ("admin", "preview") or not endpoint.is_named:
            continue
        hides = _hides(endpoint, relation)
        if endpoint.name == "wagtail_bulk_action":
            found += [Target(endpoint, url, hides=hides) for url in _bulk_urls(endpoint, side)]
            continue
        url = reverse(endpoint.name, kwargs=arguments_for(endpoint, side, fixture_data))
        for query in _queries(fixture_data, endpoint, side, relation):
            surface = "search" if "q" in query else endpoint.surface
            found.append(Target(endpoint, f"{url}?{urlencode(query)}" if query else url, surface, hides=hides))
    return found


ENDS_SESSION = frozenset(endpoint.name for endpoint in endpoints() if endpoint.ends_session)


def reason_to_skip(endpoint: Endpoint, relation: str) -> str:
    """Return the reason why the matrix skips an endpoint in a relation, or "" if it does not."""
    if endpoint.name in ENDS_SESSION:
        return "ends the session of the user"
    if is_about_shared(endpoint) and relation == "other":
        return "shared by all departments"
    if not is_about_shared(endpoint) and relation == "shared":
        return "belongs to a department"
    if relation == "none" and not names_object(endpoint):
        return "names no object"
    return ""


def _hides(endpoint: Endpoint, relation: str) -> bool:
    access = ACCESS_BY_URL_NAME.get(endpoint.name)
    is_hidden = names_object(endpoint) or access is Access.SUPERUSER
    return relation in ("other", "none") and access not in NOT_HIDDEN and is_hidden


def _queries(fixture_data: Any, endpoint: Endpoint, side: Any, relation: str) -> list[dict[str, Any]]:
    access = ACCESS_BY_URL_NAME[endpoint.name]
    if access is Access.SELECTED_OBJECTS:
        kinds = {"images": "image", "docs": "document", "video": "video", "consent": "consent"}
        kind = next((kinds[word] for word in kinds if word in endpoint.name), "page")
        return [{"id": getattr(side, kind).pk}]
    if access is Access.SELECTED_CELLS:
        return [{"cell": f"{side.page.pk}-{fixture_data.english.pk}"}]
    if endpoint.name.endswith(":find"):
        kind = endpoint.name.split(":")[1].removesuffix("s")
        return [{"id": getattr(side, kind).pk}]
    if relation == "other" and access in (Access.LIST, Access.PAGE_OR_ROOT):
        # The word `Draft` is in titles of the other department; a response may repeat the mark itself.
        return [{}, {"q": "draft", "search_all": 1, "p": 1}]
    return [{}, {"term": "z"}] if access is Access.TAGS else [{}]


def _bulk_urls(endpoint: Endpoint, side: Any) -> list[str]:
    found = []
    for model, (kind, actions) in BULK_ACTIONS.items():
        for action in actions.split():
            url = reverse(endpoint.name, args=[*model.split("/"), action])
            found += [f"{url}?id={key}" for key in (getattr(side, kind).pk, "all")]
    return found
