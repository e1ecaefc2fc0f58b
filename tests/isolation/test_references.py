"""A page refers to nothing of another department, on no way of saving it."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from wagtail.models import ReferenceIndex
from wagtail.test.utils.form_data import rich_text, streamfield

from cms.pages.models import StandardPage
from tests.factories.pages import home_of, make_page
from tests.factories.sharing import hold_together, mirror
from tests.isolation.test_own_work import form_of_page
from tests.isolation.world import MARK, make_actor, make_world


@pytest.fixture
def world(db, commits):
    with commits():
        return make_world()


def link_to(page):
    return f'<p>Voir <a linktype="page" id="{page.pk}">la page</a></p>'


def image_in_text(image):
    return f'<embed embedtype="image" id="{image.pk}" format="fullwidth" alt="x"/>'


def test_wagtails_private_reader_of_references_answers_as_we_use_it(world):
    found = ReferenceIndex._extract_references_from_object(world.ours.page)
    assert {(pk, path.split(".")[0]) for _type, pk, _model_path, path in found} >= {(str(world.ours.image.pk), "image")}


@pytest.mark.parametrize("kind", ["image", "page link", "document link", "image block"])
def test_saving_a_page_is_refused_and_names_the_field(world, kind):
    theirs = world.theirs
    page = make_page(StandardPage, world.ours.department, slug="essai")
    field = "image" if kind == "image" else "body"
    if kind == "image":
        page.image = theirs.image
    elif kind == "page link":
        page.body = [("text", link_to(theirs.page))]
    elif kind == "document link":
        page.body = [("text", f'<p><a linktype="document" id="{theirs.document.pk}">le document</a></p>')]
    else:
        page.body = [("image", {"image": theirs.image})]
    with pytest.raises(ValidationError) as refusal:
        page.full_clean()
    assert set(refusal.value.message_dict) == {field}


def test_what_is_the_own_departments_or_shared_is_accepted(world):
    page = make_page(StandardPage, world.ours.department, slug="essai", image=world.ours.image)
    page.body = [("text", link_to(world.ours.page))]
    page.full_clean()


@pytest.mark.parametrize("share", [hold_together, mirror])
def test_what_stands_on_our_site_too_is_accepted(world, share):
    page = make_page(StandardPage, world.ours.department, slug="essai")
    page.body = [("text", link_to(world.theirs.page))]
    share(world.theirs.page, world.ours.department)
    page.full_clean()


@pytest.mark.parametrize("action", ["action-publish", "save"])
@pytest.mark.parametrize("is_new", [True, False])
@pytest.mark.parametrize("field", ["image", "body"])
def test_the_form_is_refused_and_shows_nothing_of_the_other_department(client, world, action, is_new, field):
    client.force_login(make_actor("publisher"))
    theirs = world.theirs
    if is_new:
        home = home_of(world.ours.department)
        address = reverse("wagtailadmin_pages:add", args=["pages", "standardpage", home.pk])
    else:
        page = make_page(StandardPage, world.ours.department, slug="nouvelle-page")
        address = reverse("wagtailadmin_pages:edit", args=[page.pk])
    values = {"image": theirs.image.pk, "body": streamfield([("text", rich_text(link_to(theirs.draft)))])}
    before = StandardPage.objects.count()

    response = client.post(address, form_of_page(**{field: values[field], action: "x"}))

    assert response.status_code == 200
    assert field in response.context["form"].errors
    assert MARK not in response.content.decode().lower()
    assert StandardPage.objects.count() == before


def test_a_preview_is_refused_too(client, world):
    client.force_login(make_actor("editor"))
    page = make_page(StandardPage, world.ours.department, slug="nouvelle-page")
    address = reverse("wagtailadmin_pages:preview_on_edit", args=[page.pk])

    client.post(address, form_of_page(image=world.theirs.image.pk))
    drawn = client.get(address, {"mode": ""}).content.decode().lower()

    assert MARK not in drawn
