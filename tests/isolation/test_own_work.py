"""Tests that access control lets each role work in its own department."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield
from wagtail_localize.models import StringTranslation

from cms.media.models import CustomDocument, CustomImage
from cms.pages.models import StandardPage
from tests.factories.files import pdf
from tests.factories.media import png
from tests.factories.pages import home_of
from tests.typed_translations import errors_of, type_translation

from .fixture_data import make_actor

pytestmark = pytest.mark.embedded


@pytest.fixture
def login(client):
    def login(role):
        client.force_login(make_actor(role))
        return client

    return login


def form_of_page(**fields):
    return nested_form_data(
        {
            "title": "Nouvelle page", "slug": "nouvelle-page", "summary": "", "image": "", "image_alt": "",
            "introduction": rich_text(""), "body": streamfield([]), "seo_title": "", "search_description": "",
            "comments-TOTAL_FORMS": 0, "comments-INITIAL_FORMS": 0, **fields,
        }
    )  # fmt: skip


READ = (
    ("wagtailadmin_home", ()),
    ("wagtailadmin_account", ()),
    ("wagtailadmin_explore_root", ()),
    ("wagtailadmin_pages:edit", ("page",)),
    ("wagtailadmin_pages:history", ("page",)),
    ("wagtailadmin_pages:usage", ("page",)),
    ("wagtailadmin_pages:view_draft", ("draft",)),
    ("wagtailadmin_choose_page", ()),
    ("wagtailimages_chooser:choose", ()),
    ("wagtailimages_chooser:chosen", ("image",)),
    ("wagtaildocs_chooser:choose", ()),
    ("wagtaildocs_chooser:chosen", ("document",)),
    ("wagtailsnippetchoosers_cms_media_video:choose", ()),
    ("wagtailsnippetchoosers_cms_media_video:chosen", ("video",)),
    ("wagtailsnippetchoosers_pages_organisation:choose", ()),
    ("wagtailsnippetchoosers_pages_person:choose", ()),
    ("wagtailadmin_api:pages:listing", ()),
    ("wagtailadmin_api:images:listing", ()),
    ("wagtailadmin_api:images:detail", ("image",)),
)


@pytest.mark.parametrize("role", ["editor", "publisher"])
def test_writers_open_the_objects_of_their_department(login, fixture_data, role):
    client = login(role)
    for name, keys in READ:
        response = client.get(reverse(name, args=[getattr(fixture_data.ours, key).pk for key in keys]))
        assert response.status_code in ((200, 302) if name.endswith("explore_root") else (200,)), name


def test_lists_and_choosers_show_own_and_shared_rows(login, fixture_data):
    client = login("editor")
    for name, mark in (
        ("wagtailimages:index", "Ours image"),
        ("wagtaildocs:index", "Ours document"),
        ("wagtailimages_chooser:choose", "Ours image"),
        ("wagtaildocs_chooser:choose", "Ours document"),
        ("wagtailsnippetchoosers_cms_media_video:choose", "Ours video"),
        ("wagtailsnippetchoosers_pages_organisation:choose", fixture_data.organisation.name),
    ):
        assert mark in client.get(reverse(name)).content.decode(), name
    found = client.get(reverse("wagtailadmin_tag_autocomplete"), {"term": "ours"}).json()
    assert found == ["ours-tag"]


@pytest.mark.parametrize(("role", "is_published"), [("editor", False), ("publisher", True)])
def test_page_is_created_and_published_according_to_role(login, fixture_data, role, is_published):
    home = home_of(fixture_data.ours.department)
    url = reverse("wagtailadmin_pages:add", args=["pages", "standardpage", home.pk])
    data = form_of_page(image=fixture_data.ours.image.pk, **{"action-publish": "x"})
    response = login(role).post(url, data)

    assert response.status_code == 302, response.context["form"].errors
    page = StandardPage.objects.get(slug="nouvelle-page")
    assert page.live is is_published
    assert page.image_id == fixture_data.ours.image.pk


def test_an_image_and_a_document_are_uploaded(login, fixture_data):
    client = login("editor")
    collection = fixture_data.ours.department.collection_id
    files = {"image-chooser-upload-file": SimpleUploadedFile("a.png", png(), "image/png")}
    details = {"title": "Neuve", "description": "Une image", "credit": "", "consent": fixture_data.ours.consent.pk}
    data = {f"image-chooser-upload-{name}": value for name, value in details.items()}
    client.post(reverse("wagtailimages_chooser:create"), data | {"image-chooser-upload-collection": collection} | files)
    assert CustomImage.objects.get(title="Neuve").consent == fixture_data.ours.consent
    file = SimpleUploadedFile("a.pdf", pdf("Bonjour"), "application/pdf")
    data = {"title": "Neuf", "kind": "other", "language": "", "collection": collection, "tags": "", "file": file}
    client.post(reverse("wagtaildocs:add"), data)
    assert CustomDocument.objects.filter(title="Neuf").exists()


def test_translator_saves_a_translation(login, fixture_data):
    client = login("translator")
    ours = fixture_data.ours
    assert client.get(reverse("wagtailadmin_pages:edit", args=[ours.target.pk])).status_code == 200
    assert errors_of(type_translation(client, ours.translation, ours.string_segment, "Our page")) == []
    assert StringTranslation.objects.get().data == "Our page"
    link = reverse("wagtail_localize:edit_override", args=[ours.translation.pk, ours.overridable_segment.pk])
    response = client.put(link, "value=https://example.org/en", "application/x-www-form-urlencoded")
    assert response.status_code == 201
    assert client.get(reverse("wagtail_localize:download_pofile", args=[ours.translation.pk])).status_code == 200


def test_menu_offers_only_screens_that_open(login, fixture_data):
    page = login("overgranted").get(reverse("wagtailadmin_home")).content.decode()
    assert reverse("wagtailimages:index") in page
    for name in ("wagtailusers_users:index", "wagtailsites:index", "wagtailadmin_workflows:index"):
        assert f'"{reverse(name)}"' not in page
