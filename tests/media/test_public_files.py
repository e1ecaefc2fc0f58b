"""Files are public while a published document shows them, and for members of the department otherwise."""

import datetime
import re

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from wagtail.models import CollectionViewRestriction, PageViewRestriction, UploadedFile
from wagtail.users.models import UserProfile

from cms.delivery import publisher
from cms.delivery.document_rebuild import rebuild_documents
from cms.delivery.models import FeedCounter, PublishedDocument
from cms.delivery.publisher import withdraw_department
from cms.media.models import PublicFile
from cms.media.renditions.specs import LARGE, LOGO_SIZES, THUMBNAIL
from cms.media.uploads.stored_files import STORED_FILES
from cms.media.views import FOLDERS
from cms.pages.models import StandardPage, TestimonialPage
from tests.factories.departments import make_department
from tests.factories.media import ConsentFactory, DocumentFactory, ImageFactory, VideoFactory, png, show
from tests.factories.pages import OrganisationFactory, home_of, make_page
from tests.factories.sharing import mirror
from tests.factories.users import make_user

TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")


@pytest.fixture
def isere(db):
    return make_department("isere")


@pytest.fixture
def published(allier, commits):
    """A published testimonial with its files: pictures, a document, a linked document, a video with captions."""
    collection = allier.collection
    files = {
        "image": ImageFactory(collection=collection),
        "block": ImageFactory(collection=collection),
        "poster": ImageFactory(collection=collection),
        "document": DocumentFactory(collection=collection),
        "linked": DocumentFactory(collection=collection),
    }
    video = VideoFactory(
        collection=collection,
        file=ContentFile(b"a film", name="film.mp4"),
        page_url="",
        poster=files["poster"],
        consent=ConsentFactory(collection=collection),
    )
    link = f'<p><a linktype="document" id="{files["linked"].pk}">Lire</a></p>'
    with commits():
        page = make_page(
            TestimonialPage,
            allier,
            image=files["image"],
            video=video,
            consent=video.consent,
            body=[
                ("document", files["document"]),
                ("image", {"image": files["block"], "alt": "", "caption": ""}),
                ("text", link),
            ],
        )
    page.files = files
    page.video_file = video
    return page


def urls_of(page):
    """Return the URLs of what the document of the page shows, by kind."""
    urls = {
        f"{kind} {size}": page.files[kind].get_rendition(size).url
        for kind in ("image", "block", "poster")
        for size in (LARGE, THUMBNAIL)
    }
    urls |= {kind: page.files[kind].url for kind in ("document", "linked")}
    return urls | {"video": page.video_file.file.url, "captions": page.video_file.captions.get().file.url}


def statuses(get, urls, user=None):
    return {kind: get(url, user).status_code for kind, url in urls.items()}


def all_with(urls, status):
    return dict.fromkeys(urls, status)


def test_files_are_public_while_a_document_shows_them(get, published, commits):
    urls = urls_of(published)
    assert statuses(get, urls) == all_with(urls, 200)
    with commits():
        published.unpublish()
    assert not PublicFile.objects.exists()
    assert statuses(get, urls) == all_with(urls, 404)
    with commits():
        published.save_revision().publish()
    assert statuses(get, urls) == all_with(urls, 200)


def test_a_page_that_becomes_private_or_expires_takes_its_files_with_it(get, published, commits):
    urls = urls_of(published)
    PublishedDocument.objects.filter(page_id=published.pk).update(expires_at=None)
    PublicFile.objects.update(public_until=timezone.now() - datetime.timedelta(seconds=1))
    assert statuses(get, urls) == all_with(urls, 404)
    with commits():
        published.save_revision().publish()
    assert statuses(get, urls) == all_with(urls, 200)
    with commits():
        PageViewRestriction.objects.create(page=published, restriction_type="login")
    assert statuses(get, urls) == all_with(urls, 404)


def test_a_page_with_an_end_gives_its_files_the_same_end(published, commits):
    end = timezone.now() + datetime.timedelta(days=2)
    with commits():
        published.expire_at = end
        published.save_revision().publish()
    document = PublishedDocument.objects.get(page_id=published.pk)
    assert document.expires_at is not None
    assert set(document.files.values_list("public_until", flat=True)) == {document.expires_at}


def test_a_file_that_the_document_no_longer_shows_is_for_members(get, published, commits):
    url = published.files["document"].url
    with commits():
        published.body = []
        published.save_revision().publish()
    assert get(url).status_code == 404
    assert get(published.files["linked"].url).status_code == 404
    assert get(published.files["image"].get_rendition(LARGE).url).status_code == 200
    assert get(url, make_user(groups=["allier:reader"])).status_code == 200


def test_a_file_stays_public_while_another_document_shows_it(get, published, allier, commits):
    document = published.files["document"]
    with commits():
        make_page(StandardPage, allier, slug="autre", body=[("document", document)])
        published.unpublish()
    assert get(document.url).status_code == 200


def test_originals_and_other_renditions_of_a_shown_image_are_for_members(get, published, isere):
    image = published.files["image"]
    urls = {"original": image.file.url, "165": image.get_rendition("max-165x165").url}
    assert statuses(get, urls) == all_with(urls, 404)
    assert statuses(get, urls, make_user("other", groups=["isere:administrator"])) == all_with(urls, 404)
    assert statuses(get, urls, make_user("own", groups=["allier:reader"])) == all_with(urls, 200)


def test_unused_files_are_for_members_of_the_department(get, allier, isere):
    fields = {"collection": allier.collection}
    image, document = ImageFactory(**fields), DocumentFactory(**fields)
    video = VideoFactory(file=ContentFile(b"a film", name="film.mp4"), page_url="", **fields)
    urls = {
        "original": image.file.url,
        "rendition": image.get_rendition(LARGE).url,
        "document": document.url,
        "video": video.file.url,
        "captions": video.captions.get().file.url,
    }
    for user in (None, make_user("other", groups=["isere:administrator"])):
        assert statuses(get, urls, user) == all_with(urls, 404)
        missing = get("/media/images/nothing/nothing.png", user)
        for url in urls.values():
            hidden = get(url, user)
            assert (hidden.content, dict(hidden.headers)) == (missing.content, dict(missing.headers))
    for user in (make_user("own", groups=["allier:reader"]), make_user("admin", is_superuser=True)):
        for kind, url in urls.items():
            response = get(url, user)
            assert (response.status_code, response["Cache-Control"]) == (200, "private, no-store"), kind


def test_one_query_decides_about_a_file_that_many_documents_show(
    get, published, allier, isere, django_assert_num_queries
):
    name = published.files["image"].get_rendition(LARGE).file.name
    for number in range(20):
        show(name, path=f"/fr/{number}/", sequence=10_000 + number)
    with django_assert_num_queries(1):
        assert get(f"/media/{name}").status_code == 200


def test_a_document_and_its_files_appear_together_or_not_at_all(get, published, monkeypatch):
    urls = urls_of(published)
    withdrawn = PublishedDocument.objects.get(page_id=published.pk)
    with transaction.atomic():
        counter = FeedCounter.locked()
        writer = publisher.DocumentWriter(counter)
        writer.withdraw(withdrawn)
        writer.finish()
        counter.save()
    assert statuses(get, urls) == all_with(urls, 404)

    finish = publisher.DocumentWriter.finish

    def fail(writer):
        finish(writer)
        raise RuntimeError("after the rows are written")

    with monkeypatch.context() as patched, transaction.atomic():
        patched.setattr(publisher.DocumentWriter, "finish", fail)
        assert publisher.refresh_pages({published.pk}, FeedCounter.locked())
    assert not PublicFile.objects.filter(document=withdrawn).exists()
    assert statuses(get, urls) == all_with(urls, 404)
    with transaction.atomic():
        assert publisher.refresh_pages({published.pk}, FeedCounter.locked()) == {}
    assert statuses(get, urls) == all_with(urls, 200)


def test_a_rebuild_lists_the_files_of_unchanged_documents(get, published):
    urls = urls_of(published)
    etag = PublishedDocument.objects.get(page_id=published.pk).etag
    PublicFile.objects.all().delete()
    assert statuses(get, urls) == all_with(urls, 404)
    rebuild_documents()
    assert statuses(get, urls) == all_with(urls, 200)
    assert PublishedDocument.objects.get(page_id=published.pk).etag == etag


def test_a_department_that_leaves_takes_its_files_with_it(get, published, allier):
    urls = urls_of(published)
    with transaction.atomic():
        withdraw_department(allier, FeedCounter.locked())
    assert statuses(get, urls) == all_with(urls, 404)


def test_the_site_that_mirrors_a_document_shows_its_files(get, published, isere, commits):
    with commits():
        mirror(published, isere)
    urls = urls_of(published)
    assert statuses(get, urls) == all_with(urls, 200)


def test_a_link_to_a_document_of_a_private_collection_asks_for_the_password(get, published, commits):
    with commits():
        CollectionViewRestriction.objects.create(
            collection=published.files["linked"].collection, restriction_type="password", password="mot de passe"
        )
    response = get(published.files["linked"].url)
    assert (response.status_code, response["Cache-Control"].count("no-store")) == (200, 1)
    assert b"%PDF" not in response.body


def test_the_logo_of_a_department_is_public_in_the_published_sizes(get, allier):
    logo = ImageFactory(collection=allier.collection)
    renditions = [logo.get_rendition(size) for size in LOGO_SIZES]
    assert {get(rendition.url).status_code for rendition in renditions} == {404}
    allier.logo = logo
    allier.save()
    for rendition in renditions:
        assert get(rendition.url).status_code == 200
    assert get(logo.file.url).status_code == 404
    assert get(logo.get_rendition("max-165x165").url).status_code == 404


def test_members_of_every_department_see_the_logo_of_a_shared_organisation(get, allier, isere):
    logo = ImageFactory(collection=allier.collection)
    url, other = logo.get_rendition(LARGE).url, make_user("other", groups=["isere:editor"])
    assert get(url, other).status_code == 404
    OrganisationFactory(owner=allier, logo=logo)
    response = get(url, other)
    assert (response.status_code, response["Cache-Control"]) == (200, "private, no-store")
    assert get(logo.file.url, other).status_code == 404
    assert get(url, make_user("without department")).status_code == 404


def test_the_preview_of_a_draft_shows_its_files_to_members_only(get, allier):
    image = ImageFactory(collection=allier.collection)
    page = make_page(StandardPage, home_of(allier), publish=False, slug="brouillon", image=image)
    page.save_revision()
    editor = make_user(groups=["allier:editor"])
    preview = get(reverse("wagtailadmin_pages:view_draft", args=[page.pk]), editor).body.decode()
    assert image.get_rendition(LARGE).url in preview
    assert get(image.get_rendition(LARGE).url, editor).status_code == 200
    assert not PublicFile.objects.filter(name=image.get_rendition(LARGE).file.name).exists()


# Files of the product's own models, and pending uploads, have a folder with a token.
TOKEN_FIELDS = [
    stored.model_class._meta.get_field(stored.field)
    for stored in STORED_FILES
    if stored.model.startswith("cms_media.") or stored.model == "wagtailcore.UploadedFile"
]


def stored_path(field, name):
    """Return the path under which the field stores a new file of this name."""
    row = field.model(**{field.name: ContentFile(png(10, 10), name=name)})
    if isinstance(row, UploadedFile):
        row.save()
        return row.file.name
    return field.generate_filename(row, name)


@pytest.mark.parametrize("field", TOKEN_FIELDS, ids=str)
def test_the_path_of_every_new_file_is_unguessable(db, field):
    first, second = stored_path(field, "même nom.png"), stored_path(field, "même nom.png")
    assert first != second
    assert TOKEN.fullmatch(first.split("/")[1])
    assert len(stored_path(field, "n" * 300 + ".png")) <= field.max_length


def test_every_other_file_field_stores_nothing_or_pictures_of_accounts():
    """Wagtail's path of an avatar contains a random UUID."""
    others = {stored.model for stored in STORED_FILES} - {field.model._meta.label for field in TOKEN_FIELDS}
    assert others == {
        "wagtailusers.UserProfile", "wagtailimages.Image", "wagtailimages.Rendition", "wagtaildocs.Document"
    }  # fmt: skip
    avatar = UserProfile._meta.get_field("avatar")
    assert re.search(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", avatar.generate_filename(UserProfile(), "moi.png"))


def test_the_url_of_a_document_is_unguessable(db):
    one, other = DocumentFactory(), DocumentFactory()
    assert TOKEN.fullmatch(one.url.split("/")[2])
    assert one.token != other.token
    assert str(one.pk) not in one.url.split("/")


def test_every_public_folder_has_a_rule(db):
    for field in TOKEN_FIELDS:
        folder = field.generate_filename(field.model(pk=1), "a.png").partition("/")[0]
        is_served = folder in FOLDERS or folder in ("documents", "wagtail_uploads")
        assert is_served or field.storage is not default_storage


def test_a_document_has_no_url_by_its_id(get, allier):
    document = DocumentFactory(collection=allier.collection)
    show(document.file.name)
    assert get(document.url).status_code == 200
    assert get(f"/documents/{document.pk}/{document.filename}").status_code == 404


def test_a_changed_password_ends_earlier_admissions(get, client, allier):
    restriction = CollectionViewRestriction.objects.create(
        collection=allier.collection, restriction_type="password", password="premier"
    )
    document = DocumentFactory(collection=allier.collection)
    rendition = ImageFactory(collection=allier.collection).get_rendition(LARGE)
    url = reverse("wagtaildocs_authenticate_with_password", args=[restriction.pk])
    for password in ("premier", "second"):
        CollectionViewRestriction.objects.filter(pk=restriction.pk).update(password=password)
        assert b"%PDF" not in get(document.url).body
        assert get(rendition.url).status_code == 404
        client.post(url, {"password": "faux", "return_url": document.url})
        assert b"%PDF" not in get(document.url).body
        client.post(url, {"password": password, "return_url": document.url})
        assert b"%PDF" in get(document.url).body
        assert get(rendition.url).status_code == 200
        assert get(rendition.image.file.url).status_code == 404
