"""The overrides of wagtail-localize still fit the installed version (cms/translations/overrides)."""

import inspect
import json
from pathlib import Path
from types import SimpleNamespace

import pytest
import wagtail_localize
from wagtail_localize.views import edit_translation

from cms.translations.overrides.editor_props import PUBLISHER_LINKS, props_without_publisher_links

PROPS = json.dumps({"links": dict.fromkeys((*PUBLISHER_LINKS, "unlockUrl"), "/url/")})


def permissions(can_publish):
    return SimpleNamespace(can_publish=lambda: can_publish)


@pytest.mark.parametrize("tester", [None, permissions(True)], ids=["snippet", "publisher"])
def test_snippets_and_publishers_keep_every_link(tester):
    assert props_without_publisher_links(PROPS, tester) == PROPS


def test_other_users_lose_the_links_of_publishers():
    links = json.loads(props_without_publisher_links(PROPS, permissions(False)))["links"]
    assert links == {"stopTranslationUrl": None, "convertToAliasUrl": None, "unlockUrl": "/url/"}


def test_the_view_and_the_template_still_pass_these_links_as_props():
    template = Path(wagtail_localize.__file__).parent / "templates/wagtail_localize/admin/edit_translation.html"
    assert 'data-props="{{ props }}"' in template.read_text()
    assert all(f'"{name}": reverse(' in inspect.getsource(edit_translation) for name in PUBLISHER_LINKS)
