"""One broken object of each kind: every list of every department answers, and keeps all other entries."""

import json
import re
from contextlib import ExitStack, contextmanager, suppress

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.db import transaction
from django.urls import NoReverseMatch, reverse
from wagtail.snippets.models import get_snippet_models

from cms.api.urls import LISTS
from cms.delivery.models import PublishedDocument
from cms.media.models import CustomDocument, CustomImage, CustomRendition, Video
from sites.admin.access_control.url_table import ACCESS_BY_URL_NAME
from sites.models import Department, DepartmentLocale
from tests.demo.demo import demo  # noqa: F401 (a fixture)
from tests.factories.departments import make_department
from tests.factories.media import DocumentFactory, ImageFactory
from tests.factories.users import make_user

LINK = re.compile(r'<a [^>]*href="([^"#]+)"')


@contextmanager
def changed_file(file, content=None):
    """Remove a stored file, or give it another content."""
    storage, name = file.storage, file.name
    with storage.open(name) as stored:
        before = stored.read()
    storage.delete(name)
    if content is not None:
        storage.save(name, ContentFile(content))
    yield
    storage.delete(name)
    storage.save(name, ContentFile(before))


@contextmanager
def without_renditions(image, content=None):
    with changed_file(image.file, content):
        image.renditions.all().delete()
        yield


@contextmanager
def changed_document(number=0, **columns):
    row = PublishedDocument.objects.public().filter(type="event").order_by("pk")[number]
    PublishedDocument.objects.filter(pk=row.pk).update(**columns)
    yield


def logo():
    return Department.objects.exclude(logo=None).order_by("code").first().logo


def image(number):
    return CustomImage.objects.filter(consent=None, pk__gt=logo().pk).order_by("-pk")[number]


@contextmanager
def document_without_file():
    document = CustomDocument.objects.order_by("pk").first()
    CustomDocument.objects.filter(pk=document.pk).update(file="")
    yield


@contextmanager
def with_columns(model, rows, **columns):
    model.objects.filter(pk__in=list(rows.values_list("pk", flat=True))).update(**columns)
    yield


@contextmanager
def deleted(instance):
    instance.delete()
    yield


# Rounds of broken objects, since each round requests all lists.
ROUNDS = [
    {
        "logo without renditions": lambda: without_renditions(logo()),
        "document missing": lambda: changed_file(CustomDocument.objects.order_by("pk").first().file),
        "video missing": lambda: changed_file(Video.objects.exclude(file="").first().file),
        "captions missing": lambda: changed_file(Video.objects.exclude(file="").first().captions.first().file),
        "image missing": lambda: changed_file(image(0).file),
    },
    {
        "image corrupt and without renditions": lambda: without_renditions(image(0), b"x"),
        "document corrupt": lambda: changed_file(CustomDocument.objects.order_by("pk").first().file, b"x"),
        "image deleted": lambda: deleted(image(1)),
        "body no JSON": lambda: changed_document(body='{"id":'),
        "card no JSON": lambda: changed_document(number=1, card="{"),
    },
    {
        "body without content": lambda: changed_document(body='{"id": 1}'),
        "values of lists no object": lambda: changed_document(number=1, list_values=[]),
        "values of lists no texts": lambda: changed_document(number=2, list_values={"start": 5, "canonical": None}),
        "document without file": document_without_file,
        "logo whose renditions have no file": lambda: with_columns(CustomRendition, logo().renditions, file=""),
        "image without file": lambda: with_columns(CustomImage, CustomImage.objects.filter(pk=image(0).pk), file=""),
    },
]


def lists():
    """Yield (host, path) of every list: API 1 and 2, sites, admin lists and choosers."""
    for name in LISTS:
        if name != "search":
            yield "", f"/api/v1/{name}/?page_size=100"
    departments = Department.objects.select_related("site").order_by("code")
    for department in departments:
        host = department.site.hostname
        yield from ((host, f"/api/v2/{name}/?limit=100") for name in ("pages", "images", "documents"))
        pages = PublishedDocument.objects.public().filter(department=department, type__in=("home", "section"))
        yield from ((host, path) for path in pages.order_by("pk").values_list("path", flat=True))
        yield "", reverse("wagtailadmin_explore", args=[department.site.root_page_id])
    names = ["wagtailadmin_home", "wagtailimages:index", "wagtaildocs:index"]
    names += [f"{chooser}:choose" for chooser in ("wagtailimages_chooser", "wagtaildocs_chooser")]
    names += [model.snippet_viewset.get_url_name("list") for model in get_snippet_models()]
    yield from (("", reverse(name)) for name in names)


def screens():
    """Yield the path of every screen of the administration that has no argument."""
    for name in sorted(set(ACCESS_BY_URL_NAME) - {"wagtailadmin_error_test"}):
        with suppress(NoReverseMatch):
            yield reverse(name)


def entries(client, host, path):
    """Return the entries of a list: JSON objects by their key, or the links of a page."""
    response = client.get(path, headers={"host": host} if host else {})
    assert response.status_code == 200, path
    if response["Content-Type"].startswith("application/json"):
        answer = response.json()
        if "html" in answer:
            return set(LINK.findall(answer["html"]))
        items = answer.get("results", answer.get("items", []))
        return {json.dumps(item, sort_keys=True) for item in items}
    return set(LINK.findall(response.content.decode()))


@pytest.fixture
def admin(client, demo):  # noqa: F811
    client.force_login(make_user(is_superuser=True))
    return client


@pytest.mark.embedded  # PostgreSQL ends a transaction at the first error, and here the test is one.
@pytest.mark.django_db
def test_a_broken_object_changes_no_other_entry(admin, settings):
    urls = list(lists())
    before = {url: entries(admin, *url) for url in urls}
    for broken in ROUNDS:
        with undone(), ExitStack() as stack:
            for breaks in broken.values():
                stack.enter_context(breaks())
            for url in urls:
                lost = before[url] - entries(admin, *url)
                # The entries of the broken objects themselves: a placeholder, or left out.
                assert len(lost) <= len(broken), (list(broken), url, lost)


@pytest.mark.django_db
def test_forms_and_lists_of_media_without_file_are_shown(client):
    """Somebody has to find them, and to upload the file again."""
    department = make_department("nievre")
    image, document = ImageFactory(collection=department.collection), DocumentFactory(collection=department.collection)
    CustomImage.objects.filter(pk=image.pk).update(file="")
    CustomDocument.objects.filter(pk=document.pk).update(file="")
    client.force_login(make_user("editor", groups=["nievre:administrator"]))
    for name, key in (("wagtailimages:edit", image.pk), ("wagtaildocs:edit", document.pk)):
        assert client.get(reverse(name, args=[key])).status_code == 200
    for name, key in (("images", image.pk), ("documents", document.pk)):
        for url in (f"/admin/api/main/{name}/", f"/admin/api/main/{name}/{key}/"):
            assert client.get(url).status_code == 200
    items = client.get("/admin/api/main/images/").json()["items"]
    assert [(item["id"], item["meta"]["download_url"]) for item in items] == [(image.pk, None)]


@pytest.mark.embedded
@pytest.mark.django_db
@pytest.mark.parametrize("languages", ["no source", "none"])
def test_a_department_without_its_languages_breaks_no_screen(admin, languages, client):
    """Neither has a screen: an older version, a script or a restored part of a database leaves it so."""
    department = Department.objects.order_by("code").first()
    urls = list(lists())
    host = department.site.hostname
    urls += [(host, path) for path in ("/", "/search/", "/sitemap.xml", "/nulle-part/")]
    urls += [("", path) for path in screens()]
    with undone():
        rows = DepartmentLocale.objects.filter(department=department)
        if languages == "none":
            rows._raw_delete(rows.db)
        else:
            rows.update(is_source=False)
            client.force_login(make_user("mairie", groups=[f"{department.slug}:administrator"]))
        for host, path in urls:
            status = client.get(path, headers={"host": host} if host else {}).status_code
            assert status < 500, (path, status)


@contextmanager
def undone():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    cache.clear()
