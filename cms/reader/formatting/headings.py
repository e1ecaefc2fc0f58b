"""Levels of the headings inside stored HTML, fitted to where the text stands in the page.

Stored texts use h3 and h4 wherever they are. Drawn straight under a page's title they would skip a level
(WCAG 2.2, technique G141), so each text is drawn from the level that its place asks for.
"""

from __future__ import annotations

import re
from typing import Any

_HEADING_TAG = re.compile(r"<(/?)h([1-6])>")
_HIGHEST_STORED = 3


def shift_headings(html: str, level: int) -> str:
    """Return HTML whose headings start at `level` (2 to 6) and never go down by more than one at a time."""
    previous = level - 1
    opened: list[int] = []

    def fit(match: re.Match[str]) -> str:
        nonlocal previous
        if match[1]:
            return f"</h{opened.pop() if opened else previous}>"
        wanted = level + max(int(match[2]) - _HIGHEST_STORED, 0)
        previous = min(wanted, previous + 1, 6)
        opened.append(previous)
        return f"<h{previous}>"

    return _HEADING_TAG.sub(fit, html)


def with_heading_levels(body: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a body's blocks, each with the `level` at which headings inside it start."""
    level = 2
    blocks = []
    for block in body:
        blocks.append({**block, "level": level})
        if block["type"] in {"heading", "related"}:
            level = 3
    return blocks
