"""Tests that the API's answers equal the golden files, and that these fill every field."""

import datetime
import json

import pytest

from cms.blocks import streams
from cms.content_types.registry import document_types
from cms.pages.checks import page_types

from . import document_md
from .conftest import GOLDEN
from .samples import KEYS

CONTENTS = "/api/v1/contents/"
DOCUMENTS = {
    **{name: (key, "fr") for name, key in KEYS.items()},
    "event.en": (KEYS["event"], "en"),
}
OTHER_ANSWERS = {"events.list", "problem.locale-not-found", "problem.withdrawn"}

# Paths that no sample of the type fills: a video is a file or a page on a platform.
EMPTY = {
    "testimonial": {"video.page_url", "video.embed_url"},
    "testimonial.hosted": {"video.file_url"},
}
CARD_KEYS = set(document_md.shared()["Card"])


def golden(name):
    return json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_document(samples, db, client, assert_golden, name):
    content_id, locale = DOCUMENTS[name]

    response = client.get(f"{CONTENTS}{content_id}/", {"locale": locale})

    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/json")
    assert_golden(name, response)


def test_list(samples, db, client, assert_golden):
    response = client.get("/api/v1/events/", {"department": "allier", "page_size": 1})

    assert_golden("events.list", response)


def test_a_missing_language_is_a_problem_document(samples, db, client, assert_golden):
    response = client.get(f"{CONTENTS}{KEYS['profession']}/", {"locale": "it"})

    assert (response.status_code, response.headers["Content-Type"]) == (404, "application/problem+json")
    assert_golden("problem.locale-not-found", response)


def test_withdrawn_content_is_a_problem_document(samples, commits, client, assert_golden):
    with commits():
        samples["profession"].unpublish()

    response = client.get(f"{CONTENTS}{KEYS['profession']}/", {"locale": "fr"})

    assert (response.status_code, response.headers["Content-Type"]) == (404, "application/problem+json")
    assert_golden("problem.withdrawn", response)


def test_every_golden_file_is_compared():
    assert {path.stem for path in GOLDEN.glob("*.json")} == {*DOCUMENTS, *OTHER_ANSWERS}


def test_declared_types_are_the_types_of_page_models_and_have_samples():
    names = [document_type.name for document_type in document_types()]
    assert sorted(names) == sorted(model.document_type for model in page_types())
    assert set(names) <= set(DOCUMENTS)


@pytest.mark.parametrize("name", KEYS)
def test_every_field_is_filled(name):
    document = golden(name)
    values = list(values_by_path(document["content"]))
    filled = {path for path, value in values if value not in (None, "", [])}

    assert all(document[key] for key in ("title", "summary", "path", "image"))
    # An object that is null in one item of a list may be filled in another item.
    assert {
        path for path, _value in values if not any(f"{each}.".startswith(f"{path}.") for each in filled)
    } == EMPTY.get(name, set())


def test_every_block_occurs():
    bodies = {name: content["body"] for name in KEYS if "body" in (content := golden(name)["content"])}
    assert bodies
    for name, body in bodies.items():
        assert {block["type"] for block in body} == {kind for kind, _block in streams.BODY}, name


def test_types_with_dates_have_a_start_and_an_end():
    names = [document_type.name for document_type in document_types() if document_type.has_dates]
    assert names
    for name in names:
        content = golden(name)["content"]
        assert content.keys() >= {"start", "end"}, name
        assert all(datetime.date.fromisoformat(content[key][:10]) for key in ("start", "end")), name


def values_by_path(value, path=""):
    """Yield the dotted path and the value of each leaf; the items of a list share one path."""
    match value:
        case {"type": kind, "value": member}:
            yield from values_by_path(member, f"{path}.{kind}")
        case dict():
            # Only cards of types with dates have a start, and only those of incomplete translations `translation`.
            missing = {"start", "translation"} if value.keys() == CARD_KEYS else set()
            for key, member in value.items():
                if key in missing and member is None:
                    continue
                yield from values_by_path(member, f"{path}.{key}".lstrip("."))
        case list() if value:
            for member in value:
                yield from values_by_path(member, path)
        case _:
            yield path, value
