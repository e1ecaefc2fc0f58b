"""Lists of pages, people and files have a maximum number of members, and longer stored ones can be shortened."""

import pytest
from django.urls import reverse
from wagtail import blocks
from wagtail.fields import StreamField
from wagtail.test.utils.form_data import nested_form_data, streamfield

from cms.blocks.streams import MAX_RELATED
from cms.fields import MAX_BLOCKS, MAX_ITEMS
from cms.pages.checks import page_types
from cms.pages.models import StandardPage
from tests.factories.departments import make_department
from tests.factories.pages import home_of, make_page
from tests.factories.users import make_user


def lists_in(block, name):
    """Yield the name and maximum of each list inside a block, the block included."""
    if isinstance(block, blocks.ListBlock):
        yield name, block.meta.max_num
        yield from lists_in(block.child_block, name)
    elif isinstance(block, blocks.StreamBlock | blocks.StructBlock):
        if isinstance(block, blocks.StreamBlock):
            yield name, block.meta.max_num
        for child_name, child in block.child_blocks.items():
            yield from lists_in(child, f"{name}.{child_name}")


def test_every_list_has_a_maximum():
    fields = {
        f"{model.__name__}.{field.name}": field
        for model in page_types()
        for field in model._meta.concrete_fields
        if isinstance(field, StreamField)
    }
    found = dict(each for name, field in fields.items() for each in lists_in(field.stream_block, name))
    assert len(found) > 60
    assert {name for name, maximum in found.items() if maximum is None or maximum > MAX_BLOCKS} == set()
    long = {name.split(".", 1)[1] for name, maximum in found.items() if maximum > MAX_ITEMS}
    assert long == {"body", "stands", "theme_footnotes"}
    bodies = [field.stream_block.meta for name, field in fields.items() if name.endswith(".body")]
    assert all(meta.block_counts["related"]["max_num"] * MAX_RELATED <= MAX_BLOCKS for meta in bodies)


@pytest.fixture
def department(commits):
    with commits():
        return make_department("allier")


@pytest.fixture
def editor(client, department):
    client.force_login(make_user("publisher", groups=["allier:publisher"]))
    return client


def form(lists):
    return nested_form_data(
        {
            "title": "Page", "slug": "page", "summary": "", "image": "", "image_alt": "", "seo_title": "",
            "search_description": "", "comments-TOTAL_FORMS": 0, "comments-INITIAL_FORMS": 0,
            "body": streamfield([("related", streamfield_list(keys)) for keys in lists]),
        }
    )  # fmt: skip


def streamfield_list(keys):
    members = {
        str(index): {"deleted": "", "order": str(index), "id": "", "value": str(key)} for index, key in enumerate(keys)
    }
    return {"count": str(len(members)), **members}


@pytest.mark.django_db
@pytest.mark.parametrize("action", [{}, {"action-publish": "x"}])
@pytest.mark.parametrize(
    ("lists", "members", "sentence"),
    [
        (1, MAX_RELATED + 1, "Le nombre maximum d'éléments est 50"),
        (11, 1, "Pages à lire aussi: Le nombre maximum d'éléments est 10"),
    ],
)
def test_a_form_with_a_longer_list_is_refused(editor, department, commits, action, lists, members, sentence):
    with commits():
        target = make_page(StandardPage, department, title="Cible")
    url = reverse("wagtailadmin_pages:add", args=["pages", "standardpage", home_of(department).pk])
    with commits():
        response = editor.post(url, form([[target.pk] * members] * lists) | action)
    assert response.status_code == 200
    (error,) = response.context["form"].errors["body"].as_data()
    assert sentence in str(error.as_json_data())
    with commits():
        assert editor.post(url, form([[target.pk] * MAX_RELATED]) | action).status_code == 302


@pytest.mark.django_db
def test_a_stored_list_that_is_longer_can_be_opened_and_shortened(editor, department, commits):
    with commits():
        target = make_page(StandardPage, department, title="Cible")
        page = make_page(StandardPage, department, title="Page", body=[("related", [target] * (MAX_RELATED + 30))])
    url = reverse("wagtailadmin_pages:edit", args=[page.pk])
    response = editor.get(url)
    assert response.status_code == 200
    assert len(response.context["form"]["body"].value()[0].value) == MAX_RELATED + 30
    assert editor.post(url, form([[target.pk] * (MAX_RELATED + 29)])).status_code == 200
    with commits():
        assert editor.post(url, form([[target.pk] * 20])).status_code == 302
    page.refresh_from_db()
    assert len(page.get_latest_revision_as_object().body[0].value) == 20
