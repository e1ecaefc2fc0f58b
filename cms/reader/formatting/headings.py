"""Levels of headings in stored HTML.

Stored rich text uses h3 and h4. Directly below the title of a page, which is h1, h3 would skip a level (WCAG 2.2,
technique G141), so a template gives the level at which the headings of a text start.
"""

from __future__ import annotations

import re
from typing import Any

_HEADING_TAG = re.compile(r"<(/?)h([1-6])>")
_HIGHEST_STORED = 3


def shift_headings(html: str, level: int) -> str:
    """Return HTML whose headings start at `level` (2 to 6) and skip no level."""
    previous = level - 1
    opened: list[int] = []

    def shift(match: re.Match[str]) -> str:
        nonlocal previous
        if match[1]:
            return f"</h{opened.pop() if opened else previous}>"
        new_level = level + max(int(match[2]) - _HIGHEST_STORED, 0)
        previous = min(new_level, previous + 1, 6)
        opened.append(previous)
        return f"<h{previous}>"

    return _HEADING_TAG.sub(shift, html)


def with_heading_levels(body: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the blocks of a body, each with the `level` at which its headings start."""
    level = 2
    blocks = []
    for block in body:
        blocks.append({**block, "level": level})
        if block["type"] in {"heading", "related"}:
            level = 3
    return blocks
