"""One path for each URL of the URL configuration."""

import re

from django.urls import URLPattern, get_resolver

VALUES = {
    "int": "1",
    "str": "text",
    "slug": "text",
    "uuid": "1b4e28ba-2fa1-11d2-883f-0016d3cca427",
    "path": "text/",
}
OTHER_CONVERTER = "text"


def url_paths():
    """Return {path: parameter names} of all URLs, with invented values for their parameters."""
    return dict(_paths(get_resolver(), "/"))


def _paths(resolver, path):
    for pattern in resolver.url_patterns:
        below = path + _filled(str(pattern.pattern))
        if isinstance(pattern, URLPattern):
            yield below, set(pattern.pattern.regex.groupindex)
        else:
            yield from _paths(pattern, below)


def _filled(route):
    if route.startswith("^"):
        return _filled_expression(route)
    return re.sub(r"<(?:(\w+):)?\w+>", lambda match: VALUES.get(match[1] or "str", OTHER_CONVERTER), route)


def _filled_expression(expression):
    """Return a text that the regular expression matches, for the expressions of this product and of Wagtail."""
    text = re.sub(r"\(\?P<\w+>\\d\+\)|\(\\d\+\)", "1", expression.strip("^$"))
    return re.sub(r"\(\?P<\w+>(?:[^()]|\([^()]*\))*\)|\([^()]*\)", "text", text).replace("\\", "").strip("$")
