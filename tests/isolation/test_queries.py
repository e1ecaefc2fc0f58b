"""Tests that the number of queries of explorer, choosers, lists and APIs does not grow with the number of objects."""

import uuid

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail import hooks
from wagtail.models import Page

from cms.media.models import CustomDocument, CustomImage
from tests.factories.departments import make_department
from tests.factories.media import DocumentFactory, ImageFactory
from tests.factories.pages import home_of
from tests.factories.users import make_user

DEPARTMENTS = 10
# The smaller number still fills one screen for each department, so both screens show as many rows.
FEW, MANY = 600, 20_000
GUARD = "sites.middleware.DepartmentAccessMiddleware"
OURS = ("sites.", "cms.")


@pytest.fixture
def departments(db, commits):
    with commits():
        return [make_department(f"department-{number}", locales=("fr",)) for number in range(DEPARTMENTS)]


@pytest.fixture
def editor(client, departments):
    client.force_login(make_user("editor", groups=["department-0:editor"]))
    return client


def fill(departments, total):
    """Create pages below the homes, in equal parts, until there are `total`."""
    content_type, pages = ContentType.objects.get_for_model(Page), []
    for department in departments:
        home = home_of(department)
        share = range(home.numchild, total // len(departments))
        pages += [new_page(home, number, content_type) for number in share]
        Page.objects.filter(pk=home.pk).update(numchild=total // len(departments))
    Page.objects.bulk_create(pages, batch_size=500)
    assert Page.objects.filter(depth=4).count() == total


def new_page(home, number, content_type):
    return Page(
        path=Page._get_path(home.path, home.depth + 1, number + 1), depth=home.depth + 1, title=f"Page {number}",
        slug=f"page-{number}", url_path=f"{home.url_path}page-{number}/", content_type=content_type,
        locale=home.locale, translation_key=uuid.uuid4(), draft_title=f"Page {number}", live=True,
    )  # fmt: skip


def queries(client, url):
    client.get(url)  # The first request fills caches of the process: content types, locales, sites.
    with CaptureQueriesContext(
        connection,
    ) as captured:
        response = client.get(url)
    assert response.status_code == 200, url
    return [query["sql"] for query in captured.captured_queries]


def without_ours(settings, monkeypatch):
    """Remove access control and all of our hooks."""
    settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if each != GUARD]
    hooks.search_for_hooks()
    for name, registered in hooks._hooks.items():
        stock = [each for each in registered if not each[0].__module__.startswith(OURS)]
        monkeypatch.setitem(hooks._hooks, name, stock)


@pytest.mark.embedded
def test_explorer_of_20000_pages_needs_two_queries_more_than_stock_wagtail(editor, departments, settings, monkeypatch):
    url = reverse("wagtailadmin_explore", args=[home_of(departments[0]).pk])
    fill(departments, FEW)
    few = queries(editor, url)
    fill(departments, MANY)
    many = queries(editor, url)
    assert len(many) == len(few)

    without_ours(settings, monkeypatch)
    # The bar above every page is our template, which queries the departments even then.
    stock = [sql for sql in queries(editor, url) if ' FROM "cms_sites_' not in sql]
    assert len(many) <= len(stock) + 2, "\n".join(sql for sql in many if "cms_sites" in sql)


LISTS = (
    "wagtailadmin_choose_page_search",
    "wagtailadmin_pages:search",
    "wagtailadmin_api:pages:listing",
    "wagtailimages:index",
    "wagtailimages_chooser:choose",
    "wagtailadmin_api:images:listing",
    "wagtaildocs:index",
    "wagtaildocs_chooser:choose",
    "wagtailadmin_api:documents:listing",
)


@pytest.mark.embedded
def test_query_count_of_lists_choosers_and_admin_api_is_constant(editor, departments):
    home = home_of(departments[0])
    urls = [reverse("wagtailadmin_choose_page_child", args=[home.pk]), *map(reverse, LISTS)]
    fill(departments, FEW)
    add_files(departments, 40)
    few = {url: len(queries(editor, url)) for url in urls}
    fill(departments, FEW * 4)
    add_files(departments, 160)
    assert {url: len(queries(editor, url)) for url in urls} == few


def add_files(departments, count):
    """Add images and documents to each department; all images share one file."""
    for department in departments:
        collection = department.collection
        image, document = ImageFactory(collection=collection), DocumentFactory(collection=collection)
        shown = {"file": image.file.name, "width": image.width, "height": image.height, "collection": collection}
        CustomImage.objects.bulk_create([CustomImage(title="Image", **shown) for _number in range(count)])
        held = {"file": document.file.name, "collection": collection}
        CustomDocument.objects.bulk_create([CustomDocument(title="Document", **held) for _number in range(count)])


@pytest.mark.parametrize("fields", ["", "&fields=*"])
def test_the_api_of_the_admin_makes_only_wagtails_queries_for_each_page(editor, departments, fields):
    """Parent, its visibility, and the number of children. State, schedule and language are loaded for all together."""
    url = f"{reverse('wagtailadmin_api:pages:listing')}?child_of={home_of(departments[0]).pk}&limit=50{fields}"
    few, many = 5, 50
    costs = []
    for number in (few, many):
        fill(departments[:1], number)
        costs.append(len(queries(editor, url)))
    assert costs[1] - costs[0] <= 3 * (many - few)
