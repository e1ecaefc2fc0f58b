"""The prefetched renditions of an image.

Replaces: no code, but deletes `_prefetched_objects_cache`, in which Django keeps the results of `prefetch_related`.
Why no hook serves: `refresh_from_db` forgets one prefetched relation, but fails if the relation was not prefetched, and
    Django has no public function that says so. Wagtail would not find the new renditions and would make them again.
Written for: Django 5.2 and Wagtail 8.0.
Upstream issue: none found.
Test that fails when upstream changes: tests/files/test_repair.py.
"""

from __future__ import annotations

from wagtail.images.models import AbstractImage


def clear_prefetched_renditions(image: AbstractImage) -> None:
    """Delete the prefetched results of an image: those of Django, and those of Wagtail's `prefetch_renditions`."""
    for attribute in ("_prefetched_objects_cache", "prefetched_renditions"):
        image.__dict__.pop(attribute, None)
