"""Automatic redirects of a changed subtree are stored with conditions of a bounded size.

Replaces: `BatchRedirectCreator.pre_process`, which deletes automatic redirects of the same URLs.
Why no hook serves: Wagtail joins up to 2,000 URLs in one condition, beyond the depth of an expression of SQLite
    (1,000), and makes the class itself. A page with more than 1,000 pages below it could not change its slug.
Written for: Wagtail 8.0.
Upstream issue: none found.
Test that fails when upstream changes: tests/reader/test_redirect_batches.py.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from wagtail.contrib.redirects.models import Redirect
from wagtail.contrib.redirects.signal_handlers import BatchRedirectCreator

# SQLite takes at least 999 values in a statement.
URLS_AT_ONCE = 500


def bound_redirect_batches() -> None:
    """Replace the method. To be called once, when the applications are ready."""
    BatchRedirectCreator.pre_process = delete_clashing_redirects


def delete_clashing_redirects(batch: Any) -> None:
    """Delete the automatic redirects from the URLs of a batch; two queries for each `URLS_AT_ONCE`."""
    paths = defaultdict(list)
    for redirect in batch.items:
        paths[redirect.site_id].append(redirect.old_path)
    for site_id, old_paths in paths.items():
        automatic = Redirect.objects.filter(automatically_created=True, site=site_id)
        for start in range(0, len(old_paths), URLS_AT_ONCE):
            automatic.filter(old_path__in=old_paths[start : start + URLS_AT_ONCE]).delete()
