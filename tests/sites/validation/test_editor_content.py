"""Rich text of the editor is refused before its conversion if the conversion would multiply it.

A value that no editor sends gets 400; a paragraph beyond a limit, which people can write, gets an error in the form.
"""

import html
import json
import re

import pytest
from django.forms import modelform_factory
from django.urls import reverse
from wagtail.admin.rich_text.converters.contentstate import ContentstateConverter
from wagtail.test.utils.form_data import nested_form_data, streamfield

from cms.blocks.text import RICH_TEXT_FEATURES
from cms.pages.models import CampaignPage, StandardPage
from sites.validation.editor_content import (
    FREE_REPETITIONS,
    MAX_BLOCKS,
    MAX_BLOCKS_OF_REQUEST,
    MAX_ENTITIES,
    MAX_LINE_BREAKS,
    MAX_RANGES,
    MAX_STYLES,
    RichTextArea,
    excess_of,
    read_content,
)
from tests.factories.departments import make_department
from tests.factories.pages import home_of
from tests.factories.users import make_user

PREFIX = "https://example.org/"


def accepts(text):
    content = read_content(text, ContentstateConverter(RICH_TEXT_FEATURES).exporter)
    return content is not None and not excess_of(content, len(text))


def text_with_one_link(uses, length, uses_of_a_block=500):
    """Return a content state in which so many ranges use one link, whose URL has so many characters."""
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
    converted = ContentstateConverter(RICH_TEXT_FEATURES).to_database_format(text)
    assert converted.count(PREFIX) == uses
    assert len(converted) <= 2 * len(text) + FREE_REPETITIONS


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


def ranges(number, **values):
    return [{"offset": place, "length": 1, **values} for place in range(number)]


# A text beyond each limit, and a part of the sentence.
EXCESSES = {
    "deep items": (
        json.dumps(
            {"blocks": [{"type": "unordered-list-item", "depth": 20 * (n % 2)} for n in range(MAX_BLOCKS // 5)]}
        ),
        f"plus de {MAX_BLOCKS} paragraphes",
    ),
    "paragraphs": (json.dumps({"blocks": [{}] * (MAX_BLOCKS + 1)}), f"plus de {MAX_BLOCKS} paragraphes"),
    "line breaks": (text_with(text="Début\n" * (MAX_LINE_BREAKS + 1)), f"plus de {MAX_LINE_BREAKS} retours à la ligne"),
    "bold": (text_with(inlineStyleRanges=ranges(MAX_RANGES + 1, style="BOLD")), f"plus de {MAX_RANGES} passages"),
    "comments": (
        text_with(
            inlineStyleRanges=[
                {"offset": 0, "length": 1, "style": f"COMMENT-{number}"} for number in range(MAX_STYLES + 1)
            ]
        ),
        f"plus de {MAX_STYLES} mises en forme",
    ),
    "links": (text_with(entityRanges=ranges(MAX_RANGES + 1, key=0)), f"plus de {MAX_RANGES} liens"),
    "entities": (
        json.dumps(
            {
                "blocks": [],
                "entityMap": {str(key): {"type": "LINK", "data": {"url": "/"}} for key in range(MAX_ENTITIES + 1)},
            }
        ),
        f"plus de {MAX_ENTITIES} liens",
    ),
    "addresses": (text_with_one_link(499, 50_000), "adresses longues"),
}


@pytest.fixture
def editor(client, commits):
    with commits():
        department = make_department("allier")
    client.force_login(make_user("editor", groups=["allier:editor"]))
    client.raise_request_exception = False
    return client, department


def page_form(*texts):
    return nested_form_data(
        {
            "title": "Page", "slug": "page", "summary": "", "image": "", "comments-TOTAL_FORMS": 0,
            "comments-INITIAL_FORMS": 0, "body": streamfield([("text", text) for text in texts]),
        }
    )  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("text_and_reason", EXCESSES.values(), ids=EXCESSES)
def test_a_paragraph_beyond_a_limit_is_an_error_of_its_field(editor, text_and_reason):
    """The whole page could not be saved, and the answer named neither the paragraph nor the limit."""
    client, department = editor
    text, reason = text_and_reason
    url = reverse("wagtailadmin_pages:add", args=["pages", "standardpage", home_of(department).pk])
    response = client.post(url, page_form(text_with(text="Bien."), text))
    assert response.status_code == 200
    errors = response.context["form"].errors["body"].as_data()[0].block_errors
    assert list(errors) == [1]
    assert reason in str(errors[1].messages)
    if "blocks" in text and "Début" in text:
        assert "« Début Début" in str(errors[1].messages)
    shown = response.context["form"]["body"].value()
    state = shown.stream_block.get_form_state(shown)
    assert "Bien." in state[0]["value"]
    assert state[1]["value"] == text, "the form keeps what was typed"
    assert len(response.content) < 200_000 + 8 * len(text)
    assert not StandardPage.objects.exists()

    answer = client.post(url, page_form(text), headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()["error_code"]) == (400, "validation_error"), "an automatic save"
    assert client.post(url, page_form(text_with(text="Bien."))).status_code == 302


@pytest.mark.django_db
def test_the_paragraphs_of_all_texts_of_a_form_are_counted(editor):
    client, department = editor
    url = reverse("wagtailadmin_pages:add", args=["pages", "standardpage", home_of(department).pk])
    full = json.dumps({"blocks": [{}] * MAX_BLOCKS})
    response = client.post(url, page_form(*[full] * (MAX_BLOCKS_OF_REQUEST // MAX_BLOCKS + 1)))
    assert response.status_code == 200
    assert str(MAX_BLOCKS_OF_REQUEST) in str(response.context["form"].errors["body"].as_data()[0].block_errors)
    assert client.post(url, page_form(full, full)).status_code == 302


def test_marks_of_comments_are_removed_without_a_line_in_the_log(caplog):
    """Wagtail's exporter writes a line at each place where an unknown style holds."""
    marks = [{"offset": 0, "length": 4, "style": f"COMMENT-{number}"} for number in range(20)]
    bold = {"offset": 1, "length": 2, "style": "BOLD"}
    widget = RichTextArea(features=RICH_TEXT_FEATURES)
    caplog.clear()
    found = [
        widget.value_from_datadict({"text": text_with(text="abcd", inlineStyleRanges=ranges)}, {}, "text")
        for ranges in ([*marks, bold], [bold])
    ]
    escaped = text_with(text="abcd", inlineStyleRanges=[*marks, bold]).replace("COMMENT", "\\u0043OMMENT")
    found.append(widget.value_from_datadict({"text": escaped}, {}, "text"))
    assert caplog.records == []
    assert len({re.sub('data-block-key="[^"]*"', "", each) for each in found}) == 1
    assert "<b>bc</b>" in found[0]


@pytest.mark.django_db
def test_a_field_of_a_model_keeps_a_paragraph_beyond_a_limit():
    text, reason = EXCESSES["line breaks"]
    form = modelform_factory(CampaignPage, fields=["introduction"])({"introduction": text})
    assert reason in str(form.errors["introduction"])
    assert form["introduction"].value() == text
    assert text in html.unescape(str(form["introduction"]))


@pytest.mark.django_db
@pytest.mark.parametrize("text", [text_with(type="SCRIPT"), styled("SCRIPT"), text_with(depth=10**30), "<p>", "[]"])
def test_what_no_editor_sends_is_a_malformed_request(editor, text):
    client, department = editor
    url = reverse("wagtailadmin_pages:add", args=["pages", "standardpage", home_of(department).pk])
    assert client.post(url, page_form(text)).status_code == 400
    assert not StandardPage.objects.exists()
