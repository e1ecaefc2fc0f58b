"""A page permission policy that caches the root of the explorer apart from Wagtail's policy.

Replaces: the private attribute `PagePermissionPolicy._explorable_root_instance_cache_name`.
Why no hook serves: the policy caches its result on the user object under this fixed name. Parts of Wagtail use their
    own policy instance, which ignores the current department, and would read or write the same cache entry.
Written for: Wagtail 8.0.
Upstream issue: none found.
Test that fails when upstream changes: tests/sites/overrides/test_explorable_root.py.
"""

from __future__ import annotations

from wagtail.permission_policies.pages import PagePermissionPolicy


class SeparateExplorableRootPolicy(PagePermissionPolicy):
    """Wagtail's policy with its own name for the cache entry on the user."""

    _explorable_root_instance_cache_name = "_explorable_root_of_current_department"
