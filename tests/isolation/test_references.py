"""Tests that a page cannot refer to objects of another department, however it is saved."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from wagtail.models import Collection, Page
from wagtail.test.utils.form_data import rich_text, streamfield

from cms.media.models import CustomImage, Video
from cms.pages.models import EventPage, StandardPage
from sites.access.overrides.reference_extraction import extract_references
from sites.access.ownership import department_of_page
from tests.factories.pages import home_of, make_page
from tests.factories.sharing import hold_together, mirror
from tests.factories.users import make_user

from .fixture_data import MARK, make_actor
from .test_own_work import form_of_page


def link_to(page):
    return f'<p>Voir <a linktype="page" id="{page.pk}">la page</a></p>'


def image_in_text(image):
    return f'<embed embedtype="image" id="{image.pk}" format="fullwidth" alt="x"/>'


def test_reference_extraction_still_returns_key_and_path_of_each_reference(fixture_data):
    """The override `sites.access.overrides.reference_extraction` calls a private method of Wagtail."""
    references = extract_references(fixture_data.ours.page)
    targets = {(reference.object_id, reference.content_path.split(".")[0]) for reference in references}
    assert targets >= {(str(fixture_data.ours.image.pk), "image")}


@pytest.mark.parametrize("kind", ["image", "page link", "document link", "image block"])
def test_page_with_a_foreign_reference_is_refused_with_a_field_error(fixture_data, kind):
    theirs = fixture_data.theirs
    page = make_page(StandardPage, fixture_data.ours.department, slug="essai")
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


def test_references_to_own_and_shared_objects_are_accepted(fixture_data):
    page = make_page(StandardPage, fixture_data.ours.department, slug="essai", image=fixture_data.ours.image)
    page.body = [("text", link_to(fixture_data.ours.page))]
    page.full_clean()


@pytest.mark.parametrize("share", [hold_together, mirror])
def test_references_to_content_placed_on_the_site_are_accepted(fixture_data, share):
    page = make_page(StandardPage, fixture_data.ours.department, slug="essai")
    page.body = [("text", link_to(fixture_data.theirs.page))]
    share(fixture_data.theirs.page, fixture_data.ours.department)
    page.full_clean()


@pytest.mark.parametrize("action", ["action-publish", "save"])
@pytest.mark.parametrize("is_new", [True, False])
@pytest.mark.parametrize("field", ["image", "body"])
def test_refused_form_reveals_nothing_of_the_other_department(client, fixture_data, action, is_new, field):
    """A foreign image is an error, as a missing one; a foreign document in the body is empty, as a missing one."""
    client.force_login(make_actor("publisher"))
    theirs = fixture_data.theirs
    if is_new:
        home = home_of(fixture_data.ours.department)
        url = reverse("wagtailadmin_pages:add", args=["pages", "standardpage", home.pk])
    else:
        page = make_page(StandardPage, fixture_data.ours.department, slug="nouvelle-page")
        url = reverse("wagtailadmin_pages:edit", args=[page.pk])
    values = {"image": theirs.image.pk, "body": streamfield([("document", theirs.document.pk)])}
    before = StandardPage.objects.count()

    response = client.post(url, form_of_page(**{field: values[field], action: "x"}))

    assert MARK not in response.content.decode().lower()
    if field == "body" and action == "save":  # A draft may have empty blocks.
        saved = StandardPage.objects.get(slug="nouvelle-page").get_latest_revision_as_object()
        assert [block.value for block in saved.body] == [None]
    else:
        assert response.status_code == 200
        assert field in response.context["form"].errors
        assert StandardPage.objects.count() == before


@pytest.mark.parametrize("key", ["foreign", "missing"])
def test_link_to_a_foreign_or_missing_object_becomes_text(client, fixture_data, key):
    client.force_login(make_actor("publisher"))
    theirs = fixture_data.theirs
    page = make_page(StandardPage, fixture_data.ours.department, slug="nouvelle-page")
    keys = (theirs.draft.pk, theirs.document.pk) if key == "foreign" else (999_999_999, 999_999_999)
    html = '<p><a linktype="page" id="{}">one</a> <a linktype="document" id="{}">two</a></p>'.format(*keys)
    form = form_of_page(body=streamfield([("text", rich_text(html))]))

    assert client.post(reverse("wagtailadmin_pages:edit", args=[page.pk]), form).status_code == 302

    page.refresh_from_db()
    saved = page.get_latest_revision_as_object().body[0].value.source
    assert "<a" not in saved
    assert ("one" in saved, "two" in saved) == (True, True)


def test_preview_with_a_foreign_reference_is_refused(client, fixture_data):
    client.force_login(make_actor("editor"))
    page = make_page(StandardPage, fixture_data.ours.department, slug="nouvelle-page")
    url = reverse("wagtailadmin_pages:preview_on_edit", args=[page.pk])

    client.post(url, form_of_page(image=fixture_data.theirs.image.pk))
    drawn = client.get(url, {"mode": ""}).content.decode().lower()

    assert MARK not in drawn


# --- Saving without a form ----------------------------------------------------------------------------------


@pytest.mark.parametrize("is_live", [True, False])
def test_foreign_reference_saved_without_the_form_is_not_published(fixture_data, is_live):
    page = make_page(StandardPage, fixture_data.ours.department, slug="essai", publish=is_live)
    page.image = fixture_data.theirs.image
    if is_live:
        with pytest.raises(ValidationError):
            page.save()
    else:
        page.save()  # A draft, saved as an import does.
    revision = page.save_revision(clean=False)
    with pytest.raises(ValidationError):
        revision.publish()
    page.refresh_from_db()
    assert (page.live, page.image) == (is_live, None if is_live else fixture_data.theirs.image)


def test_admin_api_applies_the_same_rules(client, fixture_data):
    client.force_login(make_actor("publisher"))
    page = make_page(StandardPage, fixture_data.ours.department, slug="essai", publish=False)
    page.image = fixture_data.theirs.image
    page.save_revision(clean=False)
    url = reverse("wagtailadmin_api:pages:action", args=[page.pk, "publish"])
    response = client.post(url, {}, "application/json")
    page.refresh_from_db()
    assert response.status_code in (400, 409, 422)
    assert not page.live
    page.image = fixture_data.ours.image
    page.save_revision(clean=False)
    assert client.post(url, {}, "application/json").status_code == 200


# --- Moves and copies ---------------------------------------------------------------------------------------


@pytest.fixture
def both(client, fixture_data):
    """Log in as a user who publishes in both departments."""
    client.force_login(make_user("both", groups=["allier:publisher", f"{MARK}:publisher"]))
    return client


@pytest.mark.parametrize("person", ["both", "superuser"])
def test_a_page_moves_and_is_copied_within_its_department_only(client, fixture_data, person):
    is_superuser = person == "superuser"
    groups = [] if is_superuser else ["allier:publisher", f"{MARK}:publisher"]
    client.force_login(make_user(person, groups=groups, is_superuser=is_superuser))
    page = make_page(StandardPage, fixture_data.ours.department, slug="essai", image=fixture_data.ours.image)
    own, other = fixture_data.ours.page, home_of(fixture_data.theirs.department)
    pages = Page.objects.filter(path__startswith=fixture_data.theirs.department.container.path).count()
    bulk = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "move"])
    copy = reverse("wagtailadmin_pages:copy", args=[page.pk])
    form = {"new_title": "Copie", "new_slug": "copie", "publish_copies": "on", "copy_subpages": "on"}

    client.post(reverse("wagtailadmin_pages:move_confirm", args=[page.pk, other.pk]))
    client.post(f"{bulk}?id={page.pk}", {"chooser": other.pk, "move_applicable": "on"})
    client.post(copy, form | {"new_parent_page": other.pk})
    client.post(copy, form | {"new_parent_page": other.pk, "alias": "on"})
    assert Page.objects.filter(path__startswith=fixture_data.theirs.department.container.path).count() == pages
    page.refresh_from_db()
    assert department_of_page(page) == fixture_data.ours.department

    client.post(copy, form | {"new_parent_page": own.get_parent().pk})
    assert StandardPage.objects.get(slug="copie").image == fixture_data.ours.image
    client.post(reverse("wagtailadmin_pages:move_confirm", args=[page.pk, own.pk]))
    page.refresh_from_db()
    assert page.get_parent().pk == own.pk


def test_page_move_in_code_to_another_department_is_refused(fixture_data):
    page = make_page(StandardPage, fixture_data.ours.department, slug="essai")
    with pytest.raises(ValidationError):
        page.move(home_of(fixture_data.theirs.department), pos="last-child")
    page.refresh_from_db()
    page.move(fixture_data.ours.page, pos="last-child")
    page.refresh_from_db()
    assert department_of_page(page) == fixture_data.ours.department


def test_a_file_stays_in_its_department(both, fixture_data):
    image, other = fixture_data.ours.image, fixture_data.theirs.department.collection
    inner = fixture_data.ours.department.collection.add_child(instance=Collection(name="Inside"))
    details = {"title": "Neuve", "description": "x", "credit": "", "tags": "", "consent": ""}
    points = {f"focal_point_{name}": "" for name in ("x", "y", "width", "height")}
    edit = reverse("wagtailimages:edit", args=[image.pk])
    bulk = reverse("wagtail_bulk_action", args=["cms_media", "customimage", "add_to_collection"]) + f"?id={image.pk}"
    for url, form in ((edit, details | points), (bulk, {})):
        response = both.post(url, form | {"collection": other.pk})
        assert (response.status_code, response.url) == (302, url)
        assert CustomImage.objects.get(pk=image.pk).collection == fixture_data.ours.department.collection
    video = reverse("wagtailsnippets_cms_media_video:edit", args=[fixture_data.ours.video.pk])
    both.post(video, {"title": "Neuve", "collection": other.pk})
    assert Video.objects.get(pk=fixture_data.ours.video.pk).collection == fixture_data.ours.department.collection
    both.post(bulk, {"collection": inner.pk})
    assert CustomImage.objects.get(pk=image.pk).collection == inner


@pytest.mark.parametrize("key", ["x", "1.5", str(10**30), ""])
def test_a_text_that_is_no_key_refers_to_nothing(fixture_data, key):
    """Imports and other code store what the editor's form would refuse."""
    page = make_page(EventPage, fixture_data.ours.department, slug="essai")
    page.introduction = f'<p><a linktype="page" id="{key}">x</a></p>'
    page.full_clean()
