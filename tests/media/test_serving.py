"""Access to files: every request checks who may read the file."""

import datetime
import re

import pytest
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Collection, CollectionViewRestriction
from wagtail.users.models import UserProfile

from cms.media.file_visibility import publicly_readable
from cms.media.models import Consent, CustomImage
from cms.media.renditions.specs import THUMBNAIL
from tests.factories.departments import make_department
from tests.factories.files import pdf
from tests.factories.media import WEBVTT, ConsentFactory, DocumentFactory, ImageFactory, VideoFactory, png, show
from tests.factories.users import make_user

PUBLIC = "public, max-age=60"
TODAY = timezone.localdate
DAY = datetime.timedelta(days=1)


@pytest.fixture
def isere(db):
    return make_department("isere")


@pytest.fixture
def private(allier):
    """A collection inside a restricted one. A restriction applies to all descendants."""

    def private(restriction_type, **fields):
        parent = Collection.objects.get(pk=allier.collection_id).add_child(name="Interne")
        restriction = CollectionViewRestriction.objects.create(
            collection=parent, restriction_type=restriction_type, **fields
        )
        collection = parent.add_child(name="Dessous")
        collection.restriction = restriction
        return collection

    return private


def files_in(collection, shown=True, **fields):
    """Return URL and media type of one file of each kind that has a URL below MEDIA_URL.

    A published document shows them, unless `shown` is False.
    """
    image = ImageFactory(collection=collection, **fields)
    video = VideoFactory(collection=collection, file=ContentFile(b"a film", name="film.mp4"), page_url="", **fields)
    files = {
        "rendition": (image.get_rendition(THUMBNAIL).file, "image/png"),
        "video": (video.file, "video/mp4"),
        "captions": (video.captions.get().file, "text/vtt; charset=utf-8"),
    }
    if shown:
        show(*(file.name for file, _type in files.values()))
    return {kind: (file.url, content_type) for kind, (file, content_type) in files.items()}


def shown_document(**fields):
    """Return a document to which a published document refers."""
    document = DocumentFactory(**fields)
    show(document.file.name)
    return document


def test_everybody_may_read_a_public_file_with_one_query(get, allier, django_assert_num_queries):
    for kind, (url, content_type) in files_in(allier.collection).items():
        with django_assert_num_queries(1):
            response = get(url)
        assert (response.status_code, response["Cache-Control"]) == (200, PUBLIC), kind
        assert response["Content-Type"] == content_type
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Access-Control-Allow-Origin"] == "*"
        assert "Vary" not in response.headers
        assert response["Content-Disposition"].startswith("inline; filename=")
        assert len(response.body) == int(response["Content-Length"]) > 0
    assert get(files_in(allier.collection)["captions"][0]).body == WEBVTT.encode()


def test_a_public_file_is_the_same_for_logged_in_users(get, allier, isere):
    response = get(files_in(allier.collection)["rendition"][0], make_user(groups=["isere:editor"]))
    assert (response.status_code, response["Cache-Control"]) == (200, PUBLIC)
    assert "Vary" not in response.headers


@pytest.mark.parametrize("restriction_type", ["login", "password", "groups"])
def test_only_members_of_the_department_read_a_private_collection(get, allier, isere, private, restriction_type):
    urls = files_in(private(restriction_type, password="mot de passe"))
    own, other = make_user("own", groups=["allier:reader"]), make_user("other", groups=["isere:administrator"])
    for kind, (url, _type) in urls.items():
        assert get(url).status_code == 404, kind
    for kind, (url, _type) in urls.items():
        assert get(url, other).status_code == 404, kind
    for user in (own, make_user("admin", is_superuser=True)):
        for kind, (url, _type) in urls.items():
            response = get(url, user)
            assert (response.status_code, response["Cache-Control"]) == (200, "private, no-store"), kind
            assert "Access-Control-Allow-Origin" not in response.headers


def test_the_password_of_a_collection_gives_access_to_its_files(get, client, private):
    collection = private("password", password="mot de passe")
    urls, document = files_in(collection), DocumentFactory(collection=collection)
    form = get(document.url)
    assert "password" in form.content.decode()
    assert "no-store" in form["Cache-Control"]

    url = reverse("wagtaildocs_authenticate_with_password", args=[collection.restriction.pk])
    client.post(url, {"password": "faux", "return_url": document.url})
    assert get(urls["rendition"][0]).status_code == 404
    answer = client.post(url, {"password": "mot de passe", "return_url": document.url})
    assert (answer.status_code, answer.url) == (302, document.url)
    for url in (document.url, urls["rendition"][0]):
        response = get(url)
        assert (response.status_code, response["Cache-Control"]) == (200, "private, no-store")


def test_groups_that_may_view_a_collection_read_its_files(get, isere, private):
    collection = private("groups")
    urls, document = files_in(collection), DocumentFactory(collection=collection)
    member = make_user("guest", groups=["isere:reader"])
    assert {get(url, member).status_code for url in (urls["rendition"][0], document.url)} == {404}

    collection.restriction.groups.set(Group.objects.filter(name="isere:reader"))
    for url in (urls["rendition"][0], document.url):
        response = get(url, member)
        assert (response.status_code, response["Cache-Control"]) == (200, "private, no-store")


ENDED = {
    "withdrawn today": lambda: {"withdrawn_on": TODAY()},
    "past its last day": lambda: {"expires_on": TODAY() - DAY},
    "not begun": lambda: {"starts_on": TODAY() + DAY},
    "of the words only": lambda: {"scope": Consent.Scope.WORDS},
}


@pytest.mark.parametrize("how", ENDED)
def test_files_without_a_valid_consent_are_not_public(get, allier, isere, how):
    consent = ConsentFactory(collection=allier.collection)
    urls = files_in(allier.collection, consent=consent)
    for kind, (url, _type) in urls.items():
        response = get(url)
        assert (response.status_code, response["Cache-Control"]) == (200, PUBLIC), kind

    Consent.objects.filter(pk=consent.pk).update(**ENDED[how]())
    for kind, (url, _type) in urls.items():
        assert get(url).status_code == 404, kind
    for kind, (url, _type) in urls.items():
        assert get(url, make_user(f"other-{kind}", groups=["isere:publisher"])).status_code == 404, kind
    for kind, (url, _type) in urls.items():
        response = get(url, make_user(f"own-{kind}", groups=["allier:media_manager"]))
        assert (response.status_code, response["Cache-Control"]) == (200, "private, no-store"), kind


def test_members_of_the_department_see_a_withdrawn_image_in_the_library(get, allier, isere):
    consent = ConsentFactory(collection=allier.collection, withdrawn_on=TODAY())
    ImageFactory(collection=allier.collection, consent=consent)
    manager = make_user("manager", groups=["allier:media_manager"])
    library = get(reverse("wagtailimages:index"), manager)
    [thumbnail] = re.findall(r'src="(/media/images/[^"]+)"', library.body.decode())
    assert (get(thumbnail).status_code, get(thumbnail)["Cache-Control"]) == (200, "private, no-store")
    assert get(thumbnail, make_user("other", groups=["isere:media_manager"])).status_code == 404


def test_a_consent_for_the_image_does_not_cover_videos(get, allier):
    consent = ConsentFactory(scope=Consent.Scope.IMAGE)
    statuses = {}
    for kind, (url, _type) in files_in(allier.collection, consent=consent).items():
        response = get(url)
        statuses[kind] = response.status_code
    assert statuses == {"rendition": 200, "video": 404, "captions": 404}


def test_publicly_readable_agrees_with_may_be_shown(db):
    days = (TODAY() - DAY, TODAY(), TODAY() + DAY)
    images = [
        ImageFactory(
            consent=ConsentFactory(scope=scope, starts_on=start, expires_on=end, withdrawn_on=withdrawn),
            file=ContentFile(png(2, 2), name="point.png"),
        )
        for scope in (Consent.Scope.IMAGE, Consent.Scope.VOICE)
        for start in days
        for end in days
        for withdrawn in (None, *days)
    ]
    show(*(image.get_rendition(THUMBNAIL).file.name for image in images))
    expected = {image.pk for image in images if image.may_be_shown}
    assert set(publicly_readable(CustomImage.objects.all()).values_list("pk", flat=True)) == expected
    assert 0 < len(expected) < len(images)


def test_a_file_of_two_rows_is_public_only_if_both_are(get, allier):
    fields = {"collection": allier.collection, "page_url": "", "captions": []}
    video = VideoFactory(file=ContentFile(b"a film", name="film.mp4"), **fields)
    show(video.file.name)
    assert get(video.file.url).status_code == 200
    VideoFactory(file=video.file.name, consent=ConsentFactory(withdrawn_on=TODAY()), **fields)
    assert get(video.file.url).status_code == 404


def test_a_hidden_file_gets_the_same_response_as_a_missing_one(get, private, isere):
    url = files_in(private("login"))["rendition"][0]
    for user in (None, make_user(groups=["isere:administrator"])):
        hidden, absent = get(url, user), get("/media/images/nothing.png", user)
        assert (hidden.status_code, hidden.content) == (404, absent.content)
        assert dict(hidden.headers) == dict(absent.headers)
        assert hidden["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "images",
        "images/",
        "../db.sqlite3",
        "images/../../db.sqlite3",
        "images/%2e%2e/%2e%2e/db.sqlite3",
        "original_images/%00.png",
        "/etc/passwd",
        "wagtail_uploads/waiting.png",
        "unknown/file.png",
        "original_images/" + "a" * 3000,
    ],
)
def test_other_paths_are_not_found(client, db, path):
    assert client.get(f"/media/{path}").status_code == 404


def test_proofs_and_documents_have_no_url_below_media(get, allier):
    consent = ConsentFactory(collection=allier.collection)
    document = DocumentFactory(collection=allier.collection)
    admin = make_user(is_superuser=True)
    for name in (consent.proof.name, document.file.name):
        assert get(f"/media/{name}").status_code == 404
        assert get(f"/media/{name}", admin).status_code == 404
    # Also not if the public storage contains a file of that name.
    stray = default_storage.save(consent.proof.name, ContentFile(b"signed"))
    assert get(f"/media/{stray}", admin).status_code == 404


def test_a_lost_file_is_not_found(get, allier):
    rendition = ImageFactory(collection=allier.collection).get_rendition(THUMBNAIL)
    document = DocumentFactory(collection=allier.collection)
    show(rendition.file.name, document.file.name)
    assert {get(url).status_code for url in (rendition.url, document.url)} == {200}
    rendition.file.storage.delete(rendition.file.name)
    assert get(rendition.url).status_code == 404
    document.file.storage.delete(document.file.name)
    assert get(document.url).status_code == 404


def test_only_colleagues_see_the_avatar_of_a_user(get, allier, isere):
    colleague, other = make_user("colleague", groups=["allier:editor"]), make_user("other", groups=["isere:editor"])
    profile = UserProfile.get_for_user(colleague)
    profile.avatar.save("moi.png", ContentFile(png(5, 5)))
    assert get(profile.avatar.url).status_code == 404
    assert get(profile.avatar.url, other).status_code == 404
    response = get(profile.avatar.url, make_user("own", groups=["allier:reader"]))
    assert (response.status_code, response["Cache-Control"]) == (200, "private, no-store")


def test_a_file_type_with_scripts_is_sent_as_a_download(get, allier):
    script = ContentFile(b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", name="x.svg")
    image = ImageFactory(collection=allier.collection)
    CustomImage.objects.filter(pk=image.pk).update(file=default_storage.save("original_images/x.svg", script))
    response = get(CustomImage.objects.get(pk=image.pk).file.url, make_user(groups=["allier:reader"]))
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment;")
    assert response["Content-Security-Policy"].startswith("default-src 'none'; sandbox; ")


# --- Documents ----------------------------------------------------------------------------------------------


def test_a_public_document_takes_two_queries(get, allier, django_assert_num_queries):
    document = shown_document(collection=allier.collection)
    with django_assert_num_queries(2):
        response = get(document.url)
    assert (response.status_code, response["Cache-Control"]) == (200, PUBLIC)
    assert response["Content-Type"] == "application/pdf"
    assert response.body == pdf("Document")
    assert get(document.url.replace("/document.pdf", "/other.pdf")).status_code == 404


def test_a_document_of_an_unsafe_type_is_sent_as_a_download(get, allier):
    document = shown_document(collection=allier.collection, file=ContentFile(b"a;b", name="chiffres été.csv"))
    response = get(document.url)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"].startswith("attachment;")


def test_only_members_of_the_department_read_a_private_document(get, allier, isere, private):
    document = DocumentFactory(collection=private("login"))
    response = get(document.url)
    assert (response.status_code, response.url.split("?")[0]) == (302, reverse("wagtailadmin_login"))
    # A user of another department.
    assert get(document.url, make_user("other", groups=["isere:publisher"])).status_code == 404
    response = get(document.url, make_user("own", groups=["allier:reader"]))
    assert (response.status_code, response["Cache-Control"]) == (200, "private, no-store")


def test_members_of_the_department_need_no_password(get, allier, private):
    document = DocumentFactory(collection=private("password", password="mot de passe"))
    response = get(document.url, make_user(groups=["allier:editor"]))
    assert (response.status_code, response.body) == (200, pdf("Document"))


def test_the_proxy_can_send_the_file(get, allier, private, settings):
    settings.MEDIA_INTERNAL_LOCATION = "/internal-media/"
    image = ImageFactory(collection=allier.collection, file=ContentFile(png(), name="d'été.png"))
    rendition = image.get_rendition(THUMBNAIL)
    show(rendition.file.name)
    response = get(rendition.url, range="bytes=0-4")
    assert (response.status_code, response.content) == (200, b"")
    assert response["X-Accel-Redirect"] == "/internal-media/" + rendition.url.removeprefix("/media/")
    assert response["Cache-Control"] == PUBLIC
    assert response["Content-Type"] == "image/png"
    document = shown_document(collection=allier.collection)
    assert get(document.url)["X-Accel-Redirect"] == f"/internal-media/{document.file.name}"

    hidden = get(files_in(private("login"))["rendition"][0])
    assert hidden.status_code == 404
    assert "X-Accel-Redirect" not in hidden.headers
