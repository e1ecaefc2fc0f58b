"""The memory of another department is used only while both share theirs, and shows public contents only."""

import pytest
from django.utils import timezone
from wagtail.models import PageViewRestriction

from cms.delivery.models import PublishedDocument
from tests.factories.departments import make_department

pytestmark = pytest.mark.django_db

TEXT = ("Bonjour à tous", "Hello everybody")


@pytest.fixture
def neighbour():
    return make_department("isere", locales=("fr", "en"), name="Isère")


def share(*departments, value=True):
    for department in departments:
        department.shares_translation_memory = value
        department.save()


def offers(memory):
    return [(each.target, str(each.department)) for each in memory.suggest(TEXT[0])]


@pytest.mark.parametrize("shares", [(False, False), (True, False), (False, True)])
def test_a_memory_is_not_offered_unless_both_share(memory_of, department, neighbour, shares):
    memory_of(neighbour).add([TEXT])
    for each, value in zip((department, neighbour), shares, strict=True):
        share(each, value=value)
    assert offers(memory_of(department)) == []


def test_a_shared_memory_is_offered_with_its_department_and_disappears_with_the_agreement(
    memory_of, department, neighbour
):
    memory_of(neighbour).add([TEXT])
    share(department, neighbour)
    assert offers(memory_of(department)) == [("Hello everybody", str(neighbour))]
    share(neighbour, value=False)
    assert offers(memory_of(department)) == []
    share(neighbour)
    share(department, value=False)
    assert offers(memory_of(department)) == []


def test_the_own_text_comes_first(memory_of, department, neighbour):
    share(department, neighbour)
    memory_of(department).add([TEXT])
    memory_of(neighbour).add([TEXT, (TEXT[0], "Hi all")])
    found = memory_of(department).suggest(TEXT[0])
    assert [(each.target, each.department) for each in found] == [("Hello everybody", None), ("Hi all", neighbour)]


def test_texts_of_contents_that_are_not_public_stay_in_their_department(
    memory_of, department, neighbour, translated, commits
):
    translated.write(translated.texts)
    page = translated.publish()
    share(department, neighbour)

    def found():
        return [each.target for each in memory_of(neighbour).suggest("Ouvert le lundi.")]

    assert found() == ["Open on Mondays."]
    (suggestion,) = memory_of(neighbour).suggest("Ouvert le lundi.")
    assert suggestion.content == "", "the title belongs to the other department"
    restriction = PageViewRestriction.objects.create(page=translated.page, restriction_type="login")
    assert found() == []
    assert memory_of(department).suggest("Ouvert le lundi.")[0].content == "Aide alimentaire"
    restriction.delete()
    assert found() == ["Open on Mondays."]
    # As when the consent of a person ends: the page stays live, and readers do not see it.
    documents = PublishedDocument.objects.filter(page_id=page.pk)
    documents.update(expires_at=timezone.now())
    assert found() == []
    documents.update(expires_at=None)
    assert found() == ["Open on Mondays."]
    with commits():
        page.unpublish()
    assert found() == []


def test_a_suspended_department_shares_nothing(memory_of, department, neighbour):
    memory_of(neighbour).add([TEXT])
    share(department, neighbour)
    neighbour.suspended_at = neighbour.created_at
    neighbour.save()
    assert offers(memory_of(department)) == []
