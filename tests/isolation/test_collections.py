"""Tests that a department organises its files inside its own collection only."""

import pytest
from django.urls import reverse
from wagtail.models import Collection

from sites.models import Department
from tests.factories.media import ImageFactory, VideoFactory

from .fixture_data import MARK

pytestmark = pytest.mark.embedded

INDEX = "department_collections:index"
ADD = "wagtailadmin_collections:add"


@pytest.fixture
def inside(fixture_data):
    for each in (fixture_data.ours, fixture_data.theirs):
        each.inside = each.department.collection.add_child(name=f"{each.department.name} inside")
    return fixture_data


def edit_url(collection):
    return reverse("department_collections:edit", args=[collection.pk])


def delete_url(collection):
    return reverse("wagtailadmin_collections:delete", args=[collection.pk])


@pytest.mark.parametrize("role", ["administrator", "media_manager"])
def test_collections_are_added_renamed_moved_and_deleted(login_as, inside, role, read):
    client, ours = login_as(role), inside.ours
    body = read(client.get(reverse(INDEX)))
    assert "allier inside" in body
    assert MARK not in body
    assert f'href="{edit_url(ours.department.collection)}"' not in body
    assert MARK not in read(client.get(reverse(ADD)))

    client.post(reverse(ADD), {"name": "Portraits", "parent": ours.department.collection_id})
    made = Collection.objects.get(name="Portraits")
    assert made.is_descendant_of(ours.department.collection)
    assert client.get(edit_url(made)).status_code == 200
    client.post(edit_url(made), {"name": "Visages", "parent": ours.inside.pk})
    made = Collection.objects.get(name="Visages")
    assert made.is_descendant_of(Collection.objects.get(pk=ours.inside.pk))
    assert client.post(delete_url(made)).status_code == 302
    assert not Collection.objects.filter(name="Visages").exists()


def test_the_departments_own_collection_is_not_renamed_moved_or_deleted(login_as, inside):
    client, own = login_as("administrator"), inside.ours.department.collection
    for url in (edit_url(own), delete_url(own)):
        assert client.get(url).status_code == 404
        assert client.post(url, {"name": "x", "parent": inside.ours.inside.pk}).status_code == 404
    own.refresh_from_db()
    assert own.name == "Allier"


def test_collection_of_another_department_answers_404(login_as, inside):
    client = login_as("administrator")
    for theirs in (inside.theirs.inside, inside.theirs.department.collection):
        for url in (edit_url(theirs), delete_url(theirs)):
            assert client.get(url).status_code == 404
            assert client.post(url, {"name": "x", "parent": inside.ours.inside.pk}).status_code == 404
    assert set(Collection.objects.filter(name__istartswith=MARK).values_list("depth", flat=True)) == {2, 3}


@pytest.mark.parametrize("parent", ["theirs", "root"])
def test_no_collection_is_added_to_or_moved_under_anothers(login_as, inside, parent):
    client = login_as("administrator")
    target = inside.theirs.inside if parent == "theirs" else Collection.get_first_root_node()
    answer = client.post(reverse(ADD), {"name": "Chez eux", "parent": target.pk})
    assert "parent" in answer.context["form"].errors
    assert MARK not in answer.content.decode().lower()
    answer = client.post(edit_url(inside.ours.inside), {"name": "Parti", "parent": target.pk})
    assert "parent" in answer.context["form"].errors
    assert not Collection.objects.filter(name__in=("Chez eux", "Parti")).exists()


def test_member_of_two_departments_cannot_move_files_between_them(login_as, inside):
    client = login_as("administrator", f"{MARK}:administrator")
    answer = client.post(edit_url(inside.ours.inside), {"name": "Parti", "parent": inside.theirs.inside.pk})
    assert "parent" in answer.context["form"].errors


@pytest.mark.parametrize("factory", [ImageFactory, VideoFactory])
def test_collection_with_files_is_not_deleted_and_its_content_is_listed(login_as, inside, factory):
    held = factory(collection=inside.ours.inside)
    client, url = login_as("media_manager"), delete_url(inside.ours.inside)
    assert "1 " in client.get(url).content.decode()
    assert "1 " in client.post(url).content.decode()
    assert type(held).objects.filter(pk=held.pk).exists()


def test_a_superuser_does_not_delete_a_department_with_its_collection(login_as, fixture_data):
    department = fixture_data.theirs.department
    for model in (type(fixture_data.theirs.image), type(fixture_data.theirs.document), type(fixture_data.theirs.video)):
        model.objects.filter(collection=department.collection).update(collection=Collection.get_first_root_node())
    type(fixture_data.theirs.consent).objects.update(collection=Collection.get_first_root_node())
    client = login_as()
    assert "1 " in client.get(delete_url(department.collection)).content.decode()
    assert "1 " in client.post(delete_url(department.collection)).content.decode()
    assert Department.objects.filter(pk=department.pk).exists()


@pytest.mark.parametrize("role", ["editor", "publisher", "reader", "translator:en"])
def test_other_roles_cannot_manage_collections(login_as, inside, role):
    client = login_as(role)
    assert client.get(reverse(INDEX)).status_code in (302, 403)
    client.post(edit_url(inside.ours.inside), {"name": "x", "parent": inside.ours.department.collection_id})
    client.post(delete_url(inside.ours.inside))
    assert Collection.objects.filter(name="Allier inside").exists()


def test_a_superuser_sees_and_edits_all(login_as, inside, read):
    client = login_as()
    assert MARK in read(client.get(reverse(INDEX)))
    data = {"name": "Autre nom", "parent": inside.theirs.department.collection_id}
    assert client.post(edit_url(inside.theirs.inside), data).status_code == 302
    assert Collection.objects.filter(name="Autre nom").exists()


def test_a_hundred_collections_cost_no_more_queries_than_ten(login_as, inside, django_assert_max_num_queries):
    client, counts = login_as("media_manager"), []
    for number in range(100):
        Collection.objects.get(pk=inside.ours.department.collection_id).add_child(name=f"Dossier {number}")
        if number in (9, 99):
            with django_assert_max_num_queries(100) as queries:
                client.get(reverse(INDEX))
            counts.append(len(queries))
    assert counts[1] <= counts[0]
