"""Tags: every form field of them has a maximum, and adding them takes a bounded number of queries."""

import pytest
from django.db import connection
from django.forms import BaseForm
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse
from taggit.forms import TagField, TagWidgetMixin
from taggit.models import Tag
from wagtail.admin.views.bulk_action.registry import bulk_action_registry
from wagtail.documents.forms import get_document_form, get_document_multi_form
from wagtail.images.forms import get_image_form

from cms.media.models import CustomDocument, CustomImage
from sites.validation.overrides.tag_fields import MAX_TAG_LENGTH, MAX_TAGS
from tests.factories.departments import make_department
from tests.factories.media import DocumentFactory, ImageFactory
from tests.factories.users import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

TOO_MANY = {
    "one more": ",".join(f"etiquette{number}" for number in range(MAX_TAGS + 1)),
    "many": ",".join(f"etiquette{number}" for number in range(50_000)),
    "spaces": " ".join(f"etiquette{number}" for number in range(50_000)),
    "quotation marks": '"' + '","'.join(f"a{number}" for number in range(50_000)) + '"',
    "long": "x" * (MAX_TAG_LENGTH + 1),
}
NAMES = [f"etiquette{number:02}" for number in range(MAX_TAGS)]


@pytest.fixture
def department(client):
    department = make_department("allier")
    client.force_login(make_user("media", groups=["allier:media_manager"]))
    return department


def all_forms(base=BaseForm):
    for form in base.__subclasses__():
        yield form
        yield from all_forms(form)


def posted(client, url, tags):
    """Return the answer to the form of a file with these tags."""
    initial = client.get(url).context["form"].initial
    values = {name: "" if value is None else value for name, value in initial.items()}
    return client.post(url, {**values, "file": "", "tags": tags})


def test_every_form_field_of_tags_has_the_maximum():
    get_resolver().reverse_dict  # noqa: B018 (imports the views with their forms)
    forms = {*all_forms(), get_image_form(CustomImage), get_document_form(CustomDocument)}
    forms.add(get_document_multi_form(CustomDocument))
    forms |= {
        bulk_action_registry.get_bulk_action_class(model._meta.app_label, model._meta.model_name, "add_tags").form_class
        for model in (CustomImage, CustomDocument)
    }
    fields = {
        (form, name): field
        for form in forms
        for name, field in getattr(form, "base_fields", {}).items()
        if isinstance(field.widget, TagWidgetMixin)
    }
    assert len(fields) > 4
    # Wagtail's own forms of its actions, which are registered again with another one.
    replaced = {"wagtail.images.views.bulk_actions.add_tags", "wagtail.documents.views.bulk_actions.add_tags"}
    assert [form for (form, _), field in fields.items() if not isinstance(field, TagField)] == [
        form for form, _ in fields if form.__module__ in replaced
    ]


@pytest.mark.parametrize("tags", TOO_MANY.values(), ids=TOO_MANY)
@pytest.mark.parametrize(("name", "factory"), [("wagtailimages", ImageFactory), ("wagtaildocs", DocumentFactory)])
def test_a_file_has_no_more_tags(client, department, name, factory, tags):
    stored = factory(collection=department.collection)
    url = reverse(f"{name}:edit", args=[stored.pk])
    with CaptureQueriesContext(
        connection,
    ) as queries:
        response = posted(client, url, tags)
    assert response.status_code == 200
    assert str(MAX_TAGS) in str(response.context["form"].errors["tags"])
    assert len(queries) < 150
    assert not Tag.objects.exists()


@pytest.mark.parametrize(("name", "factory"), [("wagtailimages", ImageFactory), ("wagtaildocs", DocumentFactory)])
def test_a_file_may_have_the_maximum(client, department, name, factory):
    stored = factory(collection=department.collection)
    url = reverse(f"{name}:edit", args=[stored.pk])
    assert posted(client, url, ", ".join(f'"{tag:x<{MAX_TAG_LENGTH}}"' for tag in NAMES)).status_code == 302
    assert stored.tags.count() == MAX_TAGS


def test_a_file_with_more_tags_of_an_older_version_can_be_opened(client, department):
    image = ImageFactory(collection=department.collection)
    image.tags.add(*NAMES, "de trop")
    url = reverse("wagtailimages:edit", args=[image.pk])
    shown = client.get(url)
    assert shown.status_code == 200
    assert "de trop" in shown.content.decode()
    assert "tags" in posted(client, url, ",".join([*NAMES, "de trop"])).context["form"].errors
    assert posted(client, url, ",".join(NAMES)).status_code == 302
    assert image.tags.count() == MAX_TAGS


@pytest.mark.parametrize(
    ("model", "factory", "back"),
    [(CustomImage, ImageFactory, "wagtailimages:index"), (CustomDocument, DocumentFactory, "wagtaildocs:index")],
)
def test_tags_are_added_to_many_files_with_a_bounded_number_of_queries(client, department, model, factory, back):
    files = [factory(collection=department.collection) for _number in range(12)]
    files[3].tags.add("etiquette01", "autre")
    url = reverse("wagtail_bulk_action", args=[model._meta.app_label, model._meta.model_name, "add_tags"])
    keys = "?" + "&".join(f"id={each.pk}" for each in files) + f"&next={reverse(back)}"
    assert client.get(url + keys).status_code == 200
    for tags in TOO_MANY.values():
        response = client.post(url + keys, {"tags": tags})
        assert response.status_code == 200
        assert "tags" in response.context["form"].errors
    assert Tag.objects.count() == 2

    client.post(url + keys, {"tags": "etiquette00, etiquette01"})
    assert all({"etiquette00", "etiquette01"} <= set(each.tags.names()) for each in files)
    assert files[3].tags.count() == 3
    with CaptureQueriesContext(connection) as queries:
        response = client.post(url + keys, {"tags": ",".join(NAMES)}, follow=True)
    assert [str(message) for message in response.context["messages"]], "one file would have 51"
    assert files[0].tags.count() == 2
    with CaptureQueriesContext(connection) as queries:
        client.post(url + keys, {"tags": ",".join(NAMES[:-1])})
    assert {each.tags.count() for each in files} == {MAX_TAGS - 1, MAX_TAGS}
    assert len(queries) < 10 * MAX_TAGS + 100
