"""The buttons of a row in a list of snippets, without those that packages add.

Replaces: `wagtail.snippets.views.snippets.IndexView.get_list_buttons`, by that of its parent class.
Why no hook serves: Wagtail's method calls every hook `register_snippet_listing_buttons` for each row. That of
    wagtail-localize runs three queries for each row and offers "Translate" without regard to the owner of the row.
    The hook `construct_snippet_listing_buttons` can remove the buttons, but runs after the queries.
Written for: Wagtail 8.0 and wagtail-localize 1.14.
Upstream issue: none found.
Test that fails when upstream changes: tests/sites/overrides/test_snippet_list_buttons.py.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from wagtail.admin.views import generic


class WithoutHookButtonsMixin:
    """Shows the buttons of `get_list_more_buttons` only."""

    def get_list_buttons(self, instance: Model) -> list[Any]:
        buttons: list[Any] = generic.IndexView.get_list_buttons(self, instance)
        return buttons
