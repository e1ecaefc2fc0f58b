"""Tests that each content type renders every value of a document, as valid and accessible HTML."""

import json
import re
from itertools import pairwise

import pytest
from bs4 import BeautifulSoup
from django.utils import translation

from cms.blocks import streams
from cms.reader.formatting import localized_values
from cms.reader.formatting.labels import LABELS

from .document_values import BODY, ROOT
from .samples import CONTENT, document

pytestmark = pytest.mark.embedded

TYPES = sorted(CONTENT)

# Identifiers, and parts of URLs.
NOT_RENDERED = {
    "id", "type", "department", "departments", "slug", "path", "locale", "lists", "embed_url", "time_zone", "relation",
    "hash", "stale", "stale_since", "source_revision", "reviewed_at", "progress",
}  # fmt: skip
# Values that appear in attributes or in the layout, not as a text.
RENDERED_WITHOUT_TEXT = {"width", "height", "size", "latitude", "longitude"}
# Vocabularies of codes whose key has another name than their vocabulary in LABELS.
VOCABULARIES = {
    ("event", "status"): "event_status",
    ("event", "attendance_mode"): "attendance",
    ("sessions", "kind"): "session_kind",
    ("stands", "kind"): "stand_kind",
    ("organisation", "kind"): "organisation_kind",
    ("employer", "kind"): "organisation_kind",
    ("holder", "kind"): "organisation_kind",
    ("partnership", "kind"): "partnership_kind",
    ("partnership", "status"): "partnership_status",
    ("activities", "kind"): "activity_kind",
    ("partners", "status"): "partner_status",
    ("deliverables", "state"): "deliverable_state",
    ("salary", "period"): "salary_period",
}
# Texts of values that the language of the page formats.
WORDS = {
    ("price", "amount"): "€12.50",
    ("price", "currency"): "€",
    ("salary", "minimum"): "€2,100",
    ("salary", "maximum"): "€2,900",
    ("salary", "currency"): "€",
    ("event", "price"): "€12.50",
    ("partnership", "duration_months"): "3 years",
    ("activities", "start"): "December 2020",
    ("partnership", "deadline"): "March 2020",
    ("partnership", "updated_on"): "15 October 2019",
    ("video", "duration"): "3 min",
    ("diplomas", "level"): "EQF level 6",
}


def test_the_samples_have_every_kind_of_block():
    assert [block["type"] for block in BODY] == [name for name, _block in streams.BODY]


def leaves(value, parent, key):
    """Yield (parent, key, value) of each leaf that is not missing."""
    match value:
        case dict():
            for name, part in value.items():
                yield from leaves(part, key if isinstance(key, str) else parent, name)
        case list():
            for part in value:
                if isinstance(part, dict):
                    for name, inner in part.items():
                        yield from leaves(inner, key, name)
                else:
                    yield from leaves(part, parent, key)
        case None | "" | bool():
            pass
        case _:
            yield parent, key, value


def expected(parent, key, value):
    """Return the texts that the page must contain for a value."""
    if key in NOT_RENDERED | RENDERED_WITHOUT_TEXT:
        return []
    if key in LABELS:
        return [str(LABELS[key].get(value, ""))]
    if key == "kind" and value in LABELS["file_kind"]:
        return [str(LABELS["file_kind"][value])]
    if (parent, key) == ("value", "kind"):
        return [str(LABELS["organisation_kind"][value])]
    if (parent, key) in VOCABULARIES:
        return [str(LABELS[VOCABULARIES[parent, key]][value])]
    if (parent, key) in WORDS:
        return [WORDS[parent, key]]
    if key in {"country", "countries"}:
        return [localized_values.country(value)]
    if key in {"language", "source_locale"}:
        return [localized_values.language(value)]
    if key == "status" and parent == "translation":
        return ["Translated from"]
    if isinstance(value, str) and value.startswith("<"):
        html = BeautifulSoup(value, "html.parser")
        urls = [link["href"].removeprefix(ROOT) for link in html.find_all("a")]
        return [*html.stripped_strings, *urls]
    if isinstance(value, str) and value.endswith((".max-1600.jpg", "poster.max-480.jpg")):
        return []  # A card and a logo show the thumbnail, a video the large size.
    if isinstance(value, str) and value.startswith(ROOT):
        return [value.removeprefix(ROOT)]
    return [str(value)]


def all_text_of(page):
    """Return the text and the attribute values of a page, with single spaces."""
    for mark in page.select(".note-mark"):  # Footnote marks interrupt the text of the theme; another test covers it.
        mark.decompose()
    attributes = [value for tag in page.find_all(True) for value in tag.attrs.values() if isinstance(value, str)]
    return re.sub(r"\s+", " ", " ".join([page.get_text(" "), page.get_text(), *attributes]))


@pytest.mark.parametrize("type_", TYPES)
def test_every_value_of_the_document_is_on_the_page(type_, publish, read):
    publish(type_)
    page = all_text_of(read(f"/en/{type_}s/sample/"))
    with translation.override("en"):
        sample = document(type_)
        wanted = [
            (parent, key, text)
            for part, root in ((sample["content"], type_), ({**sample, "content": None}, "document"))
            for parent, key, value in leaves(part, root, root)
            for text in expected(parent, key, value)
        ]
    missing = [entry for entry in wanted if re.sub(r"\s+", " ", entry[2]) not in page]
    assert wanted
    assert not missing, "not on the page; show it, or add a code to VOCABULARIES and a formatted value to WORDS"


@pytest.mark.parametrize("type_", TYPES)
def test_page_has_one_h1_ordered_headings_unique_ids_and_alternatives(type_, publish, read):
    publish(type_)
    page = read(f"/en/{type_}s/sample/")
    levels = [int(heading.name[1]) for heading in page.find_all(re.compile(r"^h[1-6]$"))]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(level <= above + 1 for above, level in pairwise(levels)), levels
    ids = [tag["id"] for tag in page.find_all(id=True)]
    assert len(ids) == len(set(ids))
    assert all(image.has_attr("alt") for image in page.find_all("img"))
    assert all(link.get_text(strip=True) or link.get("aria-label") for link in page.find_all("a"))
    targets = [link["href"][1:] for link in page.find_all("a", href=re.compile("^#"))]
    assert set(targets) <= set(ids)
    assert page.find("main", id="content")
    assert not page.find_all(["style", "iframe"])
    # They complete search words, and offer the visitor's language.
    assert {script.get("src") for script in page.find_all("script")} == {
        "/static/reader/search.js",
        "/static/reader/languages.js",
    }
    assert not page.find_all(style=True)


@pytest.mark.parametrize("type_", TYPES)
def test_document_with_only_required_values_is_rendered(type_, publish, read):
    def emptied(value):
        match value:
            case dict():
                return {key: emptied(part) for key, part in value.items()}
            case list():
                return []
            case str():
                return ""
        return None

    kept = {
        "event": {"start": "2024-04-02", "end": "2024-04-03", "time_zone": "Europe/Paris", "status": "scheduled"},
        "partnership": {"kind": "other", "status": "ended", "contact": None},
        "profession": {"salary": None},
        "testimonial": {"video": None, "profession": None, "person": {**emptied(CONTENT["testimonial"]["person"])}},
        "campaign": {"call_to_action": None},
        "section": {"lists": "event"},
    }
    content = {**emptied(CONTENT[type_]), **kept.get(type_, {})}
    for member in ("venue", "funding_frame"):
        if member in content:
            content[member] = None
    if type_ == "event":
        content["price"]["amount"] = None
    if type_ == "testimonial":
        content["person"]["employer"] = None
    publish(type_, content=content, image=None, alternates=[], summary="", first_published_at=None)
    text = read(f"/en/{type_}s/sample/").get_text()
    assert "None" not in text


def test_image_of_a_page_comes_in_both_sizes(publish, read):
    publish("standard")
    image = read("/en/standards/sample/").select_one(".hero-image img")
    assert image["src"] == "/media/cover.max-1600.jpg"
    assert image["srcset"] == "/media/cover.max-480.jpg 480w, /media/cover.max-1600.jpg 1600w"


def test_titles_are_escaped_everywhere(publish, get):
    attack = '<script>alert("1")</script>'
    publish("event", title=attack, path="/en/events/attack/")
    publish("section", title=attack, path="/en/events/")
    for path in ("/en/events/attack/", "/en/events/"):
        html = get(path).content.decode()
        assert "<script>" not in html
        assert "&lt;script&gt;alert(&quot;1&quot;)" in html


def test_programme_shows_local_times_of_the_event(publish, read):
    publish("event")
    programme = read("/en/events/sample/").select_one(".programme")
    assert programme.h3.time.get_text() == "Tuesday, 2 April 2024"
    assert [time.get_text() for time in programme.select(".session-time time")] == ["09:15", "09:30", "14:30"]


def test_footnotes_and_their_marks_link_each_other(publish, read):
    publish("event")
    page = read("/en/events/sample/")
    for number in ("1", "2"):
        mark, note = page.find(id=f"note-mark-{number}"), page.find(id=f"note-{number}")
        assert mark["href"] == f"#note-{number}"
        assert note.find("a", href=f"#note-mark-{number}")


def test_partners_are_grouped_by_country_with_their_status(publish, read):
    publish("partnership")
    page = read("/en/partnerships/sample/")
    partners = next(section for section in page.find_all("section") if section.h2.get_text() == "Partners")
    headings = [heading.get_text(strip=True) for heading in partners.find_all("h3")]
    assert headings == ["Italy", "France", "Finland", "Other countries", "Partners sought"]
    statuses = [status.get_text(strip=True) for status in partners.select(".partner-status")]
    assert statuses == ["To be confirmed", "Coordinator", "Sought", "Sought"]


def test_video_has_controls_captions_and_a_transcript(publish, read):
    publish("testimonial")
    page = read("/en/testimonials/sample/")
    video = page.video
    assert video.has_attr("controls")
    assert video.source["src"] == "/media/videos/ines.mp4"
    tracks = {track["srclang"]: track for track in video.find_all("track")}
    assert set(tracks) == {"en", "fr"}
    assert tracks["en"].has_attr("default")
    assert not tracks["fr"].has_attr("default")
    assert "My name is Inès" in page.details.get_text()


def test_video_of_an_unknown_platform_is_a_link(publish, read):
    content = document("testimonial")["content"]
    content["video"] |= {"file_url": "", "captions": []}
    publish("testimonial", content=content)
    page = read("/en/testimonials/sample/")
    assert page.video is None
    assert page.find("a", href="https://videos.example.org/w/ines")
    assert page.find("img", alt="Inès smiles at the camera")
    assert page.find("iframe") is None


@pytest.mark.parametrize("status", ["postponed", "cancelled", "full", "moved_online"])
def test_status_of_an_event_is_shown_first(status, publish, read):
    content = document("event")["content"] | {"status": status}
    publish("event", content=content)
    assert read("/en/events/sample/").select_one(f".notice-{status}").get_text(strip=True)


@pytest.mark.parametrize(("status", "offers"), [("scheduled", True), ("moved_online", True), ("cancelled", False)])
def test_registration_is_shown_only_for_events_that_take_place(status, offers, publish, read):
    publish("event", content=document("event")["content"] | {"status": status})
    assert bool(read("/en/events/sample/").select_one(".hero .button")) is offers


def test_document_is_rendered_in_its_language(publish, read):
    publish("event", locale="fr", path="/fr/evenements/exemple/", translation={"status": "original"})
    page = read("/fr/evenements/exemple/")
    assert page.html["lang"] == "fr"
    assert "mardi 2 avril 2024" in page.get_text()
    assert "12,50" in page.get_text()


def test_samples_are_serializable():
    for type_ in TYPES:
        assert json.loads(json.dumps(document(type_))) == document(type_)
