"""Documents follow each way in which an object can change. docs/change-paths.md has the table."""

import datetime
from io import StringIO

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.urls import reverse
from wagtail.models import Collection, CollectionViewRestriction, Locale, PageViewRestriction

from cms.delivery.models import PublishedDocument
from cms.media.models import Consent, CustomDocument, CustomImage, FileProblem, VideoCaption
from cms.media.renditions.specs import THUMBNAIL
from cms.pages.models import Organisation, StandardPage, TestimonialPage
from sites.models import Department
from tests.factories.departments import make_department
from tests.factories.media import ConsentFactory, DocumentFactory, ImageFactory, png
from tests.factories.pages import OrganisationFactory, home_of, make_page
from tests.factories.users import make_user
from tests.files.test_broken_objects import changed_file

pytestmark = pytest.mark.django_db


@pytest.fixture
def private(department, commits):
    with commits():
        collection = department.collection.add_child(name="Interne")
        CollectionViewRestriction.objects.create(collection=collection, restriction_type="login")
    return Collection.objects.get(pk=collection.pk)


@pytest.mark.parametrize("kind", ["image", "document"])
def test_a_bulk_action_moves_files_into_a_private_collection(department, commits, client, document_of, private, kind):
    factory = ImageFactory if kind == "image" else DocumentFactory
    file = factory(collection=department.collection)
    value = {"image": file, "alt": "", "caption": ""} if kind == "image" else file
    with commits():
        page = make_page(StandardPage, department, body=[(kind, value)])
    assert document_of(page)["content"]["body"]
    client.force_login(make_user("admin", is_superuser=True))
    arguments = [file._meta.app_label, file._meta.model_name, "add_to_collection"]

    with commits():
        url = reverse("wagtail_bulk_action", args=arguments)
        response = client.post(f"{url}?id={file.pk}", {"collection": private.pk})

    assert response.status_code == 302
    file.refresh_from_db()
    assert file.collection_id == private.pk
    assert document_of(page)["content"]["body"] == []


def test_a_collection_moves_into_a_private_one(department, commits, client, document_of, private):
    with commits():
        collection = department.collection.add_child(name="Photos")
        page = make_page(StandardPage, department, image=ImageFactory(collection=collection))
    assert document_of(page)["image"]
    with commits():
        collection = Collection.objects.get(pk=collection.pk)
        collection.save()  # As the form does.
        collection.move(Collection.objects.get(pk=private.pk), pos="sorted-child")
    assert document_of(page)["image"] is None


def test_captions_are_deleted_and_added_as_rows(department, commits, document_of):
    with commits():
        page = make_page(TestimonialPage, department)
    captions = page.video.captions.get()
    with commits():
        captions.delete()
    assert document_of(page) == {}
    with commits():
        captions.pk = None
        captions.save()
    assert document_of(page)


def test_a_language_gets_another_code(department, commits, document_of):
    home = home_of(department, "en")
    with commits():
        locale = Locale.objects.get(language_code="en")
        locale.language_code = "en-gb"
        locale.save()
    assert document_of(home)["locale"] == "en-gb"
    assert PublishedDocument.objects.get(content_id=home.translation_key, locale="en").is_withdrawn


def update_renditions(*options):
    try:
        call_command("wagtail_update_image_renditions", *options, stdout=StringIO(), stderr=StringIO())
    except SystemExit as end:
        return end.code
    return 0


def stored_renditions(image):
    """Return the rows of an image's renditions, with the content of the files."""
    found = {}
    for each in image.renditions.all():
        with each.file.open() as file:
            found[each.filter_spec] = (each.pk, each.file.name, file.read())
    return found


def test_the_command_of_wagtail_keeps_the_urls_of_renditions(department, commits, document_of):
    image = ImageFactory(collection=department.collection)
    with commits():
        page = make_page(StandardPage, department, image=image)
    published, before = document_of(page), stored_renditions(image)
    rendition = image.renditions.get(filter_spec=THUMBNAIL)
    name = rendition.file.name
    rendition.file.storage.delete(name)
    rendition.file.storage.save(name, ContentFile(b"of an older library"))
    image.renditions.create(filter_spec="max-7x7", file=ContentFile(png(), name="unused.png"))
    with commits():
        assert update_renditions("--purge-only") == 0
    assert set(stored_renditions(image)) == set(before)
    with commits():
        assert update_renditions() == 0
    assert stored_renditions(image) == before
    assert document_of(page) == published


def test_the_command_of_wagtail_keeps_the_renditions_of_an_unreadable_image(department, commits, document_of):
    image, other = (ImageFactory(collection=department.collection) for _number in range(2))
    with commits():
        page = make_page(StandardPage, department, image=image)
    published, before = document_of(page), stored_renditions(image)
    other.renditions.all().delete()
    with changed_file(image.file, b"x"), commits():
        assert update_renditions() == 1
    assert stored_renditions(image) == before
    assert document_of(page) == published
    assert FileProblem.objects.get().object_id == image.pk
    assert set(stored_renditions(other)) == set(before)


@pytest.mark.django_db(transaction=True)
def test_a_department_is_saved_outside_a_transaction():
    department = make_department("allier")
    department.name = "Autre nom"
    department.save()
    document = PublishedDocument.objects.get(page_id=home_of(department).pk)
    assert document.data["holders"][0]["name"] == "Autre nom"


def check(*options):
    output = StringIO()
    call_command("check_publication", *options, verbosity=1, stdout=output)
    return output.getvalue()


# Changes of rows that send no signal, as by a script or in SQL.
WITHOUT_SIGNAL = {
    "image": lambda rows: CustomImage.objects.update(collection=rows["private"]),
    "document": lambda rows: CustomDocument.objects.update(collection=rows["private"]),
    "collection": lambda rows: Collection.objects.get(name="Photos").move(rows["private"], pos="sorted-child"),
    "restriction of a collection": lambda rows: CollectionViewRestriction.objects.bulk_create(
        [CollectionViewRestriction(collection=Collection.objects.get(name="Photos"), restriction_type="login")]
    ),
    "restriction of a page": lambda rows: PageViewRestriction.objects.bulk_create(
        [PageViewRestriction(page=rows["page"], restriction_type="login")]
    ),
    "consent": lambda rows: Consent.objects.update(withdrawn_on=datetime.date(2025, 1, 1)),
    "organisation": lambda rows: Organisation.objects.update(name="Autre nom"),
    "organisation deleted": lambda rows: Organisation.objects.all()._raw_delete("default"),
    "captions": lambda rows: VideoCaption.objects.all()._raw_delete("default"),
    "department": lambda rows: Department.objects.update(name="Autre nom"),
    "language": lambda rows: Locale.objects.filter(language_code="fr").update(language_code="fr-be"),
}


@pytest.mark.parametrize("change", WITHOUT_SIGNAL)
def test_the_nightly_check_repairs_what_sends_no_signal(department, commits, private, change):
    with commits():
        photos = department.collection.add_child(name="Photos")
        page = make_page(
            StandardPage,
            home_of(department),
            image=ImageFactory(collection=photos, consent=ConsentFactory()),
            body=[("document", DocumentFactory(collection=photos)), ("organisation", OrganisationFactory())],
        )
        make_page(TestimonialPage, department)
    assert "0 documents differ" in check()
    before = dict(PublishedDocument.objects.public().values_list("pk", "etag"))
    rows = {"page": page, "private": Collection.objects.get(pk=private.pk)}
    with commits():
        WITHOUT_SIGNAL[change](rows)
    with pytest.raises(CommandError, match="documents differ"):
        check()
    check("--fix")
    assert dict(PublishedDocument.objects.public().values_list("pk", "etag")) != before
    assert "0 documents differ" in check()
