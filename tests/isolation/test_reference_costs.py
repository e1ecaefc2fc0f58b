"""Forms with many links and choosers: one query for all objects of a model, and a limit of links."""

import json
from itertools import product

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.test.utils.form_data import nested_form_data, streamfield

from cms.delivery.documents.draft_documents import draft_document
from cms.delivery.models import PublishedDocument
from cms.pages.models import StandardPage
from sites.validation.editor_content import MAX_ENTITIES, RichTextArea, excess_of, read_content
from tests.factories.departments import make_department
from tests.factories.media import DocumentFactory, ImageFactory
from tests.factories.pages import make_page
from tests.factories.users import make_user

MISSING = 10**6
# Queries that do not depend on the references: an earlier draft exists, or not.
MARGIN = 8


def text_with(entities):
    """Return the content state of a text with a paragraph for each entity."""
    blocks = [
        {
            "key": f"b{number}", "text": "mot", "type": "unstyled", "depth": 0, "inlineStyleRanges": [],
            "entityRanges": [{"offset": 0, "length": 3, "key": number}],
        }
        for number in range(len(entities))
    ]  # fmt: skip
    found = {
        str(number): {"type": kind, "mutability": "MUTABLE", "data": data}
        for number, (kind, data) in enumerate(entities)
    }
    return json.dumps({"blocks": blocks, "entityMap": found})


@pytest.fixture
def page(client, commits):
    allier, isere = make_department("allier", locales=("fr",)), make_department("isere", locales=("fr",))
    with commits():
        page = make_page(StandardPage, allier, title="Page", slug="page", body=[("text", "<p>x</p>")])
        page.own = [make_page(StandardPage, allier, title=f"O{n}", slug=f"o{n}") for n in range(12)]
        page.foreign = make_page(StandardPage, isere, title="F", slug="f")
        page.documents = [DocumentFactory(collection=allier.collection) for _ in range(12)]
        page.images = [ImageFactory(collection=allier.collection) for _ in range(12)]
    client.force_login(make_user("editor", groups=["allier:editor"]))
    return page


def links(page, number):
    """Return links to own, foreign and missing pages, and to own and missing documents."""
    return [
        entity
        for n in range(number)
        for entity in (
            ("LINK", {"id": page.own[n].pk, "url": "/x"}),
            ("LINK", {"id": page.foreign.pk, "url": "/x"}),
            ("LINK", {"id": MISSING + n, "url": "/x"}),
            ("DOCUMENT", {"id": page.documents[n].pk, "url": "/x", "filename": "x"}),
            ("DOCUMENT", {"id": MISSING + n, "url": "/x", "filename": "x"}),
        )
    ]


def costs(client, page, body):
    """Return the numbers of queries to store a draft, and to open its form."""
    url = reverse("wagtailadmin_pages:edit", args=[page.pk])
    form = {
        "title": "Page", "slug": "page", "summary": "s", "comments-TOTAL_FORMS": 0, "comments-INITIAL_FORMS": 0,
        **nested_form_data({"body": streamfield(body), "attachments": streamfield([])}),
    }  # fmt: skip
    with CaptureQueriesContext(connection) as stored:
        assert client.post(url, form).status_code == 302
    with CaptureQueriesContext(connection) as opened:
        assert client.get(url).status_code == 200
    return len(stored), len(opened)


@pytest.mark.django_db
def test_links_are_looked_up_together(client, page):
    few = costs(client, page, [("text", text_with(links(page, 1)))])
    many = costs(client, page, [("text", text_with(links(page, 12)))])
    assert many[0] <= few[0] + MARGIN
    assert many[1] <= few[1] + MARGIN
    draft = StandardPage.objects.get(pk=page.pk).get_latest_revision_as_object().body[0].value.source
    assert draft.count('linktype="page"') == draft.count('linktype="document"') == 12
    assert f'id="{MISSING}"' not in draft
    assert f'id="{page.foreign.pk}"' not in draft


def link_to(page, kind, number):
    """Return an HTML link to another object of its kind for each number below 12."""
    document = page.documents[number]
    return {
        "page": f'<a linktype="page" id="{page.own[number].pk}">mot</a>',
        "missing page": f'<a linktype="page" id="{MISSING + number}">mot</a>',
        "impossible page": f'<a linktype="page" id="{10**30 + number}">mot</a>',
        "document": f'<a linktype="document" id="{document.pk}">mot</a>',
        "missing document": f'<a linktype="document" id="{MISSING + number}">mot</a>',
        "URL of a document": f'<a href="{document.url}">mot</a>',
    }[kind]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("action", "kind"),
    [
        *product(("publish", "preview"), ("page", "missing page", "document", "missing document")),
        ("preview", "URL of a document"),  # Publication refuses it.
    ],
)
def test_new_links_are_looked_up_together_when_a_page_is_published_or_previewed(page, commits, kind, action):
    def queries(number):
        page.body = [("text", f"<p>{''.join(link_to(page, kind, n) for n in range(number))}</p>")]
        with commits():
            revision = page.save_revision(clean=False)  # Forms refuse some of these links.
        with CaptureQueriesContext(connection) as captured:
            if action == "publish":
                with commits():
                    revision.publish()
            else:
                draft_document(page)
        return len(captured)

    queries(0)
    few = queries(1)
    assert queries(12) <= few + MARGIN


@pytest.mark.django_db
def test_a_link_that_no_key_can_be_does_not_stop_the_publication(page, commits):
    with commits():
        page.body = [("text", f"<p>{link_to(page, 'impossible page', 0)} {link_to(page, 'page', 0)}</p>")]
        page.save_revision(clean=False).publish()
    document = PublishedDocument.objects.get(page_id=page.pk).data
    assert document["content"]["body"][0]["value"].count("href") == 1


@pytest.mark.django_db
def test_images_are_looked_up_together(client, page):
    blocks = [("image", {"image": image.pk}) for image in page.images]
    few = costs(client, page, blocks[:2])
    many = costs(client, page, blocks)
    assert many[0] <= few[0] + MARGIN
    # The form shows a rendition of each image, which is made once.
    costs(client, page, blocks)
    missing = [("image", {"image": MISSING + number}) for number in range(12)]
    refused = [costs(client, page, missing[:number])[0] for number in (2, 12)]
    assert refused[1] <= refused[0] + MARGIN


@pytest.mark.django_db
def test_pages_of_choosers_are_looked_up_together(client, page):
    """Wagtail read the page type and the parent of each: a form with 480 choosers made 1,290 queries."""
    few = costs(client, page, [("related", streamfield([("item", each.pk) for each in page.own[:2]]))])
    many = costs(client, page, [("related", streamfield([("item", each.pk) for each in page.own]))])
    assert StandardPage.objects.get(pk=page.pk).get_latest_revision_as_object().body[0].value[11].pk == page.own[11].pk
    assert many[0] <= few[0] + MARGIN
    assert many[1] <= few[1] + MARGIN


def test_a_text_has_a_limited_number_of_links():
    entity = ("LINK", {"id": 1, "url": "/x"})

    def excess(number):
        text = text_with([entity] * number)
        return excess_of(read_content(text, RichTextArea().converter.exporter), len(text))

    assert not excess(MAX_ENTITIES)
    assert excess(MAX_ENTITIES + 1)
