"""Wagtail's API, version 2: everybody can read the public content of one department, and nothing else."""

import itertools
from types import SimpleNamespace

import pytest
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.request import Request
from wagtail.api.v2.views import PagesAPIViewSet
from wagtail.documents.api.v2.views import DocumentsAPIViewSet
from wagtail.images.api.v2.views import ImagesAPIViewSet
from wagtail.models import Collection, CollectionViewRestriction, PageViewRestriction, ReferenceIndex

from cms.api.v2.views import DepartmentDocumentsViewSet, DepartmentImagesViewSet, DepartmentPagesViewSet
from cms.delivery.models import PublishedDocument
from cms.media.models import Consent, CustomImage
from cms.pages.models import EventPage, StandardPage
from tests.factories.departments import make_department
from tests.factories.media import ConsentFactory, DocumentFactory, ImageFactory, png
from tests.factories.pages import home_of, make_page
from tests.factories.users import make_user
from tests.snapshots import committed, reloaded

HOST = "allier.example.test"
THEIRS = "zqsecret"  # in every title, slug, text and file name of the other department
HIDDEN = "zqhushed"  # in everything of the department that is not public
ENDPOINTS = ("pages", "images", "documents")


NUMBERS = itertools.count(1)


def page(parent, mark, **fields):
    fields.setdefault("slug", f"{mark}-{next(NUMBERS)}")
    return make_page(StandardPage, parent, title=f"{mark} page", **fields)


def image(mark, collection, **fields):
    file = ContentFile(png(30, 20), name=f"{mark}.png")
    return ImageFactory(title=f"{mark} image", description=f"{mark} alt", collection=collection, file=file, **fields)


def media(mark, collection):
    files = SimpleNamespace(
        image=image(mark, collection), document=DocumentFactory(title=f"{mark} document", collection=collection)
    )
    for file in (files.image, files.document):
        file.tags.add(f"{HIDDEN}-tag")
    return files


def body_of(*documents):
    return [("document", document) for document in documents]


def make_fixture_data():
    """Create a department with public and hidden content, and another one whose every text contains a mark."""
    with transaction.atomic():
        allier, other = make_department("allier", locales=("fr", "en")), make_department(THEIRS)
        private = Collection.objects.get(pk=allier.collection_id).add_child(name=HIDDEN)
        CollectionViewRestriction.objects.create(collection=private, restriction_type="login")
        shown = media("shown", allier.collection)
        unused = media(HIDDEN, allier.collection)
        of_private = media("closed", private)
        consent = ConsentFactory(person_name=HIDDEN, collection=allier.collection)
        by_consent = image("portrait", allier.collection, consent=consent)
        # The title that editors give to an image is not public.
        CustomImage.objects.filter(pk=by_consent.pk).update(title=HIDDEN)

        owner = make_user(HIDDEN, groups=["allier:publisher"])
        parent = page(allier, "shown", image=shown.image, owner=owner, body=body_of(shown.document))
        page(parent, "below", image=by_consent)
        page(allier, "closed", image=of_private.image, body=body_of(of_private.document))
        # Its slug is part of the URLs of the pages below it.
        draft = page(allier, HIDDEN, slug="quiet", publish=False, image=unused.image, body=body_of(unused.document))
        below_draft = page(draft, "orphan")
        restricted = page(allier, HIDDEN)
        PageViewRestriction.objects.create(page=restricted, restriction_type="login")
        below_restricted = page(restricted, HIDDEN)
        foreign = media(THEIRS, other.collection)
        theirs = page(other, THEIRS, image=foreign.image, body=body_of(foreign.document))
        make_page(EventPage, other, title=f"{THEIRS} event", slug=f"{THEIRS}-event")
        english = home_of(allier).get_translation(allier.locales.get(language_code="en"))
    with transaction.atomic():
        restricted.save()
        below_restricted.save()
        alias = page(allier, HIDDEN, publish=False).create_alias(parent=home_of(allier), update_slug="alias")
        alias.title, alias.live = "alias", True
        alias.save()
    return SimpleNamespace(
        allier=allier, other=other, parent=parent, draft=draft, restricted=restricted, below_draft=below_draft,
        theirs=theirs, shown=shown, unused=unused, of_private=of_private, foreign=foreign, by_consent=by_consent,
        consent=consent, english=english, owner=owner, alias=alias,
    )  # fmt: skip


@pytest.fixture(scope="module")
def committed_fixture_data(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), committed("public and hidden content", make_fixture_data) as fixture_data:
        yield fixture_data


@pytest.fixture
def fixture_data(committed_fixture_data, db):
    """Return the committed fixture data in its original state; changes of a test are rolled back."""
    return reloaded(committed_fixture_data)


@pytest.fixture
def get(client, fixture_data):
    def get(path, expect=200, host=HOST, **parameters):
        response = client.get(f"/api/v2/{path}", parameters, headers={"host": host})
        assert response.status_code == expect, response.content
        return response

    return get


def titles(response):
    return [item["title"] for item in response.json()["items"]]


def test_the_list_contains_the_public_pages_in_all_languages(get):
    response = get("pages/", fields="*", limit=100)
    # Homes in two languages; the alias repeats a draft's content under a title of its own.
    assert sorted(titles(response)) == [
        "Allier",
        "Allier",
        "alias",
        "below page",
        "closed page",
        "orphan page",
        "shown page",
    ]
    assert {item["meta"]["locale"] for item in response.json()["items"]} == {"fr", "en"}
    assert response.json()["meta"]["total_count"] == 7


def test_a_page_has_the_fields_of_wagtail_and_its_published_document(get, fixture_data, client):
    data = get(f"pages/{fixture_data.parent.pk}/").json()
    path = f"/fr/{fixture_data.parent.slug}/"
    assert data["title"] == "shown page"
    assert data["meta"]["type"] == "pages.StandardPage"
    assert data["meta"]["detail_url"] == f"http://{HOST}/api/v2/pages/{fixture_data.parent.pk}/"
    assert data["meta"]["html_url"] == f"http://{HOST}{path}"
    assert data["meta"]["parent"]["meta"]["html_url"] == f"http://{HOST}/fr/"
    assert data["document"] == client.get(f"/api/v1/contents/{fixture_data.parent.translation_key}/").json()
    assert get("pages/", slug=fixture_data.parent.slug).json()["items"][0]["meta"]["html_url"] == f"http://{HOST}{path}"


def test_filters_find_public_pages(get, fixture_data):
    home, parent = home_of(fixture_data.allier), fixture_data.parent
    assert "shown page" in titles(get("pages/", child_of="root"))
    assert titles(get("pages/", child_of=parent.pk)) == ["below page"]
    assert titles(get("pages/", descendant_of=parent.pk)) == ["below page"]
    assert titles(get("pages/", ancestor_of=parent.pk)) == ["Allier"]
    assert titles(get("pages/", translation_of=home.pk)) == ["Allier"]
    assert titles(get("pages/", translation_of="root")) == ["Allier"]
    assert titles(get("pages/", locale="en")) == ["Allier"]
    assert titles(get("pages/", type="pages.StandardPage", order="-title"))[0] == "shown page"
    assert titles(get("pages/", title="below page")) == ["below page"]
    assert titles(get("pages/", site=HOST, translation_key=str(parent.translation_key))) == ["shown page"]
    assert len(titles(get("pages/", limit=2, offset=1))) == 2


def test_search_finds_public_pages_only(get, fixture_data):
    assert titles(get("pages/", search="shown")) == ["shown page"]
    assert titles(get("pages/", search="orphan", type="pages.StandardPage", locale="fr")) == ["orphan page"]
    for mark in (THEIRS, HIDDEN):
        assert titles(get("pages/", search=mark)) == []
        matching_any = titles(get("pages/", search=f"{mark} page", search_operator="or"))
        assert sorted(matching_any) == ["below page", "closed page", "orphan page", "shown page"]


def test_find_takes_a_path_on_the_site_or_an_id(get, fixture_data):
    for parameters in ({"html_path": f"/fr/{fixture_data.parent.slug}"}, {"id": fixture_data.parent.pk}):
        response = get("pages/find/", expect=302, **parameters)
        assert response.url.split("?")[0] == f"http://{HOST}/api/v2/pages/{fixture_data.parent.pk}/"
    assert get("pages/find/", expect=302, html_path="/").url.startswith(
        f"http://{HOST}/api/v2/pages/{home_of(fixture_data.allier).pk}/"
    )
    for hidden in (fixture_data.draft, fixture_data.restricted, fixture_data.theirs):
        get("pages/find/", expect=404, id=hidden.pk)
        for path in (f"/fr/{hidden.slug}/", f"/{THEIRS}/fr/{hidden.slug}/", hidden.url_path):
            get("pages/find/", expect=404, html_path=path)


def test_only_public_files_of_public_pages_are_listed(get, fixture_data):
    images = get("images/", fields="*").json()["items"]
    assert [item["id"] for item in images] == [fixture_data.shown.image.pk, fixture_data.by_consent.pk]
    assert (images[0]["title"], images[0]["width"], images[0]["credit"]) == ("shown alt", 30, "Studio Exemple")
    url = images[0]["meta"]["download_url"]
    assert url == f"http://{HOST}{fixture_data.shown.image.get_rendition('max-1600x1600').url}"
    documents = get("documents/", fields="*").json()["items"]
    assert [item["title"] for item in documents] == ["shown document"]
    assert documents[0]["meta"]["download_url"] == f"http://{HOST}{fixture_data.shown.document.url}"
    for endpoint, hidden in (("images", "image"), ("documents", "document")):
        for owner in (fixture_data.unused, fixture_data.of_private, fixture_data.foreign):
            get(f"{endpoint}/{getattr(owner, hidden).pk}/", expect=404)
            get(f"{endpoint}/find/", expect=404, id=getattr(owner, hidden).pk)
            assert get(f"{endpoint}/", id=getattr(owner, hidden).pk).json()["items"] == []


def test_an_image_with_a_withdrawn_consent_is_hidden(get, fixture_data):
    Consent.objects.filter(pk=fixture_data.consent.pk).update(withdrawn_on=timezone.localdate())
    assert [item["id"] for item in get("images/").json()["items"]] == [fixture_data.shown.image.pk]
    get(f"images/{fixture_data.by_consent.pk}/", expect=404)


def test_a_referenced_file_of_another_department_is_hidden(get, fixture_data):
    # Written directly to the database, past every form.
    StandardPage.objects.filter(pk=fixture_data.parent.pk).update(image=fixture_data.foreign.image)
    ReferenceIndex.create_or_update_for_object(StandardPage.objects.get(pk=fixture_data.parent.pk))
    get(f"images/{fixture_data.foreign.image.pk}/", expect=404)
    assert THEIRS not in get("images/", fields="*").content.decode()


def test_relations_to_hidden_pages_are_null(get, fixture_data):
    assert get(f"pages/{fixture_data.below_draft.pk}/").json()["meta"]["parent"] is None
    assert get(f"pages/{home_of(fixture_data.allier).pk}/").json()["meta"]["parent"] is None  # the container
    assert get(f"pages/{fixture_data.alias.pk}/").json()["meta"]["alias_of"] is None


def test_a_page_that_became_private_is_hidden_before_its_document_is_refreshed(get, fixture_data):
    assert PublishedDocument.objects.public().filter(page_id=fixture_data.parent.pk).exists()
    PageViewRestriction.objects.create(page=fixture_data.parent, restriction_type="password", password="x")
    get(f"pages/{fixture_data.parent.pk}/", expect=404)
    PageViewRestriction.objects.all().delete()
    StandardPage.objects.filter(pk=fixture_data.parent.pk).update(live=False)
    get(f"pages/{fixture_data.parent.pk}/", expect=404)


FIELDS = ("", "*", "_,title", "*,-title", "_,id,meta", "document", "alias_of", "parent(title)", "body", "file", "image",
          "*,parent(title,html_url)", "owner", "owner(username)", "tags", "collection", "consent", "uploaded_by_user",
          "draft_title", "live_revision", "specific", "comments", "a(" * 240)  # fmt: skip
VALUES = ("", "0", "-1", "1", "x", "root", "9" * 30, "1,2", "null", "true", "%", "'", "\x00", "é" * 600, "١", "1_0",
          "2020-01-01", THEIRS, f"{THEIRS}.example.test", "wagtailcore.Page", "pages.EventPage", "users.User",
          "pages.EventPage,pages.HomePage", "wagtailcore.Page,pages.EventPage", "-id", "random", "owner", "-title",
          "id,id", "-")  # fmt: skip
NAMES = ("limit", "offset", "order", "search", "search_operator", "type", "child_of", "ancestor_of", "descendant_of",
         "translation_of", "locale", "site", "id", "title", "slug", "show_in_menus", "seo_title", "first_published_at",
         "translation_key", "alias_of", "parent", "owner", "live", "tags", "collection", "consent", "format",
         "rich_text_format", "kind", "language", "html_path", "fields", "version", "department", "_")  # fmt: skip
MEDIA_NAMES = ("limit", "offset", "order", "search", "id", "title", "tags", "collection", "consent", "kind", "language",
               "site", "html_path", "fields")  # fmt: skip


# `test_odd_filters` sends odd values to every database. What is public does not depend on it.
@pytest.mark.embedded
@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_no_parameter_reveals_hidden_content_or_causes_a_server_error(client, fixture_data, endpoint):
    """Every parameter with every value, on lists, details and find."""
    objects = {
        "pages": (
            fixture_data.parent,
            fixture_data.draft,
            fixture_data.restricted,
            fixture_data.theirs,
            fixture_data.other.container,
            fixture_data.alias,
        ),
        "images": (
            fixture_data.shown.image,
            fixture_data.unused.image,
            fixture_data.foreign.image,
            fixture_data.of_private.image,
        ),
        "documents": (fixture_data.shown.document, fixture_data.unused.document, fixture_data.foreign.document),
    }[endpoint]
    keys = [str(item.pk) for item in objects]
    names = NAMES if endpoint == "pages" else MEDIA_NAMES
    queries = [{}, *({"fields": fields} for fields in FIELDS)]
    queries += [{name: value} for name in names for value in (*VALUES, *keys)]
    queries += [{"fields": "*", name: value, "search": "page"} for name in ("child_of", "order") for value in keys]
    urls = [f"/api/v2/{endpoint}/", f"/api/v2/{endpoint}/find/"]
    details = [f"/api/v2/{endpoint}/{item.pk}/" for item in objects] + [f"/api/v2/{endpoint}/{'9' * 30}/"]
    requests = [(urls[0], query) for query in queries]
    requests += [(urls[1], query) for query in queries if query.keys() & {"id", "html_path", "fields", "site"}]
    requests += [(url, {"fields": fields}) for url in details for fields in FIELDS]
    for url, query in requests:
        response = client.get(url, query, headers={"host": HOST})
        text = response.content.decode().lower() + response.headers.get("Location", "").lower()
        assert response.status_code in (200, 302, 400, 404), (url, query, response.content)
        for mark in (THEIRS, HIDDEN):
            echoed = any(mark in str(value) for value in query.values())
            assert mark not in text or (echoed and response.status_code in (302, 400)), (url, query)


def test_another_site_or_language_is_refused(get, fixture_data):
    for site in (f"{THEIRS}.example.test", f"{THEIRS}.example.test:80", "unknown", ""):
        assert "items" not in get("pages/", expect=400, site=site).json()
    assert get("pages/", expect=400, locale="it").json() == {"message": "locale must be one of fr, en"}


def test_each_host_shows_its_own_department_only(get, fixture_data):
    theirs = get("pages/", host=f"{THEIRS}.example.test", limit=100).content.decode()
    assert THEIRS in theirs
    assert "shown" not in theirs
    for endpoint in ENDPOINTS:
        for host in ("testserver", "localhost"):
            response = get(f"{endpoint}/", expect=404, host=host)
            assert "This host is no department's" in response.json()["message"]
            assert response["Cache-Control"] == "no-store"
    get(f"pages/{fixture_data.parent.pk}/", expect=404, host=f"{THEIRS}.example.test")


@pytest.mark.parametrize("who", ["member", "admin"])
def test_responses_do_not_depend_on_the_session(client, fixture_data, who):
    users = {"member": fixture_data.owner, "admin": make_user("root", is_superuser=True)}
    visitor = Client()
    client.force_login(users[who])
    for path in ("pages/?fields=*", f"pages/{fixture_data.restricted.pk}/", "images/?fields=*", "documents/?fields=*"):
        answers = [reader.get(f"/api/v2/{path}", headers={"host": HOST}) for reader in (client, visitor)]
        assert answers[0].content == answers[1].content
        kept = "public, max-age=60" if answers[0].status_code == 200 else "no-store"
        assert answers[0].headers["Cache-Control"] == kept
        assert "Cookie" not in answers[0].headers.get("Vary", "")
        assert not answers[0].cookies


def test_only_read_methods_are_allowed_and_scripts_of_other_sites_may_use_them(client, fixture_data):
    for method in ("post", "put", "patch", "delete"):
        response = getattr(client, method)("/api/v2/pages/", headers={"host": HOST})
        assert response.status_code == 405
    response = client.options("/api/v2/pages/", headers={"host": HOST})
    assert (response.status_code, response["Access-Control-Allow-Origin"]) == (204, "*")
    assert client.get("/api/v2/pages/", headers={"host": HOST, "accept": "text/html"}).status_code == 406


def test_other_endpoints_do_not_exist(get):
    for path in ("", "redirects/", "users/", "snippets/", "pages", "collections/", "main/"):
        assert get(path, expect=404)["Content-Type"].startswith("application/")


def test_the_number_of_queries_does_not_depend_on_the_length_of_a_list(client, fixture_data, django_assert_num_queries):
    def request_list():
        client.get("/api/v2/pages/?fields=*&limit=100", headers={"host": HOST})

    request_list()
    with CaptureQueriesContext(connection) as before:
        request_list()
    for number in range(10):
        make_page(StandardPage, fixture_data.allier, title=f"more {number}")
    with django_assert_num_queries(len(before)):
        request_list()
    assert len(before) <= 8


@pytest.mark.parametrize(
    ("view_class", "parent_class", "method"),
    [
        (DepartmentPagesViewSet, PagesAPIViewSet, "get_base_queryset"),
        (DepartmentImagesViewSet, ImagesAPIViewSet, "get_queryset"),
        (DepartmentDocumentsViewSet, DocumentsAPIViewSet, "get_queryset"),
    ],
)
def test_the_querysets_are_never_wider_than_those_of_wagtail(fixture_data, rf, view_class, parent_class, method):
    """`cms.api.v2.overrides` replaces the querysets without calling Wagtail's, which may get further checks."""
    view = view_class()
    view.request = Request(rf.get("/api/v2/", headers={"host": HOST}))
    view.department = fixture_data.allier
    keys = set(getattr(view, method)().values_list("pk", flat=True))
    assert keys
    assert keys <= set(getattr(parent_class, method)(view).values_list("pk", flat=True))
