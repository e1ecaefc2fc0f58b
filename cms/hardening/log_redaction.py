"""Removal of the tokens of URLs from log entries: password resets and invitations.

Django logs the path of each failed request, and a path may contain the token of a link that is still valid.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from django.urls import URLPattern, URLResolver, get_resolver

# Names of URL parameters whose values are secret.
SECRET_PARAMETERS = frozenset({"token", "key", "uidb64", "uidb36"})
REDACTED = "[redacted]"


def redact(text: str) -> str:
    """Return a text without the tokens of URLs: the rest of each path after the fixed part of such a URL.

    The fixed part is found in capitals too, with percent-encoded characters, and with several slashes: such a path is
    no URL of the product, but who types it has a link that works.
    """
    return _secret_urls().sub(lambda match: match[1] + REDACTED, text)


@cache
def secret_url_prefixes() -> tuple[str, ...]:
    """Return the fixed part of each URL that has a secret parameter, from the URL configuration."""
    return tuple(sorted(set(_prefixes(get_resolver(), "", False)), key=len, reverse=True))


@cache
def _secret_urls() -> re.Pattern[str]:
    prefixes = "|".join("".join(map(_any_form, prefix)) for prefix in secret_url_prefixes())
    return re.compile(rf"({prefixes})[^\s\"'?#]+", re.IGNORECASE)


def _any_form(character: str) -> str:
    """Return a pattern of a character of a path, as it is and percent-encoded.

    No two of its alternatives are the same: a repeated one would be matched in exponential time.
    """
    forms = dict.fromkeys((re.escape(character), f"%{ord(character):x}", f"%{ord(character.swapcase()):x}"))
    pattern = f"(?:{'|'.join(forms)})"
    return f"{pattern}+" if character == "/" else pattern


def _prefixes(resolver: URLResolver, path: str, is_complete: bool) -> Iterator[str]:
    """Yield the fixed parts of the URLs below a resolver. `path` is the fixed part so far."""
    for pattern in resolver.url_patterns:
        fixed, is_cut = _fixed_part(str(pattern.pattern))
        prefix = path if is_complete else path + fixed
        parameters = set(pattern.pattern.regex.groupindex)
        if isinstance(pattern, URLPattern):
            if parameters & SECRET_PARAMETERS and prefix:
                yield prefix
        else:
            yield from _prefixes(pattern, prefix, is_complete or is_cut)


def _fixed_part(route: str) -> tuple[str, bool]:
    """Return a route or a regular expression up to its first parameter, and True if it has one."""
    fixed = re.split(r"[<(\[]", route.removeprefix("^"), maxsplit=1)
    return fixed[0].rstrip("$"), len(fixed) > 1
