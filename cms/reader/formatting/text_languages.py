"""The language of single texts on a page: `lang` for those that are not in the language of the page (WCAG 3.1.2).

A text is marked in the document, and the mark is resolved in the finished HTML. So each text has its language wherever
a template shows it, in an element or in an attribute.
"""

from __future__ import annotations

import re
from typing import Any

# Noncharacters, which Unicode reserves for internal use: START, the code of the language, TEXT, the text, END.
START, TEXT, END = "\ufdd0", "\ufdd1", "\ufdd2"
_OPENING = re.compile(f"{START}([A-Za-z0-9-]+){TEXT}")
_TAG = re.compile(r"""<([a-z]+)(?:[^<>"']|"[^"]*"|'[^']*')*>""")
_PAGE_TITLE = re.compile("<title>([^<]*)</title>")
# Their attributes are all that readers see of them.
_VOID_ELEMENTS = frozenset({"img", "meta", "input", "source", "track"})


def mark_untranslated(value: Any) -> None:
    """Mark the texts that a document, or a part of one, names as untranslated, and those of the cards in it.

    HTML has the attribute `lang` already. A text that the part does not have is left out.
    """
    if isinstance(value, list):
        for part in value:
            mark_untranslated(part)
    elif isinstance(value, dict):
        for part in value.values():
            mark_untranslated(part)
        # Only documents and cards have a translation. One that is stored by an older version has no list.
        translation = value.get("translation") or {}
        for pointer in translation.get("untranslated", ()):
            _mark(value, pointer, translation["source_locale"])


def _mark(document: dict[str, Any], pointer: str, language: str) -> None:
    *path, last = (int(key) if key.isdecimal() else key for key in pointer.split("/")[1:])
    parent: Any = document
    try:
        for key in path:
            parent = parent[key]
        text = parent[last]
    except (KeyError, IndexError, TypeError):
        return
    if isinstance(text, str) and f'<span lang="{language}">' not in text:
        parent[last] = f"{START}{language}{TEXT}{text}{END}"


def unmarked(text: str) -> str:
    """Return a text without marks."""
    return _OPENING.sub("", text).replace(END, "")


def resolve_marks(html: str) -> str:
    """Return a page with `lang` in place of the marks: on its title, on images, and on elements around other texts."""
    if START not in html:
        return html
    html = _PAGE_TITLE.sub(_resolve_title, html)
    html = _TAG.sub(_resolve_tag, html)
    return _OPENING.sub(r'<span lang="\1">', html).replace(END, "</span>")


def _resolve_title(title: re.Match[str]) -> str:
    mark = _OPENING.search(title[1])
    return f'<title lang="{mark[1]}">{unmarked(title[1])}</title>' if mark else title[0]


def _resolve_tag(tag: re.Match[str]) -> str:
    mark = _OPENING.search(tag[0])
    if mark is None:
        return tag[0]
    language = f' lang="{mark[1]}"' if tag[1] in _VOID_ELEMENTS else ""
    return unmarked(tag[0]).replace(f"<{tag[1]}", f"<{tag[1]}{language}", 1)
