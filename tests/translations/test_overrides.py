"""The overrides of wagtail-localize still fit the installed version (cms/translations/overrides)."""

import inspect
import json
from pathlib import Path
from types import SimpleNamespace

import pytest
import wagtail_localize
from django.core.exceptions import ValidationError
from django.urls import reverse
from wagtail_localize.models import Translation, TranslationSource
from wagtail_localize.operations import TranslationCreator
from wagtail_localize.views import edit_translation

from cms.pages.models import Organisation, StandardPage, TestimonialPage
from cms.translations.models import TranslatedRevision
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
    url = reverse("wagtail_localize:submit_page_translation", args=[page.pk])
    assert client.post(url, {"locales": [english.pk]}).status_code == 302
    assert page.get_translations().filter(locale=english).exists()
    after = set(Organisation.objects.values_list("name", "locale__language_code"))
    assert (after == before) is (owner != "allier")


def test_handmade_translations_are_never_overwritten(client, commits):
    """Of related snippets, one whose synchronisation was stopped included, and of a page below the one that is sent."""
    allier = make_department("allier", code="03")
    english = allier.locales.get(language_code="en")
    employers = [OrganisationFactory(owner=allier, name=f"Nom {n}", locale=allier.source_locale) for n in range(3)]
    client.force_login(make_user("editor", groups=["allier:publisher"]))
    snippet = reverse("wagtail_localize:submit_snippet_translation", args=["pages", "organisation", employers[1].pk])
    assert client.post(snippet, {"locales": [english.pk]}).status_code == 302
    Translation.objects.update(enabled=False)
    for number in (0, 1):
        translated = employers[number].get_translation_or_none(english) or employers[number].copy_for_translation(
            english
        )
        translated.name = f"Handmade {number}"
        translated.save()
    parent = make_page(StandardPage, allier, title="Dossier", slug="dossier")
    for number, employer in enumerate(employers):
        page = make_page(
            TestimonialPage, parent, publish=False, title=f"C {number}", slug=f"c-{number}", employer=employer,
            consent=ConsentFactory(collection=allier.collection), video=VideoFactory(collection=allier.collection),
        )  # fmt: skip
        page.save_revision()
    child = make_page(StandardPage, parent, title="Enfant", slug="enfant")
    handmade = child.copy_for_translation(english, copy_parents=True)
    handmade.title = "Handmade page"
    handmade.alias_of = None
    handmade.save()
    handmade.save_revision().publish()
    alias = parent.get_translation(english)
    assert alias.alias_of_id
    url = reverse("wagtail_localize:submit_page_translation", args=[parent.pk])
    with commits():
        assert client.post(url, {"locales": [english.pk], "include_subtree": "on"}).status_code == 302
    names = set(Organisation.objects.filter(locale=english).values_list("name", flat=True))
    assert names == {"Handmade 0", "Handmade 1", "Nom 2"}
    handmade.refresh_from_db()
    assert handmade.title == "Handmade page"
    assert TestimonialPage.objects.filter(locale=english).count() == 3
    alias.refresh_from_db()
    assert not alias.alias_of_id


def test_related_objects_are_translated_by_the_replaced_method():
    source = inspect.getsource(TranslationCreator.create_translations.__globals__["_create_translations"])
    assert "include_related_objects=False" in source


@pytest.mark.django_db(transaction=True)
def test_a_page_is_published_after_its_revision_is_recorded():
    """Outside a transaction too: otherwise an incomplete page would be public, without a record that says so."""
    allier = make_department("allier", code="03")
    page = make_page(StandardPage, allier, title="Contact", slug="contact")
    source, _created = TranslationSource.update_or_create_from_instance(page)
    translation = Translation.objects.create(source=source, target_locale=allier.locales.get(language_code="en"))
    with pytest.raises(ValidationError):
        translation.save_target(publish=True)
    target = translation.get_target_instance()
    assert not target.live
    assert TranslatedRevision.objects.get().revision_id == target.latest_revision_id
