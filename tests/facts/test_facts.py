"""Tests that each fact of `facts.toml` is in the API's answer and on the reader's page of its document."""

import html
import re
import tomllib
from pathlib import Path

import pytest

from cms.delivery.models import PublishedDocument
from sites.models import Department

DOCUMENTS = tomllib.loads((Path(__file__).parent / "facts.toml").read_text(encoding="utf-8"))["document"]

pytestmark = [pytest.mark.embedded, pytest.mark.xdist_group("demo"), pytest.mark.usefixtures("demo", "db")]


def test_every_fact_is_in_its_field_and_on_the_page(client):
    missing = []
    for entry in DOCUMENTS:
        name = f"{entry['case']} {entry['locale']} {entry['slug']}"
        answer = _answer(client, entry)
        pages = [_text_of_page(client, slug, answer) for slug in [entry["department"], *entry.get("also_on", [])]]
        for fact in entry["facts"]:
            found = values_at(answer, fact["at"])
            if not is_true(found, fact):
                missing.append(f"{name}: {fact['fact']}: in {fact['at']} is {found!r}")
            missing += [
                f"{name}: {fact['fact']}: the page does not show {text!r}"
                for text in fact["shown"]
                for page in pages
                if spaced(text) not in page
            ]
    assert not missing, "\n".join(missing)


def test_all_five_cases_have_facts():
    assert {entry["case"] for entry in DOCUMENTS} == set("ABCDE")


def values_at(data, path):
    """Return the values at a dotted path; `*` stands for each item of a list."""
    values = [data]
    for name in path.split("."):
        present = [value for value in values if value is not None]
        values = [item for value in present for item in value] if name == "*" else [value[name] for value in present]
    return values


def is_true(values, fact):
    """Return True if the values at a fact's path match the fact."""
    if "equals" in fact:
        return any(is_equal(value, fact["equals"]) for value in values)
    if "contains" in fact:
        return any(spaced(fact["contains"]) in spaced(value) for value in values)
    if "all" in fact:
        return all(any(is_equal(value, expected) for value in values) for expected in fact["all"])
    candidates = [item for value in values for item in (value if isinstance(value, list) else [value])]
    return any(has(candidate, fact["has"]) for candidate in candidates)


def has(candidate, members):
    if candidate is None:
        return False
    return all(
        has(candidate[name], expected) if isinstance(expected, dict) else is_equal(candidate[name], expected)
        for name, expected in members.items()
    )


def is_equal(value, expected):
    """Return True if two values have the same type and are equal, apart from kinds of spaces."""
    if isinstance(value, str) and isinstance(expected, str):
        return spaced(value) == spaced(expected)
    return type(value) is type(expected) and value == expected


def spaced(text):
    return " ".join(html.unescape(text).split())


def _answer(client, entry):
    """Return the API's answer for a document, requested by its id."""
    document = next(
        document
        for document in PublishedDocument.objects.public().filter(type=entry["type"], locale=entry["locale"])
        if document.data["slug"] == entry["slug"]
    )
    response = client.get(f"/api/v1/contents/{document.content_id}/", {"locale": entry["locale"]})
    assert response.status_code == 200, response.content
    answer = response.json()
    assert answer["department"] == entry["department"]
    return answer


def _text_of_page(client, department_slug, answer):
    """Return the text of a document's page on a department's own host."""
    host = Department.objects.select_related("site").get(slug=department_slug).site.hostname
    response = client.get(answer["path"], headers={"host": host})
    assert response.status_code == 200, (host, answer["path"], response.status_code)
    main = re.sub(r"<(script|style).*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return spaced(re.sub(r"<[^>]+>", " ", main))
