"""A view restriction holds for every language of a content, wherever the translations stand and whatever is deleted."""

from importlib import import_module
from itertools import pairwise

import pytest
from django.apps import apps
from django.urls import reverse
from wagtail.actions.create_alias import CreatePageAliasAction
from wagtail.models import Locale, Page, PageViewRestriction
from wagtail_localize.models import Translation, TranslationSource

from cms.pages.models import StandardPage
from sites.access.references.private_pages import is_private, restrictions_of
from sites.models import Sharing
from tests.factories.departments import make_department
from tests.factories.pages import home_of, make_page
from tests.factories.sharing import mirror
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db

URLS = ("/api/v1/contents/{key}/", "/api/v1/contents/{key}/?locale=en", "/api/v2/pages/{pk}/")


@pytest.fixture
def english():
    return Locale.objects.get(language_code="en")


def translate(page, language):
    """Publish a translation of a page; of its parents too, if they have none."""
    translation = page.copy_for_translation(language, copy_parents=True)
    translation.title = "EN zqmark"
    translation.save_revision().publish()
    return translation


@pytest.fixture
def section(department, commits):
    with commits():
        return make_page(StandardPage, department, title="Section", slug="section")


@pytest.fixture
def page(section, commits):
    with commits():
        return make_page(StandardPage, section, title="Page", slug="page")


@pytest.fixture
def translation(page, english, commits):
    with commits():
        return translate(page, english)


def restrict(page, restriction_type=PageViewRestriction.LOGIN, **values):
    return PageViewRestriction.objects.create(page=page, restriction_type=restriction_type, **values)


def test_a_restriction_hides_all_languages_on_all_sites(client, department, page, translation, commits, document_of):
    receiver = make_department("isere")
    with commits():
        mirror(page, receiver)
    client.force_login(make_user("owner", groups=["allier:administrator"]))
    paths = [document_of(each)["path"] for each in (page, translation)]
    for host in ("allier.example.test", "isere.example.test"):
        assert [client.get(path, headers={"host": host}).status_code for path in paths] == [200, 200]

    with commits():
        answer = client.post(f"/admin/pages/{page.pk}/privacy/", {"restriction_type": "login"})
    assert answer.json()["step"] == "set_privacy_done"

    assert [document_of(page), document_of(translation)] == [{}, {}]
    client.logout()
    for host in ("allier.example.test", "isere.example.test"):
        assert [client.get(path, headers={"host": host}).status_code for path in paths] == [404, 404]
        for url in URLS:
            url = url.format(key=page.translation_key, pk=translation.pk)
            assert client.get(url, headers={"host": host}).status_code == 404
    client.force_login(make_user("receiver", groups=["isere:administrator"]))
    assert "zqmark" not in client.get(f"/admin/sharing/{Sharing.objects.get().pk}/").content.decode()


def test_the_languages_are_public_again_with_the_restriction_gone(page, translation, commits, document_of):
    with commits():
        restriction = restrict(translation)
    assert [document_of(page), document_of(translation)] == [{}, {}]

    with commits():
        restriction.delete()
    assert document_of(page)
    assert document_of(translation)


def test_a_restricted_section_hides_the_translated_section(section, page, translation, english, commits, document_of):
    with commits():
        only_english = make_page(StandardPage, section.get_translation(english), title="Only", slug="only")
    assert document_of(only_english)

    with commits():
        restrict(section)

    assert [document_of(each) for each in (page, translation, only_english)] == [{}, {}, {}]


def test_a_move_into_a_private_section_hides_the_translation_that_stays(
    department, page, translation, section, commits, document_of
):
    with commits():
        private = make_page(StandardPage, department, title="Private", slug="private")
        restrict(private)

    with commits():
        page.move(private, pos="last-child")
    assert [document_of(page), document_of(translation)] == [{}, {}]

    with commits():
        page.refresh_from_db()
        page.move(home_of(department), pos="last-child")
    assert document_of(translation)


def test_a_translation_of_a_private_page_is_private(page, english, commits, document_of):
    with commits():
        restrict(page)
    with commits():
        translation = translate(page, english)

    assert document_of(translation) == {}


def test_an_alias_of_a_private_page_is_private(department, page, section, commits, document_of):
    with commits():
        alias = page.create_alias(parent=home_of(department), update_slug="alias")
    assert document_of(alias)

    with commits():
        restrict(section)
    assert document_of(alias) == {}


@pytest.mark.parametrize("deleted", ["page", "section"])
def test_the_deletion_of_the_restricted_language_leaves_the_other_private(
    deleted, section, page, translation, commits, document_of
):
    with commits():
        restrict(section if deleted == "section" else page)

    with commits():
        (section if deleted == "section" else page).delete()

    translation.refresh_from_db()
    assert is_private(translation)
    assert document_of(translation) == {}


def test_saving_a_translation_keeps_its_restriction(page, translation, english, commits, document_of):
    with commits():
        restrict(translation)
        source, _created = TranslationSource.get_or_create_from_instance(page)
        source.create_or_update_translation(english, fallback=True)
        source.update_target_view_restrictions(english)

    assert PageViewRestriction.objects.filter(page=translation).exists()
    assert document_of(page) == {}


def test_the_screen_of_privacy_names_the_restricted_language(client, page, translation):
    restrict(page)
    client.force_login(make_user("owner", groups=["allier:administrator"]))

    form = client.get(f"/admin/pages/{translation.pk}/privacy/").json()["html"]

    assert f"/admin/pages/{page.pk}/edit/" in form


def make_alias(page, slug):
    return CreatePageAliasAction(page, update_slug=slug).execute(skip_permission_checks=True)


def test_an_alias_of_an_alias_is_private_with_the_original(page, commits, document_of):
    with commits():
        alias = make_alias(page, "alias")
    with commits():
        second = make_alias(alias, "second")
    assert Page.objects.get(pk=second.pk).alias_of_id == page.pk
    assert document_of(second)
    with commits():
        restrict(page)
    assert [document_of(each) for each in (page, alias, second)] == [{}, {}, {}]


def test_an_alias_of_a_deleted_alias_stays_one(page, commits, document_of):
    with commits():
        alias = make_alias(page, "alias")
        second = make_alias(alias, "second")
        Page.objects.get(pk=alias.pk).delete()
    assert Page.objects.get(pk=second.pk).alias_of_id == page.pk


def test_the_aliases_of_a_translation_that_becomes_an_alias_refer_to_the_original(
    page, translation, english, commits, client, document_of
):
    """wagtail-localize stores the page that it converts, of which other pages may be aliases."""
    with commits():
        alias = make_alias(Page.objects.get(pk=translation.pk).specific, "alias")
        source, _created = TranslationSource.update_or_create_from_instance(page)
        Translation.objects.create(source=source, target_locale=english)
    assert document_of(alias)["title"] == "EN zqmark"

    client.force_login(make_user("administrator", groups=["allier:administrator"]))
    with commits():
        client.post(reverse("wagtail_localize:convert_to_alias", args=[translation.pk]))
    assert set(Page.objects.filter(alias_of__isnull=False).values_list("pk", "alias_of")) >= {
        (translation.pk, page.pk),
        (alias.pk, page.pk),
    }
    for each in (translation, alias):
        assert (document_of(each)["title"], document_of(each)["translation"]["source_locale"]) == ("Page", "fr")
    with commits():
        restrict(page)
    assert [document_of(each) for each in (page, translation, alias)] == [{}, {}, {}]


def test_an_alias_is_private_if_another_language_of_its_original_is(
    department, page, translation, commits, document_of
):
    with commits():
        alias = make_alias(page, "alias")
        private = make_page(StandardPage, home_of(department, "en"), title="Private", slug="private")
        restrict(private)
    assert document_of(alias)
    assert not is_private(alias)
    with commits():
        Page.objects.get(pk=translation.pk).move(Page.objects.get(pk=private.pk), pos="last-child")
    assert [document_of(each) for each in (page, translation, alias)] == [{}, {}, {}]
    assert is_private(Page.objects.get(pk=alias.pk))
    assert restrictions_of(Page.objects.get(pk=alias.pk)).count() == 1


def test_stored_aliases_of_aliases_refer_to_the_original_after_the_migration(page, commits):
    with commits():
        aliases = [make_alias(page, f"alias-{number}") for number in range(5)]
    for alias, original in pairwise(aliases):
        Page.objects.filter(pk=original.pk).update(alias_of=alias)
    assert Page.objects.filter(alias_of=page).count() == 1
    migration = import_module("sites.migrations.0019_direct_aliases")
    migration.refer_to_originals(apps, None)
    assert Page.objects.filter(alias_of=page).count() == 5
