"""Makes a translation of the memory fit the inline tags of another source text."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from dataclasses import replace

from cms.translations.exchange.inline_codes import Code, Markup, code_fault, escape_text, parse_html, plain_text


def fit_tags(source: str, target: str) -> str:
    """Return a translation with those of its tags that the source has; both are HTML.

    Its first link becomes the first link of the source, and so on. Tags that the source does not have, or not so often,
    are left out; all are, if they would be nested in another way. The words stay.
    """
    if not code_fault(source, target):
        return target
    markup = parse_html(target)
    if markup.faults:
        return escape_text(plain_text(target))
    available: defaultdict[str, deque[Code]] = defaultdict(deque)
    for code in parse_html(source).starts:
        available[code.tag].append(code)
    kept = {code.number: available[code.tag].popleft() for code in markup.starts if available[code.tag]}
    tokens = tuple(
        token if isinstance(token, str) else replace(token, html_id=kept[token.number].html_id)
        for token in markup.tokens
        if isinstance(token, str) or token.number in kept
    )
    fitted = Markup(tokens).html
    return fitted if _has_no_surplus(source, fitted) else escape_text(plain_text(target))


def _has_no_surplus(source: str, fitted: str) -> bool:
    """Return True if the tags fit, or would fit with those of the source that are missing."""
    present = Counter(code.html for code in parse_html(fitted).starts)
    missing = []
    for code in parse_html(source).starts:
        if present[code.html]:
            present[code.html] -= 1
        else:
            missing.append(code.html if code.kind == Code.EMPTY else f"{code.html}</{code.tag}>")
    return not code_fault(source, fitted + "".join(missing))
