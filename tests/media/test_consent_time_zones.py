"""A consent begins and ends by the time zone of its department, also after its collection has moved."""

import pytest
from django.urls import reverse

from cms.media.models import Consent
from tests.factories.departments import make_department
from tests.factories.media import ConsentFactory
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db

PARIS, REUNION = "Europe/Paris", "Indian/Reunion"


@pytest.fixture
def saved(monkeypatch):
    """Return the list of the consents that are saved by themselves: by that, documents and pages follow."""
    found, save = [], Consent.save

    def recorded(consent, *args, **kwargs):
        found.append(consent.pk)
        save(consent, *args, **kwargs)

    monkeypatch.setattr(Consent, "save", recorded)
    return found


def zone_of(consent):
    return Consent.objects.get(pk=consent.pk).time_zone


def test_the_consents_of_a_collection_that_moves_get_the_time_zone_of_the_department(client, saved):
    allier, reunion = make_department("allier", code="03"), make_department("reunion", code="974")
    moved = allier.collection.add_child(name="Photos")
    inner = moved.add_child(name="Portraits")
    consents = [ConsentFactory(collection=collection) for collection in (moved, inner)]
    stays, there = ConsentFactory(collection=allier.collection), ConsentFactory(collection=reunion.collection)
    assert [zone_of(each) for each in (*consents, stays, there)] == [PARIS, PARIS, PARIS, REUNION]
    saved.clear()
    client.force_login(make_user("root", is_superuser=True))
    url = reverse("department_collections:edit", args=[moved.pk])
    assert client.post(url, {"name": "Photos", "parent": reunion.collection_id}).status_code == 302
    assert [zone_of(each) for each in (*consents, stays, there)] == [REUNION, REUNION, PARIS, REUNION]
    assert sorted(saved) == sorted(each.pk for each in consents)


def test_a_move_within_a_department_saves_no_consent(client, saved):
    allier = make_department("allier", code="03")
    moved, target = (allier.collection.add_child(name=name) for name in ("Photos", "Archives"))
    consent = ConsentFactory(collection=moved)
    saved.clear()
    client.force_login(make_user("root", is_superuser=True))
    url = reverse("department_collections:edit", args=[moved.pk])
    assert client.post(url, {"name": "Photos", "parent": target.pk}).status_code == 302
    assert zone_of(consent) == PARIS
    assert saved == []


def test_the_consents_of_a_department_follow_its_code():
    department = make_department("allier", code="03")
    consent = ConsentFactory(collection=department.collection.add_child(name="Photos"))
    department.code = "974"
    department.save()
    assert zone_of(consent) == REUNION
