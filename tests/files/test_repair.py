"""A file that cannot be shown, and a stored document that cannot be read: who is informed, and how it is repaired."""

import contextlib
import json
from functools import partial
from io import StringIO

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection
from django.db.models import QuerySet
from django.urls import reverse
from wagtail.models import Revision
from wagtail.utils.file import hash_filelike

from cms.background import background
from cms.delivery.models import PublishedDocument
from cms.delivery.models.stored_json import parse_body
from cms.delivery.publisher import process_refresh_requests
from cms.delivery.signals import write_document_again
from cms.media.models import CustomDocument, CustomImage, FileProblem, Video
from cms.media.renditions.file_checks import check_file, file_repaired
from cms.media.renditions.making import make_missing_renditions
from cms.media.renditions.specs import THUMBNAIL
from cms.pages.models import EventPage, StandardPage
from cms.reader.site_documents import fetch_documents, list_entries
from tests.commits import run_commit_callbacks
from tests.factories import media_files
from tests.factories.departments import make_department
from tests.factories.media import DocumentFactory, ImageFactory, VideoFactory
from tests.factories.pages import make_page
from tests.factories.users import make_user
from tests.files.test_broken_objects import changed_file

HOME = reverse("wagtailadmin_home")


@pytest.mark.django_db
def test_the_owner_is_notified_and_the_repair_is_shown(client, caplog):
    department = make_department("isere")
    image = ImageFactory(collection=department.collection, title="Salon")
    name = image.file.name
    with changed_file(image.file, b"x"):
        image.renditions.all().delete()
        image = CustomImage.objects.get()
        assert image.get_rendition("max-165x165").is_placeholder
        assert "cannot be shown" in caplog.text
        assert not check_file.func(image._meta.label, image.pk)
        assert FileProblem.objects.get().reason
        client.force_login(make_user(groups=["isere:editor"]))
        assert "Salon" in client.get(reverse("wagtailadmin_home")).content.decode()
        client.force_login(make_user("other", groups=["allier:editor"]) if make_department("allier") else None)
        assert "Salon" not in client.get(reverse("wagtailadmin_home")).content.decode()
    repaired = []
    file_repaired.connect(receiver := lambda instance, **kwargs: repaired.append(instance.pk))
    assert image.file.storage.exists(name)
    assert check_file.func(image._meta.label, image.pk)
    run_commit_callbacks()
    file_repaired.disconnect(receiver)
    assert repaired == [image.pk]
    assert not FileProblem.objects.exists()
    assert not CustomImage.objects.get().get_rendition("max-165x165").is_placeholder


@pytest.mark.django_db
@pytest.mark.parametrize(
    "prefetch", [QuerySet.prefetch_related, lambda images, _name: images.prefetch_renditions(THUMBNAIL)]
)
def test_an_image_with_prefetched_renditions_finds_those_that_are_made(prefetch):
    ImageFactory().renditions.all().delete()
    image = prefetch(CustomImage.objects.all(), "renditions").get()
    assert list(image.renditions.all()) == []
    assert make_missing_renditions(image)
    assert {rendition.filter_spec for rendition in image.renditions.all()} >= {THUMBNAIL}
    assert image.get_rendition(THUMBNAIL) in image.renditions.all()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["image", "document", "video"])
def test_members_who_may_change_a_file_that_cannot_be_shown_check_it_again(client, kind):
    allier = make_department("allier")
    make_department("isere")
    make = {
        "image": ImageFactory,
        "document": DocumentFactory,
        "video": partial(VideoFactory, file=ContentFile(media_files.mp4(), name="a.mp4"), page_url=""),
    }[kind]
    instance = make(collection=allier.collection, title="Salon")
    url, panel = reverse(f"{kind}_file_retry", args=[instance.pk]), 'id="file-problems-section"'
    own, other, foreign = (
        make_user(group.replace(":", "-"), groups=[group])
        for group in ("allier:editor", "allier:translator:it", "isere:administrator")
    )
    client.force_login(own)
    assert panel not in client.get(HOME).content.decode(), "an empty panel"
    with changed_file(instance.file):
        assert not check_file.func(instance._meta.label, instance.pk)
        shown = client.get(HOME).content.decode()
        assert panel in shown
        assert f'action="{url}"' in shown
        for stranger in (other, foreign):
            client.force_login(stranger)
            assert panel not in client.get(HOME).content.decode()
            assert client.post(url).status_code == 404
    assert FileProblem.objects.exists()
    client.force_login(own)
    assert client.get(url).status_code == 405
    assert client.post(url, follow=True).redirect_chain == [(HOME, 302)]
    background.finish()
    assert not FileProblem.objects.exists()
    assert panel not in client.get(HOME).content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_list_leaves_out_what_the_database_cannot_parse_and_it_is_written_again():
    department = make_department("isere")
    pages = [make_page(EventPage, department, title=title) for title in ("Salon", "Forum")]
    process_refresh_requests()
    broken = PublishedDocument.objects.filter(page_id=pages[0].pk)
    etag = broken.get().etag
    broken.update(body='{"id":')
    entries = list_entries(department, "fr", ["event"])["event"]
    assert [document["title"] for _entry, document in fetch_documents(department, entries)] == ["Forum"]
    background.finish()
    process_refresh_requests()
    assert parse_body(broken.get().body, pages[0].pk)["title"] == "Salon"
    assert broken.get().etag == etag


@pytest.mark.filterwarnings("ignore:Specific versions")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("card", ["{", '{"id": 1}'])
@pytest.mark.parametrize("is_incomplete", [True, False])
def test_a_document_whose_card_is_damaged_is_answered(client, card, is_incomplete):
    page = make_page(StandardPage, make_department("isere"), title="Salon")
    process_refresh_requests()
    stored = PublishedDocument.objects.filter(page_id=page.pk)
    before = stored.values().get()
    if is_incomplete:
        rows = StandardPage.objects.filter(pk=page.pk)
        rows._raw_delete(rows.db)
    stored.update(card=card)
    assert stored.get().card_data == {}
    background.finish()
    process_refresh_requests()
    assert stored.values().get() == before | ({"card": ""} if is_incomplete else {})
    assert client.get(f"/api/v1/contents/{page.translation_key}/").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("body", ['{"id":', "{body} "])
def test_of_a_damaged_document_only_the_hash_is_removed(body):
    page = make_page(StandardPage, make_department("isere"))
    process_refresh_requests()
    stored = PublishedDocument.objects.filter(page_id=page.pk)
    before = stored.get()
    stored.update(body=body.replace("{body}", before.body))
    write_document_again.func(page.pk)
    assert (stored.get().etag, stored.get().card) == ("", before.card)


@pytest.mark.filterwarnings("ignore:Specific versions")
@pytest.mark.django_db
@pytest.mark.parametrize("damage", ["row", "value", "draft"])
def test_a_damaged_page_is_named_instead_of_an_error(client, damage):
    page, draft = damaged_page(damage)
    client.force_login(make_user("editor", groups=["isere:administrator"]))
    parent = reverse("wagtailadmin_explore", args=[page.get_parent().pk])
    values = {"draft": draft.pk, "parent": page.get_parent().pk}
    for name, arguments in SCREENS_OF_PAGE.items():
        url = reverse(name, args=[page.pk, *(values.get(each, each) for each in arguments)])
        response = client.get(url, follow=True)
        assert response.status_code == 200
        if response.redirect_chain or damage != "draft":  # Some screens show the public version only.
            assert response.redirect_chain == [(parent, 302)], name
            [message] = response.context["messages"]
            assert "Page cassée" in str(message)


@pytest.mark.filterwarnings("ignore:Specific versions")
@pytest.mark.django_db
def test_the_api_of_the_admin_names_a_damaged_page(client):
    page, _draft = damaged_page("row")
    client.force_login(make_user("editor", groups=["isere:administrator"]))
    detail = reverse("wagtailadmin_api:pages:detail", args=[page.pk])
    action = reverse("wagtailadmin_api:pages:action", args=[page.pk, "unpublish"])
    for response in (client.get(detail), client.post(action, {}, "application/json")):
        assert response.status_code == 409
        assert "Page cassée" in response.json()["message"]
    listing = client.get(reverse("wagtailadmin_api:pages:listing"), {"child_of": page.get_parent().pk})
    assert page.pk in {item["id"] for item in listing.json()["items"]}


# Screens with the page in their URL, and further arguments.
SCREENS_OF_PAGE = {
    "wagtailadmin_pages:edit": [],
    "wagtailadmin_pages:view_draft": [],
    "wagtailadmin_pages:preview_on_edit": [],
    "wagtailadmin_pages:revisions_view": ["draft"],
    "wagtailadmin_pages:revisions_compare": ["live", "draft"],
    "wagtailadmin_pages:move_confirm": ["parent"],
}


def damaged_page(damage):
    """Return a page without the row of its type, or with a damaged value or draft; and its draft."""
    department = make_department("isere")
    page = make_page(StandardPage, department, title="Page cassée", body=[("text", "<p>Bonjour</p>")])
    draft = page.save_revision()
    if damage == "row":
        rows = StandardPage.objects.filter(pk=page.pk)
        rows._raw_delete(rows.db)
    elif damage == "value":
        with connection.cursor() as cursor:
            cursor.execute("UPDATE pages_standardpage SET body = '[5]' WHERE page_ptr_id = %s", [page.pk])
    else:
        Revision.objects.filter(pk=draft.pk).update(content=draft.content | {"body": "[5]"})
    return page, draft


DAMAGES = {
    "no address": {"url": None},
    "no department": {"department": 5},
    "a date that is none": {"start": "x"},
    "values of another kind": {"image": "x", "title": ["Salon"]},
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_page_with_damaged_values_says_so_until_it_is_written_again(client, damage):
    """The JSON can be parsed, but is not what the publisher wrote: a render of it would fail."""
    department = make_department("isere")
    page = make_page(EventPage, department, title="Salon")
    process_refresh_requests()
    document = PublishedDocument.objects.filter(page_id=page.pk)
    before = document.get()
    document.update(body=json.dumps(json.loads(before.body) | damage))
    api = f"/api/v1/contents/{before.content_id}/"
    for path, host in ((before.path, department.site.hostname), (api, "testserver")):
        response = client.get(path, headers={"host": host})
        assert (response.status_code, response["Retry-After"]) == (503, "60")
    background.finish()
    process_refresh_requests()
    assert document.get().body == before.body
    assert client.get(before.path, headers={"host": department.site.hostname}).status_code == 200


@pytest.mark.django_db
def test_the_metadata_of_stored_files_is_removed_under_their_names():
    """Files of an older version of the product were stored as they came."""
    collection = make_department("isere").collection
    image = ImageFactory(collection=collection)
    document = CustomDocument(title="A", collection=collection, file=ContentFile(b"x", name="a.pdf"))
    video = Video(title="A", duration=8, collection=collection, file=ContentFile(b"x", name="a.mp4"))
    lost = Video(title="B", duration=8, collection=collection, file=ContentFile(b"x", name="b.mp4"))
    for each in (document, video, lost):
        each.save()
    rendition = image.renditions.get(filter_spec=THUMBNAIL)
    old = {
        image.file: media_files.picture("png"),
        rendition.file: media_files.picture("png"),
        document.file: media_files.pdf_with_metadata(),
        video.file: media_files.mp4(),
    }
    repaired = []
    file_repaired.connect(receiver := lambda instance, **kwargs: repaired.append(instance))
    with contextlib.ExitStack() as changes:
        for file, content in old.items():
            assert media_files.BYTES in content
            changes.enter_context(changed_file(file, content))
        lost.file.storage.delete(lost.file.name)
        output, errors = StringIO(), StringIO()
        with pytest.raises(SystemExit):  # The lost file cannot be shown.
            call_command("check_files", "--remove-metadata", stdout=output, stderr=errors)
        assert "metadata removed from 3 files" in output.getvalue()
        assert errors.getvalue().splitlines() == [f"cms_media.Video {lost.pk}: B"]
        for file in old:
            with file.storage.open(file.name) as stored:
                assert media_files.BYTES not in stored.read()
        changed = CustomDocument.objects.get()
        with changed.file.open() as stored:
            assert changed.file_hash == hash_filelike(stored)
            assert changed.file_size == stored.size
        assert {image, document, video} <= set(repaired)
    file_repaired.disconnect(receiver)


@pytest.mark.django_db
def test_a_rendition_whose_row_names_no_file_is_made_again():
    image = ImageFactory()
    image.renditions.update(file="")
    image = CustomImage.objects.get()
    assert image.get_rendition("max-165x165").is_placeholder
    assert image.get_renditions("max-165x165")["max-165x165"].is_placeholder
    assert make_missing_renditions(image) > 0
    image = CustomImage.objects.get()
    assert image.get_rendition("max-165x165").file
    assert not image.renditions.filter(file="").exists()
