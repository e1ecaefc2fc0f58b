"""Match quality and order of completions."""

import pytest

from search.query.completion_ranking import (
    CONTAINS_ALL,
    NEAR_MATCH,
    STARTS_WITH,
    Completion,
    TypedPrefix,
    best_matching_name,
    match_quality,
    rank_completions,
)


def typed(text):
    return TypedPrefix.parse(text, "fr")


@pytest.mark.parametrize(
    ("text", "candidate", "worth"),
    [
        ("assist", "Assistant de service social", STARTS_WITH),
        ("assistant de ser", "Assistant de service social", STARTS_WITH),
        ("ser", "Assistant de service social", CONTAINS_ALL),
        ("social assist", "Assistant de service social", CONTAINS_ALL),
        ("asistant", "Assistant de service social", NEAR_MATCH),
        ("monlin", "Moulins", NEAR_MATCH),
        ("mox", "Moulins", None),
        ("lyon", "Moulins", None),
        ("assistant lyon", "Assistant de service social", None),
        ("educ", "Éducateur", STARTS_WITH),
        ("la mu", "La Mure", STARTS_WITH),
    ],
)
def test_match_quality(text, candidate, worth):
    assert match_quality(typed(text), candidate) == worth


def test_the_best_name_is_chosen_and_the_first_of_equals():
    names = ("Assistant de service social", "Assistante sociale", "Travailleur social")
    assert best_matching_name(typed("assist"), names) == "Assistant de service social"
    assert best_matching_name(typed("assistante"), names) == "Assistante sociale"
    assert best_matching_name(typed("médecin"), names) == ""


def test_order_by_match_quality_then_professions_places_titles():
    title, place, profession = (
        Completion("Moulins accueille", "event"), Completion("Moulins", "place"), Completion("Moulinier", "profession"),
    )  # fmt: skip
    inside = Completion("Aide à Moulins", "profession")
    assert rank_completions(typed("moulin"), [title, inside, place, profession], 8) == [
        profession,
        place,
        title,
        inside,
    ]


def test_places_are_limited_if_there_are_other_candidates():
    places = [Completion(f"Moulins {number}", "place") for number in range(9)]
    titles = [Completion(f"Moulins en {number}", "event") for number in range(9)]
    assert (
        sum(completion.kind == "place" for completion in rank_completions(typed("moulins"), [*places, *titles], 8)) == 3
    )
    assert (
        sum(completion.kind == "place" for completion in rank_completions(typed("moulins"), [*places, titles[0]], 8))
        == 8
    )


def test_equal_texts_are_offered_once():
    same = [Completion("Éducateur", "profession", "1"), Completion("educateur", "standard", "2")]
    assert [completion.content_id for completion in rank_completions(typed("educ"), same, 8)] == ["1"]
