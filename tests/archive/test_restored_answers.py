"""A department that leaves and is restored answers as before: the demo's five, byte for byte."""

import pytest
from django.core.cache import caches
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from wagtail_localize.models import StringSegment, Translation

from cms.content_types.registry import document_types
from cms.delivery.models import PublishedDocument
from cms.pages.models import CopyOrigin
from sites.models import Department, Sharing
from tests.demo.demo import committed_demo

from .archives import remove_files

pytestmark = [pytest.mark.xdist_group("demo"), pytest.mark.usefixtures("restored", "db")]

# A department that holds another's content comes after it: docs/archive.md.
ORDER = ("92", "03", "37", "38", "41")
HEADERS = ("ETag", "Content-Language", "Cache-Control", "Content-Type")


def answers():
    """Every answer of the API by its URL: the bytes and the headers."""
    caches["default"].clear()
    client, found = Client(), {}
    departments = list(Department.objects.values_list("slug", flat=True))
    locales = ["fr", "en", "it", "fi"]
    lists = ["contents", "professions", "testimonials", "events", "partnerships", "campaigns"]
    urls = ["/api/v1/", "/api/v1/departments/", *(f"/api/v1/departments/{slug}/" for slug in departments)]
    for name in lists:
        urls.append(f"/api/v1/{name}/?page_size=100")
        urls += [f"/api/v1/{name}/?page_size=7&page={page}" for page in (1, 2)]
        for department in departments:
            urls.append(f"/api/v1/{name}/?page_size=100&department={department}")
            urls += [f"/api/v1/{name}/?page_size=100&department={department}&locale={code}" for code in locales]
    urls += [f"/api/v1/contents/?page_size=100&type={document_type.name}" for document_type in document_types()]
    for content, locale in PublishedDocument.objects.values_list("content_id", "locale"):
        urls += [f"/api/v1/contents/{content}/", f"/api/v1/contents/{content}/?locale={locale}"]
    for url in urls:
        response = client.get(url)
        found[url] = (response.status_code, response.content, [response.headers.get(name) for name in HEADERS])
    return found


def placements():
    """Return the placements of every document."""
    rows = PublishedDocument.objects.order_by("pk").values_list(
        "content_id", "locale", "placements__department__slug", "placements__path", "placements__is_canonical"
    )
    return sorted(rows, key=str)


def progress():
    """Return the progress of every translation."""
    return {
        (str(each.source.object_id), each.target_locale.language_code): (each.uuid, each.enabled, each.get_progress())
        for each in Translation.objects.select_related("source", "target_locale")
    }


@pytest.fixture(scope="module")
def restored(django_db_setup, django_db_blocker, tmp_path_factory):
    """Export the demo's departments, import them into the empty database; return what was so before and the folder."""
    folder = tmp_path_factory.mktemp("archives")
    with django_db_blocker.unblock():
        remove_files()
        with committed_demo():
            before = {"answers": answers(), "placements": placements(), "progress": progress()}
            before["segments"] = StringSegment.objects.count()
            for code in ORDER:
                call_command("export_department", code, output=folder / f"{code}.zip", verbosity=0)
        remove_files()
        with transaction.atomic():
            for code in ORDER:
                call_command("import_department", folder / f"{code}.zip", verbosity=0)
            yield before
            transaction.set_rollback(True)
        remove_files()


def test_api_responses_are_equal_after_restore(restored):
    after = answers()
    assert after.keys() == restored["answers"].keys()
    assert len(after) > 250
    assert [url for url in after if after[url] != restored["answers"][url]] == []


def test_compared_responses_have_the_expected_status(restored):
    statuses = {status for status, _content, _headers in restored["answers"].values()}
    assert statuses == {200, 404}  # 404: past the last page of a short list.
    details = [value for url, value in restored["answers"].items() if "?locale=" in url]
    assert all(status == 200 and headers[0] for status, _content, headers in details)


def test_placements_are_equal_after_restore(restored):
    assert placements() == restored["placements"]
    assert {row[2] for row in placements()} == set(Department.objects.values_list("slug", flat=True))


def test_co_holding_is_restored():
    holding = Sharing.objects.in_force().get(kind=Sharing.Kind.CO_HOLDING)
    assert holding.department.slug == "loir-et-cher"
    documents = PublishedDocument.objects.filter(content_id=holding.content_key)
    assert {document.department.slug for document in documents} == {"indre-et-loire"}


def test_mirrors_and_copies_are_linked_to_their_origins():
    mirror = Sharing.objects.placed().get(kind=Sharing.Kind.OFFER)
    documents = PublishedDocument.objects.public()
    assert documents.on_site_of(mirror.department).filter(content_id=mirror.content_key).exists()
    copy = CopyOrigin.objects.get()
    document = documents.get(content_id=copy.content_key)
    assert (document.department.slug, document.data["origin"]["department"]) == ("allier", "hauts-de-seine")


def test_translation_progress_is_equal_after_restore(restored):
    assert progress() == restored["progress"]
    assert StringSegment.objects.count() == restored["segments"]


def test_media_urls_are_equal_after_restore(client):
    document = PublishedDocument.objects.filter(type="event", locale="fr", department__slug="allier").get()
    url = document.data["image"]["url"].removeprefix("http://allier.localhost:8000")
    response = client.get(url)
    assert response.status_code == 200
    assert b"".join(response.streaming_content)
    response.close()
