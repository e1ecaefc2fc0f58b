"""Rich text of the editor is refused before its conversion if the conversion would multiply it."""

import json

import pytest
from django.urls import reverse
from wagtail.admin.rich_text.converters.contentstate import ContentstateConverter
from wagtail.test.utils.form_data import nested_form_data, streamfield

from cms.blocks.text import RICH_TEXT_FEATURES
from cms.pages.models import StandardPage
from sites.validation.editor_content import FREE_REPETITIONS, is_editor_content
from tests.factories.departments import make_department
from tests.factories.pages import home_of
from tests.factories.users import make_user

PREFIX = "https://example.org/"


def accepts(text):
    return is_editor_content(text, ContentstateConverter(RICH_TEXT_FEATURES).exporter)


def text_with_one_link(uses, length, uses_of_a_block=500):
    """Return a content state in which so many ranges use one link, whose address has so many characters."""
    ranges = [
        [{"offset": 2 * use, "length": 1, "key": 0} for use in range(min(uses_of_a_block, uses - first))]
        for first in range(0, uses, uses_of_a_block)
    ]
    blocks = [
        {
            "key": f"b{number}", "text": "ab" * len(each), "type": "unstyled", "depth": 0, "inlineStyleRanges": [],
            "entityRanges": each,
        }
        for number, each in enumerate(ranges)
    ]  # fmt: skip
    url = PREFIX + "a" * (length - len(PREFIX))
    return json.dumps(
        {"blocks": blocks, "entityMap": {"0": {"type": "LINK", "mutability": "MUTABLE", "data": {"url": url}}}}
    )


@pytest.mark.parametrize(
    ("uses", "length"),
    [(200, 200_000), (499, 100_000), (2_000, 2_000), (400, 1_000), (30, 2_000)],
)
@pytest.mark.parametrize("uses_of_a_block", [1, 500])
def test_a_link_that_is_repeated_too_often_is_refused(uses, length, uses_of_a_block):
    assert not accepts(text_with_one_link(uses, length, uses_of_a_block))


@pytest.mark.parametrize(("uses", "length"), [(1, 100_000), (5, 2_000), (100, 100), (500, 60), (2_000, 40)])
@pytest.mark.parametrize("uses_of_a_block", [1, 500])
def test_accepted_text_grows_by_a_bounded_number_of_characters(uses, length, uses_of_a_block):
    text = text_with_one_link(uses, length, uses_of_a_block)
    assert accepts(text)
    html = ContentstateConverter(RICH_TEXT_FEATURES).to_database_format(text)
    assert html.count(PREFIX) == uses
    assert len(html) <= 2 * len(text) + FREE_REPETITIONS


def test_a_range_without_key_uses_the_link_of_that_name():
    block = {"text": "a", "entityRanges": [{"offset": 0, "length": 1}]}
    entity = {"type": "LINK", "data": {"url": PREFIX}}
    assert accepts(json.dumps({"blocks": [block], "entityMap": {"None": entity}}))
    assert not accepts(json.dumps({"blocks": [block], "entityMap": {}}))


def text_with(**changes):
    block = {"key": "b", "text": "ab", "type": "unstyled", "depth": 0, "inlineStyleRanges": [], "entityRanges": []}
    entities = {"0": changes.pop("entity", {"type": "LINK", "data": {"url": PREFIX}})}
    return json.dumps({"blocks": [block | changes], "entityMap": entities})


def styled(name):
    return text_with(inlineStyleRanges=[{"offset": 0, "length": 1, "style": name}])


@pytest.mark.parametrize("name", ["x" * 100_000, "fallback", "FALLBACK", "", "LINK ", "SCRIPT", 7, None])
def test_what_no_editor_knows_is_refused_before_each_use_is_logged(name, caplog):
    """A name of 100,000 characters with 1,000 uses wrote 100 MB into the log."""
    for text in (text_with(type=name), styled(name), text_with(entity={"type": name, "data": {}})):
        assert not accepts(text)
    assert caplog.records == []


def test_what_the_editor_sends_is_accepted():
    exporter = ContentstateConverter(RICH_TEXT_FEATURES).exporter
    for name in set(exporter.block_options) - {"fallback"}:
        assert accepts(text_with(type=name))
    for name in {*exporter.style_options, "COMMENT-12"} - {"FALLBACK"}:
        assert accepts(styled(name))
    for name in set(exporter.entity_options) - {"FALLBACK"}:
        assert accepts(text_with(entity={"type": name, "data": {}}))


@pytest.mark.django_db
def test_a_form_answers_as_much_as_it_gets(client, commits):
    """A form of 143 kB took 20 s of CPU, and its answer had 100 MB."""
    with commits():
        department = make_department("allier")
    client.force_login(make_user("editor", groups=["allier:editor"]))
    client.raise_request_exception = False
    url = reverse("wagtailadmin_pages:add", args=["pages", "standardpage", home_of(department).pk])
    text = text_with_one_link(499, 50_000)
    form = {
        "title": "Page", "slug": "page", "summary": "", "image": "", "comments-TOTAL_FORMS": 0,
        "comments-INITIAL_FORMS": 0, "body": streamfield([("text", text)]),
    }  # fmt: skip
    response = client.post(url, nested_form_data(form))
    assert response.status_code == 400
    assert len(response.content) < 2 * len(text)
    assert not StandardPage.objects.exists()
