"""The cost of a sitemap: one query for an unchanged one, one rendering for each state, files of limited size."""

import re
import uuid
from copy import copy
from datetime import timedelta
from xml.etree import ElementTree

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cms.delivery.models import FeedCounter, PublishedDocument
from cms.reader.languages.sitemap import MAX_URLS, sitemap_state
from cms.reader.site_resolution import ResolvedSite

from .conftest import HOST
from .document_values import ROOT

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture
def queries(get):
    """Return a function that requests a path and returns the answer and the SQL that it took."""

    def queries(path="/sitemap.xml", host=HOST, **headers):
        with CaptureQueriesContext(connection) as captured:
            response = get(path, host, **headers)
        return response, [query["sql"] for query in captured]

    return queries


def locations(response, element="url"):
    entries = ElementTree.fromstring(response.content).iter(SITEMAP + element)  # noqa: S314
    return [entry.find(f"{SITEMAP}loc").text for entry in entries]


def publish_many(document, number):
    """Publish copies of a document, each a content of its own in two languages."""
    rows = []
    for content in range(number):
        content_id = uuid.uuid4()
        for locale in ("fr", "en"):
            row = copy(document)
            row._state = copy(document._state)
            row.pk, row._state.adding, row.content_id, row.locale = None, True, content_id, locale
            row.path, row.sequence = f"/{locale}/page-{content:05}/", document.sequence + len(rows) + 1
            rows.append(row)
    PublishedDocument.objects.bulk_create(rows)


def test_an_unchanged_sitemap_takes_one_query_and_its_bytes_are_kept(publish, queries):
    publish("event", path="/fr/salon/", locale="fr")
    first, rendered = queries()
    again, kept = queries()
    unchanged, conditional = queries(**{"if-none-match": first["ETag"]})
    assert (first.status_code, again.status_code, unchanged.status_code) == (200, 200, 304)
    assert (again.content, again["ETag"], unchanged["ETag"]) == (first.content, first["ETag"], first["ETag"])
    assert unchanged["Cache-Control"] == first["Cache-Control"] == "no-cache"
    # One finds the site, the other the state of its documents.
    assert len(kept) == len(conditional) == 2
    assert len(rendered) == 4
    assert not any('"body"' in sql for sql in conditional)


def test_the_kept_sitemap_is_of_one_site(publish, get):
    publish("event", path="/fr/salon/", locale="fr")
    assert get("/sitemap.xml").content == get("/allier/sitemap.xml", "cms.example.test").content
    assert get("/isere/sitemap.xml", "cms.example.test").status_code == 404


@pytest.mark.parametrize("change", ["publish", "withdraw", "expire", "edit", "move", "host", "restore"])
def test_every_change_ends_the_kept_sitemap(publish, get, allier, change):
    soon = timezone.now() + timedelta(hours=1)
    document = publish("event", path="/fr/salon/", locale="fr", row={"expires_at": soon})
    other = publish("event", path="/fr/forum/", locale="fr")
    etag = get("/sitemap.xml")["ETag"]
    expected = {f"{ROOT}/fr/salon/", f"{ROOT}/fr/forum/"}
    rows, next_number = PublishedDocument.objects.filter(pk=document.pk), other.sequence + 1
    now = timezone.now()
    match change:
        case "publish":
            publish("event", path="/fr/new/", locale="fr")
            expected.add(f"{ROOT}/fr/new/")
        case "withdraw":
            rows.update(is_withdrawn=True, sequence=next_number)
            expected.remove(f"{ROOT}/fr/salon/")
        case "expire":
            now = soon + timedelta(seconds=1)
            expected.remove(f"{ROOT}/fr/salon/")
        case "edit":
            rows.update(changed_at=now + timedelta(days=3), sequence=next_number)
        case "move":
            rows.update(path="/fr/moved/", sequence=next_number)
            expected = {f"{ROOT}/fr/moved/", f"{ROOT}/fr/forum/"}
        case "host":
            allier.site.port = 8443
            allier.site.save()
            expected = {url.replace(ROOT, allier.site.root_url) for url in expected}
        case "restore":
            counter = FeedCounter.objects.get()
            counter.renew_epoch("a test")
    with time_machine.travel(now, tick=False):
        changed = get("/sitemap.xml", **{"if-none-match": etag})
    assert changed.status_code == 200
    assert set(locations(changed)) == expected


def test_a_large_site_has_an_index_of_files(publish, queries):
    publish_many(publish("event", path="/fr/salon/", locale="fr"), MAX_URLS)
    index, of_index = queries()
    files = [f"{ROOT}/sitemap.xml?page={number}" for number in (1, 2, 3)]
    assert (locations(index, "sitemap"), locations(index)) == (files, [])
    assert len(of_index) == 2
    found = []
    for file in files:
        response, of_file = queries(file.removeprefix(ROOT))
        assert (len(of_file), response["Content-Type"]) == (4, "application/xml; charset=utf-8")
        assert len(locations(response)) <= MAX_URLS
        found += locations(response)
        # The versions of a content are in different files, and have links to each other all the same.
        assert response.content.count(b"hreflang=") >= 3 * (len(locations(response)) - 1)
    assert len(found) == len(set(found)) == 2 * MAX_URLS + 1
    etags = {queries(file.removeprefix(ROOT))[0]["ETag"] for file in files} | {index["ETag"]}
    assert len(etags) == 4


@pytest.mark.parametrize("page", ["0", "2", "-1", "01", "x", "", "9" * 400, "\x00", "1.0"])
def test_a_file_that_does_not_exist_is_not_found(publish, get, client, page):
    publish("event", path="/fr/salon/", locale="fr")
    assert get("/sitemap.xml?page=1").status_code == 200
    assert client.get("/sitemap.xml", {"page": page}, headers={"host": HOST}).status_code == 404


def test_an_index_answers_the_query_of_the_state(publish, allier):
    """The database reads no document, whose JSON is long."""
    publish_many(publish("event", path="/fr/salon/", locale="fr"), 50)
    with CaptureQueriesContext(connection) as captured:
        sitemap_state(ResolvedSite(allier, "", "/", "fr"))
    (query,) = [each["sql"] for each in captured if "COUNT" in each["sql"]]
    index = next(each for each in PublishedDocument._meta.indexes if each.name == "public_of_department")
    columns = {PublishedDocument._meta.get_field(name).column for name in index.fields}
    assert set(re.findall(r'"delivery_publisheddocument"\."(\w+)"', query)) <= columns
    # The plan of PostgreSQL depends on statistics, which other tests change.
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {query}")
            plan = " ".join(str(row) for row in cursor.fetchall())
        assert "COVERING INDEX public_of_department" in plan
