"""The overrides of wagtail-localize still fit the installed version (cms/translations/overrides)."""

import inspect
import json
from pathlib import Path
from types import SimpleNamespace

import pytest
import wagtail_localize
from django.urls import reverse
from wagtail_localize.operations import TranslationCreator
from wagtail_localize.views import edit_translation

from cms.pages.models import Organisation, TestimonialPage
from cms.translations.overrides.editor_props import PUBLISHER_LINKS, props_without_publisher_links
from tests.factories.departments import make_department
from tests.factories.media import ConsentFactory, VideoFactory
from tests.factories.pages import OrganisationFactory, make_page
from tests.factories.users import make_user

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


@pytest.mark.django_db
@pytest.mark.parametrize("owner", ["isere", "instance", "allier"])
def test_a_page_takes_no_snippet_of_others_to_translation(client, owner):
    """The sender's own snippets are translated with the page; those of others stay as they are, in all languages."""
    allier, isere = make_department("allier", code="03"), make_department("isere", code="38")
    owners = {"allier": allier, "isere": isere, "instance": None}
    employer = OrganisationFactory(owner=owners[owner], name="Nom français", locale=allier.source_locale)
    english = allier.locales.get(language_code="en")
    if owner == "isere":
        translated = employer.copy_for_translation(english)
        translated.name = "Handmade name"
        translated.save()
    page = make_page(
        TestimonialPage, allier, publish=False, title="Camille", slug="camille", employer=employer,
        consent=ConsentFactory(collection=allier.collection), video=VideoFactory(collection=allier.collection),
    )  # fmt: skip
    page.save_revision()
    before = set(Organisation.objects.values_list("name", "locale__language_code"))
    client.force_login(make_user("editor", groups=["allier:editor"]))
    address = reverse("wagtail_localize:submit_page_translation", args=[page.pk])
    assert client.post(address, {"locales": [english.pk]}).status_code == 302
    assert page.get_translations().filter(locale=english).exists()
    after = set(Organisation.objects.values_list("name", "locale__language_code"))
    assert (after == before) is (owner != "allier")


def test_related_objects_are_translated_by_the_replaced_method():
    source = inspect.getsource(TranslationCreator.create_translations.__globals__["_create_translations"])
    assert "include_related_objects=False" in source
