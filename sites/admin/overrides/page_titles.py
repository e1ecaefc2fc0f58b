"""Titles of pages in lists, choosers, headings, breadcrumbs and messages: as `readable_titles` allows the acting user.

Replaces: `Page.get_admin_display_title`, by a function that calls the original.
Why no hook serves: page models may override the method, which all screens call. Lists and choosers also call it on
    instances of `Page` itself, which are of no model of the product.
Written for: Wagtail 8.0.
Upstream issue: none found.
Test that fails when upstream changes: tests/isolation/test_draft_titles.py.
"""

from __future__ import annotations

from wagtail.models import Page

from sites.access.references.readable_titles import readable_title


def show_readable_titles() -> None:
    """Let pages have the title that the acting user may read. To be called once, when the applications are ready."""
    original = Page.get_admin_display_title

    def get_admin_display_title(page: Page) -> str:
        return readable_title(page, original(page))

    Page.get_admin_display_title = get_admin_display_title
