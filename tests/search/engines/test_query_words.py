"""Queries with excluded words, many words, misspelled words and no words, on both engines."""

import datetime

import pytest

from . import samples
from .test_contract import found, keys, search


@pytest.mark.parametrize("field", ["title", "names", "text", "places", "labels", "aliases", "foreign"])
def test_a_word_with_a_minus_excludes_any_form_in_any_field(engine, field):
    form = "Moniteurs"
    values = {
        "title": {"title": form}, "names": {"names": (form,)}, "text": {"text": form}, "places": {"places": (form,)},
        "labels": {"labels": {"fr": (form,)}}, "aliases": {"aliases": {"fr": (form,)}},
        "foreign": {"aliases": {"fr": (form,)}, "locale": "en"},
    }[field]  # fmt: skip
    shown, hidden = samples.document(61, "Girafe moderne"), samples.document(60, **({"title": "Girafe"} | values))
    engine.apply([shown, hidden], ())
    left = found(engine, "-moniteur", locales=("fr", "en"))
    assert keys(shown)[0] in left
    assert keys(hidden)[0] not in left
    assert keys(hidden)[0] in found(engine, "-erasmus", locales=("fr", "en"))


@pytest.mark.parametrize("kind", ["{}{}", "educ{}{}", "educateu{}{}"])
def test_a_query_of_many_words_is_answered(engine, kind):
    """Prefixes and misspelled words that are similar to many words of the documents."""
    letters = "abcdefgh"
    each = [f"{first}{second}" for first in letters for second in letters]
    rows = [samples.document(100 + n, " ".join(kind.format(e, "x" * n) for e in each)) for n in range(12)]
    engine.apply(rows, ())
    q = " ".join(kind.format(e, "") for e in each[:32])
    assert search(engine, q).count == search(engine, q, locales=("fr", "en")).count


def test_without_words_languages_follow_in_order(engine):
    """The last language has more documents, with higher weights, than an engine reorders."""
    rows = [samples.document(1000 + n, f"Ammatti {n}", locale="fi", type="profession") for n in range(230)]
    rows += [samples.document(2000 + n, f"Home {n}", locale="en", type="home", sequence=3000 + n) for n in range(3)]
    past = datetime.date(2020, 1, 1)
    rows.append(samples.document(3000, "Ancienne page", type="section", starts_on=past, ends_on=past))
    engine.apply(rows, ())
    shown = [hit.locale for hit in search(engine, locales=("fr", "en", "fi"), limit=20).hits]
    number = search(engine, locales=("fr",)).count
    assert shown == ["fr"] * number + ["en"] * 4 + ["fi"] * (16 - number)
    assert {hit.locale for hit in search(engine, locales=("fi", "fr")).hits} == {"fi"}
