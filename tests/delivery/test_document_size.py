"""A document has a maximum size, however often its page repeats an object and whatever grows after its publication."""

from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db.models import TextField
from django.urls import reverse
from django.utils.formats import number_format
from wagtail.models import PageViewRestriction
from wagtail.test.utils.form_data import nested_form_data, streamfield

from cms.api import pagination
from cms.delivery.documents import document_size, document_writer
from cms.delivery.documents.document_data import as_json
from cms.delivery.documents.document_size import DocumentTooLargeError, refuse_large_document
from cms.delivery.documents.related_objects import embedded_models
from cms.delivery.models import PublicationState, PublishedDocument, RefreshRequest
from cms.pages.models import StandardPage
from sites.models import Department
from tests.factories.media import ImageFactory
from tests.factories.pages import OrganisationFactory, home_of, make_page
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "data",
    [
        {"a": ["é" * 50] * 20, "b": {"c": None, "d": [1, 2.5, True]}},
        {"a": [{"key": "value", "other": []} for _ in range(60)]},
        {"a": [[]] * 300},
    ],
)
def test_the_size_is_that_of_the_json(data, monkeypatch):
    size = len(as_json(data).encode())
    monkeypatch.setattr(document_size, "MAX_BYTES", int(size * 1.5))
    refuse_large_document(data)
    monkeypatch.setattr(document_size, "MAX_BYTES", int(size * 0.9))
    with pytest.raises(DocumentTooLargeError):
        refuse_large_document(data)


def test_a_small_page_with_a_large_document_is_not_public(department, commits, document_of):
    """A page of 10 kB became a document of 100 MB, and each reader of it took half a gigabyte."""
    organisation = OrganisationFactory(owner=department, locale=department.source_locale, description="Courte.")
    with commits():
        page = make_page(StandardPage, department, title="Avant", body=[("organisation", organisation)] * 100)
    before = PublishedDocument.objects.get(page_id=page.pk)
    assert len(before.body) < 100_000

    type(organisation).objects.filter(pk=organisation.pk).update(description="é" * 1_000_000)
    with commits():
        page.title = "Après"
        page.save_revision().publish()
    assert document_of(page) == {}
    assert PublicationState.objects.get(page_id=page.pk).error.startswith("DocumentTooLargeError")


def test_a_snippet_that_grows_withdraws_the_document_and_is_reported(department, commits, client, document_of):
    organisation = OrganisationFactory(owner=department, locale=department.source_locale, description="Courte.")
    with commits():
        page = make_page(StandardPage, department, title="Annuaire", body=[("organisation", organisation)] * 300)
        other = make_page(StandardPage, department, title="Autre", body=[("organisation", organisation)])
    with commits():
        organisation.description = "x" * 4_000
        organisation.save()
    assert document_of(page) == {}, "the former document may show what is private now"
    assert document_of(other)["content"]["body"][0]["value"]["description"] == "x" * 4_000
    client.force_login(make_user("publisher", groups=["allier:publisher"]))
    assert reverse("publication_retry", args=[page.pk]) in client.get(reverse("wagtailadmin_home")).content.decode()
    with pytest.raises(CommandError, match=f"page {page.pk} fails since .*DocumentTooLarge"):
        call_command("check_publication", stdout=StringIO())

    with commits():
        organisation.description = "Plus longue."
        organisation.save()
    assert document_of(page)["content"]["body"][0]["value"]["description"] == "Plus longue."
    assert not PublicationState.objects.exclude(error="").exists()


def test_a_document_that_is_too_large_does_not_keep_public_what_becomes_private(
    department, commits, document_of, client
):
    organisation = OrganisationFactory(owner=department, locale=department.source_locale, description="Courte.")
    with commits():
        shown = make_page(StandardPage, department, title="zqprivate")
        body = [("related", [shown]), *[("organisation", organisation)] * 300]
        page = make_page(StandardPage, department, title="Annuaire", body=body)
    path = document_of(page)["path"]
    assert b"zqprivate" in client.get(path, headers={"host": "allier.example.test"}).content
    with commits():
        type(organisation).objects.filter(pk=organisation.pk).update(description="x" * 5_000)
        PageViewRestriction.objects.create(page=shown, restriction_type=PageViewRestriction.LOGIN)
    assert client.get(path, headers={"host": "allier.example.test"}).status_code == 404
    assert "zqprivate" not in client.get("/api/v1/contents/").content.decode()


def test_texts_that_documents_of_others_repeat_have_a_maximum():
    """A description of a million letters would withdraw the pages of all departments that show it."""
    unlimited = {
        f"{model._meta.label}.{field.name}"
        for model in [*embedded_models(), Department]
        for field in model._meta.concrete_fields
        if type(field) is TextField and field.max_length is None
    }
    assert unlimited == set()


def test_the_form_refuses_to_publish_a_page_whose_document_is_too_large(department, commits, client):
    organisation = OrganisationFactory(owner=department, locale=department.source_locale, description="x" * 4_000)
    client.force_login(make_user("publisher", groups=["allier:publisher"]))
    url = reverse("wagtailadmin_pages:add", args=["pages", "standardpage", home_of(department).pk])

    def post(blocks, **action):
        form = {
            "title": "Page", "slug": f"page-{blocks}", "summary": "", "image": "", "image_alt": "", "seo_title": "",
            "search_description": "", "comments-TOTAL_FORMS": 0, "comments-INITIAL_FORMS": 0,
            "body": streamfield([("organisation", str(organisation.pk))] * blocks),
        }  # fmt: skip
        with commits():
            return client.post(url, nested_form_data(form | action))

    response = post(300, **{"action-publish": "x"})
    (error,) = response.context["form"].errors.as_data()["title"]
    assert error.params["number"] == number_format(document_size.MAX_BYTES_OF_FORM, force_grouping=True)
    assert error.params["part"] == "Contenu › Organisation (300)"
    assert "divisez la page" in str(error.messages)
    assert not StandardPage.objects.exists()
    assert post(300).status_code == 302, "a draft may have any size"
    assert post(10, **{"action-publish": "x"}).status_code == 302
    assert PublishedDocument.objects.filter(type="standard").count() == 1


def test_a_page_that_the_form_accepts_keeps_its_document_when_others_write_longer_texts(department, commits, client):
    """240 organisations with short descriptions, as of a directory: their texts grew within their limits."""
    organisations = OrganisationFactory.create_batch(
        120, owner=department, locale=department.source_locale, description="Courte."
    )
    client.force_login(make_user("publisher", groups=["allier:publisher"]))
    url = reverse("wagtailadmin_pages:add", args=["pages", "standardpage", home_of(department).pk])

    def publish(shown):
        form = {
            "title": "Page", "slug": f"page-{len(shown)}", "summary": "", "image": "", "image_alt": "", "seo_title": "",
            "search_description": "", "comments-TOTAL_FORMS": 0, "comments-INITIAL_FORMS": 0,
            "body": streamfield([("organisation", str(each.pk)) for each in shown]), "action-publish": "x",
        }  # fmt: skip
        with commits():
            return client.post(url, nested_form_data(form)).status_code

    assert publish(organisations * 2) == 200
    assert publish(organisations) == 302
    with commits():
        for organisation in organisations:
            organisation.description = "Établissement d’accueil. " * 200
            organisation.full_clean()
            organisation.save()
    document = PublishedDocument.objects.get(type="standard")
    assert not document.is_withdrawn
    assert 600_000 < len(document.body.encode()) < document_size.MAX_BYTES


def test_former_documents_of_a_page_that_cannot_be_composed_are_withdrawn(
    department, commits, document_of, monkeypatch
):
    with commits():
        page = make_page(StandardPage, department, title="zqformer")
    former = page.translation_key

    def fail(*arguments):
        raise RuntimeError("no document")

    monkeypatch.setattr(document_writer, "serialize_page", fail)
    with commits():
        page.translation_key = uuid4()
        page.save()
    assert PublishedDocument.objects.get(content_id=former).is_withdrawn
    assert PublicationState.objects.get(page_id=page.pk).error == "RuntimeError: no document"


def test_the_check_of_a_form_takes_a_fixed_number_of_queries(department, commits, django_assert_max_num_queries):
    images = [ImageFactory(collection=department.collection) for _ in range(40)]
    with commits():
        page = make_page(StandardPage, department, publish=False, body=[("image", {"image": each}) for each in images])
    with django_assert_max_num_queries(40):
        document_size.refuse_large_page(page, department)


@pytest.mark.parametrize(
    ("size", "most", "sizes"),
    [
        (100, 4, [4, 4, 3]),
        (100, 3, [2, 2, 2, 2, 2, 1]),
        (6, 4, [3, 3, 3, 2]),
        (7, 4, [1] * 11),
        (20, 1, [1] * 11),
        (4, 4, [4, 4, 3]),
    ],
)
def test_a_list_of_large_documents_is_answered_in_smaller_pages(
    department, commits, client, monkeypatch, size, most, sizes
):
    """Ten pages of 6 MB were an answer of 68 MB, a hundred took 1.7 GB of memory."""
    with commits():
        for number in range(11):
            make_page(StandardPage, department, title=f"Page {number}", body=[("text", "<p>" + "a" * 9_000 + "</p>")])
    monkeypatch.setattr(pagination, "MAX_RESULT_CHARACTERS", most * 10_000)

    def read(url, link):
        pages = []
        while url:
            answer = client.get(url).json()
            assert answer["count"] == 11
            pages.append([each["title"] for each in answer["results"]])
            url, last = answer[link], url
        return pages, last

    first = "/api/v1/contents/?type=standard" + ("" if size == 20 else f"&page_size={size}")
    pages, last = read(first, "next")
    assert [len(page) for page in pages] == sizes
    titles = [title for page in pages for title in page]
    assert sorted(titles) == sorted(f"Page {number}" for number in range(11))
    backwards, _first = read(last, "previous")
    assert backwards == pages[::-1]


def test_a_large_page_in_the_middle_of_a_list_is_divided_where_it_begins(department, commits, client, monkeypatch):
    with commits():
        for number in range(9):
            text = "<p>" + "a" * (9_000 if number > 3 else 10) + "</p>"
            make_page(StandardPage, department, title=f"Page {number}", body=[("text", text)])
    monkeypatch.setattr(pagination, "MAX_RESULT_CHARACTERS", 30_000)
    url, titles = "/api/v1/contents/?type=standard&page_size=4&locale=fr", []
    sizes = []
    while url:
        answer = client.get(url).json()
        sizes.append(len(answer["results"]))
        titles += [each["title"] for each in answer["results"]]
        url = answer["next"]
    assert sizes == [4, 2, 2, 1]
    assert titles == [f"Page {number}" for number in range(9)]
    PublishedDocument.objects.filter(title="Page 4").update(body="{")
    monkeypatch.setattr(pagination, "MAX_RESULT_CHARACTERS", 20_000)
    unreadable_first = client.get("/api/v1/contents/?type=standard&page_size=4&locale=fr&page=2").json()
    following = client.get(unreadable_first["next"]).json()
    found = [[each["title"] for each in answer["results"]] for answer in (unreadable_first, following)]
    assert found == [["Page 5"], ["Page 6", "Page 7"]]
    monkeypatch.setattr(pagination, "MAX_RESULT_CHARACTERS", 1_000)
    assert client.get("/api/v1/contents/?type=standard&page_size=1").status_code == 200
    assert not RefreshRequest.objects.exists()
