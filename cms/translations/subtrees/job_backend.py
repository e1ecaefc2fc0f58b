"""The job backend of wagtail-localize (`WAGTAILLOCALIZE_JOBS`), which translates a subtree in the background.

The original backend translates all pages below a page within the request, in its transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wagtail_localize.tasks import ImmediateBackend


class SubtreeJobBackend(ImmediateBackend):
    """Stores a RequestedTranslation for each page of a subtree and language. Runs any other job at once."""

    def enqueue(self, func: Callable[..., Any], args: Any, kwargs: Any) -> None:
        """Take wagtail-localize's `translate_page_subtree` with its arguments. The product has no components."""
        # The models of wagtail-localize make this backend when they are imported.
        from wagtail_localize.operations import translate_page_subtree

        from .submitted_subtrees import request_subtree

        if func is not translate_page_subtree:
            super().enqueue(func, args, kwargs)
            return
        page_id, locales, _components, sender = args
        request_subtree(page_id, locales, sender)
