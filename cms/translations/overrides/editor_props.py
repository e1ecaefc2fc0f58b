"""Properties of wagtail-localize's translation editor, without the links that a user may not follow.

Replaces: the JSON in `props`, a variable of the template `wagtail_localize/admin/edit_translation.html`, which the
    template of the same name in `cms/translations/templates` extends.
Why no hook serves: `wagtail_localize.views.edit_translation.edit_translation` puts the links into the JSON for every
    user, and its JavaScript shows a button for each. Access control refuses the requests of users who may not
    publish.
Written for: wagtail-localize 1.14.5.
Upstream issue: none found.
Test that fails when upstream changes: tests/translations/test_overrides.py.
"""

from __future__ import annotations

import json
from typing import Any

from wagtail.models import PagePermissionTester

PUBLISHER_LINKS = ("stopTranslationUrl", "convertToAliasUrl")


def props_without_publisher_links(props: str, permissions: PagePermissionTester | None) -> str:
    """Return the JSON with PUBLISHER_LINKS set to null, unchanged for snippets and for users who may publish."""
    if permissions is None or permissions.can_publish():
        return props
    values: dict[str, Any] = json.loads(props)
    values["links"] |= dict.fromkeys(PUBLISHER_LINKS)
    return json.dumps(values)
