"""No text of a document stops the index: what cannot be indexed is reported and withdrawn, and the feed goes on."""

import json
from itertools import cycle

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cms.delivery.models import FeedCounter, PublishedDocument
from cms.management.instance_status import InstanceStatus
from search.indexing import tasks
from search.indexing.index_updates import index_failed_documents
from search.indexing.rebuild import index_status, rebuild
from search.models import IndexCursor, UnindexedDocument
from search.query.search_query import SearchQuery, parse_words
from sites.models import Department
from tests.factories.bodies import CONTENT
from tests.factories.documents import DepartmentFactory, DocumentFactory
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db

# Texts on which Django's `strip_tags`, html.parser and `html.unescape` raise or take quadratic time, and others.
PIECES = ("<", "<a", "<b>", "<![a", "<!--", "&", "&#", "9" * 4500, ";", ">", "\n", "\u0345", "x" * 200, "2026-01-01")
ODD = st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=12).map("".join)
POISONS = ("<a" * 60 + "b" * 1100, "a > b <![a <![a <![a", "a < b &#" + "9" * 4500 + ";")


def found(engine, words):
    return engine.search(SearchQuery(words=parse_words(words))).count


def rewrite(document, body):
    """Store another version of a document, with the next number of the feed, as the publisher does."""
    counter = FeedCounter.objects.get()
    counter.last += 1
    counter.save()
    PublishedDocument.objects.filter(pk=document.pk).update(body=body, sequence=counter.last)


def broken(document):
    """Return the body of a document with a date that cannot be read."""
    return json.dumps(document.data | {"content": document.data["content"] | {"start": "Zorglub"}})


def with_texts(value, texts):
    """Return a part of a document with other texts in all its keys."""
    if isinstance(value, str):
        return next(texts)
    if isinstance(value, list):
        return [with_texts(item, texts) for item in value]
    if isinstance(value, dict):
        return {key: item if key == "type" else with_texts(item, texts) for key, item in value.items()}
    return value


@pytest.mark.parametrize("text", POISONS, ids=range(len(POISONS)))
def test_a_plain_text_is_indexed_as_it_is(text, each_engine, search_index):
    heading = {"type": "heading", "value": f"Chimpanzé {text}"}
    document = DocumentFactory(department__slug="allier", type="standard", facts={"body": [heading]})
    DocumentFactory(department=document.department, title="Ouistiti")
    engine = search_index()
    assert found(engine, "chimpanzé") == found(engine, "ouistiti") == 1
    assert not UnindexedDocument.objects.exists()
    assert index_status(engine).is_complete


@given(data=st.data())
@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_no_text_in_any_field_stops_the_feed(search_index, data):
    kind = data.draw(st.sampled_from(sorted(CONTENT)))
    words = data.draw(st.lists(ODD, min_size=1, max_size=5))
    department = Department.objects.first() or DepartmentFactory(slug="allier")
    document = DocumentFactory(department=department, type=kind)
    later = DocumentFactory(department=department, title="Ouistiti")
    texts = {key: with_texts(document.data[key], cycle(words)) for key in ("title", "summary", "content")}
    PublishedDocument.objects.filter(pk=document.pk).update(body=json.dumps(document.data | texts))
    engine = search_index()
    assert IndexCursor.objects.get().sequence == later.sequence
    assert found(engine, "ouistiti") == PublishedDocument.objects.filter(title="Ouistiti").count()
    assert index_status(engine).is_complete


def test_a_document_that_cannot_be_indexed_is_withdrawn_and_the_feed_goes_on(each_engine, search_index, caplog):
    document = DocumentFactory(department__slug="allier", title="Chimpanzé")
    engine = search_index()
    assert found(engine, "chimpanzé") == 1
    good = document.body
    rewrite(document, broken(document))
    DocumentFactory(department=document.department, title="Ouistiti", sequence=FeedCounter.objects.get().last + 1)
    search_index()
    assert found(engine, "chimpanzé") == 0, "an earlier version may have words that are no longer public"
    assert found(engine, "ouistiti") == 1
    assert "cannot take the document" in caplog.text
    row = UnindexedDocument.objects.get()
    assert (str(row), "Zorglub" in row.error) == (f"{document.content_id}:fr", True)
    assert index_status(engine).is_complete
    state = InstanceStatus().as_json()
    assert state["index"]["failed"] == 1
    assert "1 documents cannot be indexed" in state["problems"]

    assert index_failed_documents(engine) == 1
    assert UnindexedDocument.objects.count() == 1
    rewrite(document, good)
    search_index()
    assert found(engine, "chimpanzé") == 1
    assert not UnindexedDocument.objects.exists()


def test_a_withdrawn_document_is_no_failure(search_index):
    document = DocumentFactory(department__slug="allier")
    rewrite(document, broken(document))
    search_index()
    assert UnindexedDocument.objects.exists()
    rewrite(document, "")
    PublishedDocument.objects.update(is_withdrawn=True)
    search_index()
    assert not UnindexedDocument.objects.exists()


def test_a_rebuild_goes_on(each_engine, search_index):
    document = DocumentFactory(department__slug="allier", title="Chimpanzé")
    DocumentFactory(department=document.department, title="Ouistiti")
    former = search_index()
    rewrite(document, broken(document))
    engine = rebuild()
    assert (found(engine, "chimpanzé"), found(engine, "ouistiti")) == (0, 1)
    assert UnindexedDocument.objects.values_list("index", flat=True).get() == engine.name != former.name


def test_half_a_character_is_refused_by_no_engine_for_others(each_engine, search_index):
    document = DocumentFactory(department__slug="allier", title="Chimpanzé")
    DocumentFactory(department=document.department, title="Ouistiti")
    rewrite(document, json.dumps(document.data | {"summary": "\ud800"}))
    assert found(search_index(), "ouistiti") == 1
    assert UnindexedDocument.objects.exists()


def test_the_dashboard_says_so_and_tries_again(search_index, client):
    document = DocumentFactory(department__slug="allier", title="Chimpanzé")
    search_index()
    rewrite(document, broken(document))
    search_index()
    client.force_login(make_user("operator", is_superuser=True))
    shown = client.get(reverse("wagtailadmin_home")).content.decode()
    assert "1 documents cannot be indexed" in shown or "1 documents ne peuvent" in shown
    PublishedDocument.objects.update(body=document.body)
    assert tasks.index_failed.call() == 1
    assert not UnindexedDocument.objects.exists()
