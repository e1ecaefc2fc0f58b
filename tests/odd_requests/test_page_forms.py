"""Tests that no value in a form of a page makes the editor or the preview fail, for every field and every block."""

from collections import Counter

import pytest
from django.urls import reverse

from tests.factories.users import make_user
from tests.isolation.test_form_references import PAGE_MODELS

from .odd_values import BLOCK_IDS, KEYS, NUMBERS, RICH_TEXTS, TEXTS, TYPES
from .request_sender import Sender, faults_of
from .sent_forms import BLOCK_ID, REFERENCE, RICH_TEXT, STRUCTURE, VALUE, positions_of

pytestmark = pytest.mark.embedded

MODELS = [model.__name__ for model in PAGE_MODELS]
VALUES = {VALUE: TEXTS, REFERENCE: KEYS, BLOCK_ID: BLOCK_IDS}
ROUNDS = max(map(len, VALUES.values()))
# Fields that are valid alone can contradict each other. Each attempt leaves out those with errors.
ATTEMPTS = 6


@pytest.fixture
def sender(client, samples):
    client.force_login(make_user("a", groups=["allier:administrator"]))
    return Sender(client)


def url_of(name, page):
    return reverse(f"wagtailadmin_pages:{name}", args=[page.pk])


def positions_of_page(sender, page):
    return list(positions_of(sender.client.get(url_of("edit", page)).context["form"]))


def data_of(positions):
    return {position.name: position.value for position in positions}


def odd_values(positions, number):
    """Return the values of one round: each position gets another value of its kind in each round."""
    return {
        position.name: VALUES[position.kind][(index + number) % len(VALUES[position.kind])]
        for index, position in enumerate(positions)
        if position.kind in VALUES
    }


@pytest.mark.parametrize("model", MODELS)
def test_odd_values_get_errors_at_their_fields(sender, samples, model):
    """Half of the rounds display the form again; the other half validate it for the preview, which costs less."""
    page = samples[model]
    positions = positions_of_page(sender, page)
    form, found = data_of(positions), set()
    for number in range(ROUNDS):
        url = url_of(("edit", "preview_on_edit")[number % 2], page)

        def fault_of(odd, url=url):
            answer = sender.send("POST", url, data=form | odd)
            is_general = answer.response.status_code == 400
            return answer.fault or (f"400 {answer.response.content.decode()}" if is_general else "")

        found.update(faults_of(fault_of, odd_values(positions, number)))
    assert not found, "\n".join(sorted(found))


@pytest.mark.parametrize("model", MODELS)
def test_pages_with_accepted_odd_values_are_published_and_shown(sender, samples, model):
    page = samples[model]
    positions = positions_of_page(sender, page)
    form, found, published = data_of(positions) | {"action-publish": "1"}, set(), 0
    urls = [url_of(name, page) for name in ("edit", "preview_on_edit", "view_draft", "history")]

    def send(odd):
        return sender.send("POST", url_of("edit", page), *urls, data=form | odd)

    for number in range(1, ROUNDS, 5):
        odd = odd_values(positions, number)
        odd = {
            each.name: odd[each.name] for each in positions if each.kind == VALUE and each.is_accepted(odd[each.name])
        }
        for _attempt in range(ATTEMPTS):
            answer = send(odd)
            if answer.fault or answer.response.status_code == 302:
                break
            errors = answer.response.context["form"].errors
            odd = {name: value for name, value in odd.items() if name.partition("-")[0] not in errors}
        published += answer.response.status_code == 302 and bool(odd)
        found.update(faults_of(lambda odd: send(odd).fault, odd) if answer.fault else ())
    assert not found, "\n".join(sorted(found))
    assert published


def test_odd_rich_text_is_refused_with_the_name_of_its_field_or_saved(sender, samples):
    page = samples["StandardPage"]
    positions = positions_of_page(sender, page)
    name = next(position.name for position in positions if position.kind == RICH_TEXT)
    form, statuses, found = data_of(positions), Counter(), []
    for text in RICH_TEXTS:
        answer = sender.send("POST", url_of("preview_on_edit", page), data=form | {name: text})
        status = answer.response.status_code
        statuses[status] += 1
        if answer.fault or (status == 400 and name not in answer.response.json()["detail"]):
            found.append(f"{text[:200]}: {status} {answer.fault}")
        if status == 200:
            answer = sender.send("POST", url_of("edit", page), url_of("edit", page), data=form | {name: text})
            found += [f"{text[:200]}: {answer.fault}"] if answer.fault else []
    assert not found, "\n".join(found)
    assert statuses[200] > 10
    assert statuses[400] > 30


def structures(positions):
    """Return names that scripts of the editor send: one of each kind, in each depth of nested blocks and forms."""
    names = [position.name for position in positions if position.kind == STRUCTURE]
    return {(name.count("-"), name.rpartition("-")[2]): name for name in names}.values()


def test_odd_counts_and_types_of_blocks_save_nothing(sender, samples):
    page = samples["EventPage"]
    positions = positions_of_page(sender, page)
    form, found, requests = data_of(positions), [], 0
    for name in structures(positions):
        for value in (*(TYPES if name.endswith("-type") else NUMBERS), None):
            data = {key: each for key, each in (form | {name: value}).items() if each is not None}
            answer = sender.send("POST", url_of("preview_on_edit", page), data=data)
            requests += 1
            is_named = answer.response.status_code != 400 or name.rpartition("-")[0] in answer.response.json()["detail"]
            if answer.fault or not (is_named or value == ""):
                found.append(f"{name}={str(value)[:50]!r}: {answer.fault or answer.response.json()['detail']}")
    assert not found, "\n".join(found)
    assert requests > 100
