"""The comparison of two revisions marks the changed words of long texts in a bounded time.

Replaces: `wagtail.admin.compare.diff_text`, with which comparisons of fields and blocks mark their texts.
Why no hook serves: the classes of comparisons call the function of their module. difflib, which it uses, takes a time
    that grows with the cube of the length: 12 minutes for a text of 400 kB.
Written for: Wagtail 8.0.
Upstream issue: none found.
Test that fails when upstream changes: tests/sites/overrides/test_text_comparison.py.
"""

from __future__ import annotations

from wagtail.admin import compare

from sites.text_differences import text_differences


def compare_long_texts() -> None:
    """Let comparisons use `diff_text` of this module. To be called once, when the applications are ready."""
    compare.diff_text = diff_text


def diff_text(a: str | None, b: str | None) -> compare.TextDiff:
    """Return the parts of two texts as Wagtail shows them."""
    return compare.TextDiff([tuple(part) for part in text_differences(a or "", b or "")])
