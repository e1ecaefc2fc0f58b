"""All URLs that the resolver knows, each with its surface (admin, API, files, reader)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from inspect import isfunction, unwrap
from typing import Any

from django.urls import URLPattern, get_resolver

# The first prefix that matches a route is its surface; other routes belong to the reader.
SURFACES = {
    "admin/": "admin",
    "api/v1/search/": "search",
    "api/v1/": "api",
    "api/v2/": "v2",
    "documents/": "files",
    "media/": "files",
    "translation-review/": "guests",
}
# The matrix counts these admin URLs separately: they show drafts as they would be published.
PREVIEWS = ("view_draft", "preview", "revisions_view", "revisions_compare")
# Names by which views call what ends a session.
LOGOUT_CALLS = frozenset(("logout", "auth_logout"))


@dataclass(frozen=True)
class Endpoint:
    """A URL: its name with namespaces, the parameters of its route, and its surface."""

    name: str
    surface: str
    parameters: tuple[str, ...]
    ends_session: bool = False

    @property
    def namespace(self) -> str:
        return self.name.rpartition(":")[0]

    @property
    def is_named(self) -> bool:
        """Return True if the URL can be reversed. Wagtail's two not-found pages and files by path cannot."""
        return ".views." not in self.name and not self.name.startswith("django.")


def endpoints() -> Iterator[Endpoint]:
    """Yield each URL that the resolver knows."""
    yield from _walk(get_resolver(), (), "")


def admin_names() -> set[str]:
    """Return the names of all URLs below /admin/; a URL without a name has the path of its view."""
    return {endpoint.name for endpoint in endpoints() if endpoint.surface in ("admin", "preview")}


def _walk(resolver, namespaces: tuple[str, ...], prefix: str) -> Iterator[Endpoint]:
    for each in resolver.url_patterns:
        route = prefix + str(each.pattern)
        if isinstance(each, URLPattern):
            view = each.callback
            name = each.name or f"{view.__module__}.{getattr(view, 'view_class', view).__name__}"
            parameters = each.pattern.converters or each.pattern.regex.groupindex
            yield Endpoint(":".join([*namespaces, name]), _surface(route, name), tuple(parameters), _ends_session(view))
        else:
            yield from _walk(each, (*namespaces, *filter(None, [each.namespace])), route)


def _ends_session(view: Any) -> bool:
    """Return True if the code of the view, or of a class that its class extends, logs somebody out."""
    view_class = getattr(view, "view_class", None)
    functions = [f for base in view_class.__mro__ for f in vars(base).values()] if view_class else [unwrap(view)]
    return any(not LOGOUT_CALLS.isdisjoint(f.__code__.co_names) for f in functions if isfunction(f))


def _surface(route: str, name: str) -> str:
    surface = next((SURFACES[start] for start in SURFACES if route.startswith(start)), "reader")
    return "preview" if surface == "admin" and any(word in name for word in PREVIEWS) else surface
