"""The library of the judged queries: the data of `library/`, combined with places, kinds and languages."""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.text import slugify

FOLDER = Path(__file__).with_name("library")
LANGUAGES = ("fr", "en", "it", "fi")
# The day of the queries: earlier events are past.
TODAY = datetime.date(2026, 11, 24)
EVENTS_OF_THEME = 5


@dataclass(frozen=True)
class LibraryDocument:
    """One document in one language. Judgments refer to `facts`; `fields` are further fields of its page."""

    key: str
    locale: str
    type: str
    department: str
    title: str
    summary: str
    text: str
    facts: dict[str, str]
    fields: dict[str, Any] = field(default_factory=dict)


@cache
def library_documents() -> tuple[LibraryDocument, ...]:
    """Return the library, the French documents first."""
    made = [*_professions(), *_services(), *_stories(), *_events(), *_partnerships(), *_pages()]
    return tuple(sorted(made, key=lambda text: LANGUAGES.index(text.locale)))


def departments() -> dict[str, str]:
    """Return the names of the departments by slug."""
    names: dict[str, str] = _read("gatherings")["departments"]
    return names


@cache
def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def _theme(name: str, locale: str) -> dict[str, Any]:
    found: dict[str, Any] = _read(f"themes.{locale}")[name]
    return found


def _departments_of_professions() -> dict[str, str]:
    """Return the department of each profession: where a story about it takes place."""
    cities = {each["city"]: each["department"] for each in _read("gatherings")["places"]["cities"]}
    stories = reversed(_read("stories.fr")["story"])
    found = {each["profession"]: cities[each["city"]] for each in stories if each["city"] in cities}
    return found | {each["profession"]: each["department"] for each in _read("pages.fr")["campaign"]}


def _professions() -> Iterator[LibraryDocument]:
    slugs, homes = list(departments()), _departments_of_professions()
    for number, (key, each) in enumerate(_read("professions").items()):
        facts = {"profession": key, "theme": each["themes"][0]}
        department = homes.get(key, slugs[number % len(slugs)])
        own = f"{each['text']} {' '.join(_theme(name, 'fr')['text'][number % 5] for name in each['themes'][:1])}"
        fields = {"other_names": each["other"], "training": each["training"], "salary_note": each["salary"]}
        summary = each["text"].split(". ")[0]
        yield LibraryDocument(
            f"profession/{key}", "fr", "profession", department, each["title"], summary, own, facts, fields
        )  # fmt: skip
        for locale in each.get("published", ()):
            lines = [line for name in each["themes"] for line in _theme(name, locale)["text"]]
            title = each["labels"][locale]
            yield LibraryDocument(
                f"profession/{key}", locale, "profession", department, title, lines[0], " ".join(lines[1:]), facts
            )


def _services() -> Iterator[LibraryDocument]:
    """Yield one page about the services of a département for each theme and language."""
    slugs = list(departments())
    for number, (name, theme) in enumerate(_read("themes.fr").items()):
        department = slugs[(2 * number) % len(slugs)]
        for locale in LANGUAGES if number % 2 else LANGUAGES[:2]:
            lines = _theme(name, locale)["text"]
            title = theme["page"] if locale == "fr" else _theme(name, locale)["name"].capitalize()
            own = f"{theme['service']}. {' '.join(lines)}" if locale == "fr" else " ".join(lines)
            yield LibraryDocument(
                f"service/{name}", locale, "standard", department, title, lines[0], own, {"theme": name}
            )


def _stories() -> Iterator[LibraryDocument]:
    places = {each["city"]: each["department"] for each in _read("gatherings")["places"]["cities"]}
    for each in _read("stories.fr")["story"]:
        theme = _read("professions")[each["profession"]]["themes"][0]
        title = f"{each['person']}, {each['role']} : « {each['quote'].rstrip('.')} »"
        summary = f"{each['person']} travaille à {each['city']} et raconte son métier."
        yield LibraryDocument(
            f"story/{slugify(each['person'])}", "fr", "testimonial", places.get(each["city"], "gironde"),
            title, summary, each["text"],
            {"profession": each["profession"], "theme": theme, "city": slugify(each["city"])},
            {"person_name": each["person"], "role": each["role"], "quotation": each["quote"]},
        )  # fmt: skip


def _events() -> Iterator[LibraryDocument]:
    data = _read("gatherings")
    kinds, places, years = data["kind"], data["places"]["cities"], data["places"]["years"]
    for number, name in enumerate(_read("themes.fr")):
        for turn in range(EVENTS_OF_THEME):
            kind, place = kinds[(number + turn) % len(kinds)], places[(3 * number + 4 * turn) % len(places)]
            day = datetime.date(years[turn], 1 + (5 * number + 3 * turn) % 12, 1 + (7 * number + turn) % 27)
            facts = {
                "theme": name, "kind": kind["key"], "city": slugify(place["city"]), "year": str(day.year),
                "when": "past" if day < TODAY else "coming",
            }  # fmt: skip
            fields = {"start_date": day, "venue_name": place["venue"], "venue_city": place["city"]}
            for locale in ("fr", *(("en",) if turn < 2 else ()), *(("it", "fi") if turn == number % 2 else ())):
                theme, (label, about) = _theme(name, locale), kind[locale]
                lines = theme["text"]
                said = f"{about} {lines[turn % len(lines)]} {lines[(turn + 1) % len(lines)]}"
                yield LibraryDocument(
                    f"event/{name}/{kind['key']}", locale, "event", place["department"],
                    f"{label} : {theme['name']}" if locale == "fr" else f"{label}: {theme['name']}",
                    f"{place['city']}. {lines[turn % len(lines)]}", said, facts, fields,
                )  # fmt: skip


def _partnerships() -> Iterator[LibraryDocument]:
    slugs = list(departments())
    for number, each in enumerate(_read("cooperations")["partnership"]):
        facts = {"theme": each["theme"], "kind": each["kind"], "status": each["status"]}
        for locale in LANGUAGES:
            if locale in each:
                title, text = each[locale]
                fields = {
                    "kind": each["kind"], "status": each["status"], "keywords": [_theme(each["theme"], locale)["name"]],
                    "programme": "Erasmus+" if each["kind"] == "erasmus" else "",
                }  # fmt: skip
                key, summary = f"partnership/{each['theme']}-{each['kind']}", text.split(". ")[0]
                yield LibraryDocument(
                    key, locale, "partnership", slugs[number % len(slugs)], title, summary, text, facts, fields
                )  # fmt: skip


def _pages() -> Iterator[LibraryDocument]:
    data = _read("pages.fr")
    for each in data["campaign"]:
        profession = _read("professions")[each["profession"]]
        facts = {"profession": each["profession"], "theme": profession["themes"][0]}
        yield LibraryDocument(
            f"campaign/{each['key']}", "fr", "campaign", each["department"], each["title"],
            each["text"].split(". ")[0], each["text"], facts,
        )  # fmt: skip
    for each in data["practical"]:
        yield LibraryDocument(
            f"practical/{each['key']}", "fr", "standard", each["department"], each["title"],
            each["text"].split(". ")[0], each["text"], {"theme": each["theme"]},
        )  # fmt: skip
