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
    cities = {entry["city"]: entry["department"] for entry in _read("gatherings")["places"]["cities"]}
    stories = reversed(_read("stories.fr")["story"])
    found = {entry["profession"]: cities[entry["city"]] for entry in stories if entry["city"] in cities}
    return found | {entry["profession"]: entry["department"] for entry in _read("pages.fr")["campaign"]}


def _professions() -> Iterator[LibraryDocument]:
    slugs, homes = list(departments()), _departments_of_professions()
    for number, (key, entry) in enumerate(_read("professions").items()):
        facts = {"profession": key, "theme": entry["themes"][0]}
        department = homes.get(key, slugs[number % len(slugs)])
        own = f"{entry['text']} {' '.join(_theme(name, 'fr')['text'][number % 5] for name in entry['themes'][:1])}"
        fields = {"other_names": entry["other"], "training": entry["training"], "salary_note": entry["salary"]}
        summary = entry["text"].split(". ")[0]
        yield LibraryDocument(
            f"profession/{key}", "fr", "profession", department, entry["title"], summary, own, facts, fields
        )  # fmt: skip
        for locale in entry.get("published", ()):
            lines = [line for name in entry["themes"] for line in _theme(name, locale)["text"]]
            title = entry["labels"][locale]
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
    places = {entry["city"]: entry["department"] for entry in _read("gatherings")["places"]["cities"]}
    for entry in _read("stories.fr")["story"]:
        theme = _read("professions")[entry["profession"]]["themes"][0]
        title = f"{entry['person']}, {entry['role']} : « {entry['quote'].rstrip('.')} »"
        summary = f"{entry['person']} travaille à {entry['city']} et raconte son métier."
        yield LibraryDocument(
            f"story/{slugify(entry['person'])}", "fr", "testimonial", places.get(entry["city"], "gironde"),
            title, summary, entry["text"],
            {"profession": entry["profession"], "theme": theme, "city": slugify(entry["city"])},
            {"person_name": entry["person"], "role": entry["role"], "quotation": entry["quote"]},
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
                passage = f"{about} {lines[turn % len(lines)]} {lines[(turn + 1) % len(lines)]}"
                yield LibraryDocument(
                    f"event/{name}/{kind['key']}", locale, "event", place["department"],
                    f"{label} : {theme['name']}" if locale == "fr" else f"{label}: {theme['name']}",
                    f"{place['city']}. {lines[turn % len(lines)]}", passage, facts, fields,
                )  # fmt: skip


def _partnerships() -> Iterator[LibraryDocument]:
    slugs = list(departments())
    for number, entry in enumerate(_read("cooperations")["partnership"]):
        facts = {"theme": entry["theme"], "kind": entry["kind"], "status": entry["status"]}
        for locale in LANGUAGES:
            if locale in entry:
                title, text = entry[locale]
                fields = {
                    "kind": entry["kind"], "status": entry["status"],
                    "keywords": [_theme(entry["theme"], locale)["name"]],
                    "programme": "Erasmus+" if entry["kind"] == "erasmus" else "",
                }  # fmt: skip
                key, summary = f"partnership/{entry['theme']}-{entry['kind']}", text.split(". ")[0]
                yield LibraryDocument(
                    key, locale, "partnership", slugs[number % len(slugs)], title, summary, text, facts, fields
                )  # fmt: skip


def _pages() -> Iterator[LibraryDocument]:
    data = _read("pages.fr")
    for entry in data["campaign"]:
        profession = _read("professions")[entry["profession"]]
        facts = {"profession": entry["profession"], "theme": profession["themes"][0]}
        yield LibraryDocument(
            f"campaign/{entry['key']}", "fr", "campaign", entry["department"], entry["title"],
            entry["text"].split(". ")[0], entry["text"], facts,
        )  # fmt: skip
    for entry in data["practical"]:
        yield LibraryDocument(
            f"practical/{entry['key']}", "fr", "standard", entry["department"], entry["title"],
            entry["text"].split(". ")[0], entry["text"], {"theme": entry["theme"]},
        )  # fmt: skip
