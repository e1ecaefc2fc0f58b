"""The override `sites.admin.overrides.referenced_objects`: lookups limited to what the acting user may refer to."""

import pytest
from django.core.exceptions import ValidationError
from django.forms import ModelChoiceField, ModelMultipleChoiceField
from wagtail.admin import compare
from wagtail.admin.widgets import AdminPageChooser
from wagtail.blocks import PageChooserBlock
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images.blocks import ImageChooserBlock
from wagtail.images.widgets import AdminImageChooser
from wagtail.models import Page

from cms.media.models import CustomImage, CustomRendition
from cms.pages.models import StandardPage
from sites.access.references.acting_user import acting_as
from tests.factories.departments import make_department
from tests.factories.media import DocumentFactory, ImageFactory
from tests.factories.pages import make_page
from tests.factories.sharing import mirror
from tests.factories.users import make_user

MISSING = 999_999_999


@pytest.fixture
def allier(db):
    return make_department("allier")


@pytest.fixture
def isere(db):
    return make_department("isere")


@pytest.fixture
def editor(allier):
    user = make_user("editor", groups=["allier:editor"])
    with acting_as(user):
        yield user


def objects_of(department):
    return {
        "page": make_page(StandardPage, department, slug="page"),
        "image": ImageFactory(collection=department.collection),
        "nested image": ImageFactory(collection=department.collection.add_child(name="Within")),
        "document": DocumentFactory(collection=department.collection),
    }


def renditions_of(department):
    return CustomRendition.objects.filter(image__collection__path__startswith=department.collection.path)


BLOCKS = {
    "page": PageChooserBlock,
    "image": ImageChooserBlock,
    "nested image": ImageChooserBlock,
    "document": DocumentChooserBlock,
}


@pytest.mark.parametrize("kind", BLOCKS)
def test_widget_block_and_field_load_own_objects_and_no_foreign_ones(allier, isere, editor, kind):
    own, foreign = objects_of(allier)[kind], objects_of(isere)[kind]
    renditions_of(isere).delete()
    block, field = BLOCKS[kind](required=False), ModelChoiceField(type(own)._default_manager.all())
    several = ModelMultipleChoiceField(type(own)._default_manager.all())
    assert block.widget.get_value_data(own.pk)["id"] == own.pk
    loaded = [block.value_from_form(str(own.pk)), block.clean(own), field.clean(own.pk), *several.clean([own.pk])]
    assert [each.pk for each in loaded] == [own.pk] * 4
    for value in (foreign, foreign.pk, str(foreign.pk), MISSING, "x"):
        assert block.widget.get_value_data(value) is None
        assert block.value_from_form(value) is None
        assert block.clean(value) is None
    for pk in (foreign.pk, MISSING):
        with pytest.raises(ValidationError) as refusal:
            field.clean(pk)
        assert refusal.value.messages == [str(field.error_messages["invalid_choice"])]
        with pytest.raises(ValidationError) as refusal:
            several.clean([pk])
        assert refusal.value.messages == [several.error_messages["invalid_choice"] % {"value": pk}]
    assert foreign.pk not in [choice.value for choice, _label in field.choices if choice]
    assert not renditions_of(isere).exists()


def test_no_acting_user_and_a_superuser_are_not_limited(allier, isere):
    foreign = objects_of(isere)["image"]
    assert AdminImageChooser().get_instance(foreign.pk) == foreign
    with acting_as(make_user("root", is_superuser=True)):
        assert AdminImageChooser().get_instance(foreign.pk) == foreign


def test_a_block_loads_everything_from_the_database(allier, isere, editor):
    """Publication of other departments' documents can run within the request of an editor."""
    foreign = objects_of(isere)["image"]
    assert ImageChooserBlock().to_python(foreign.pk) == foreign
    assert ImageChooserBlock().bulk_to_python([foreign.pk]) == [foreign]


def test_chooser_of_shared_content_shows_the_published_title_while_it_is_shared(allier, isere, commits):
    with commits():
        page = make_page(StandardPage, isere, title="Published", slug="page")
        sharing = mirror(page, allier)
    page.title = "New draft"
    page.save_revision()
    reader = make_user("editor", groups=["allier:editor"])
    with acting_as(reader):
        data = AdminPageChooser().get_value_data(page.pk)
    assert data == {"id": page.pk, "edit_url": "", "parent_id": None, "display_title": "Published"}
    Page.objects.filter(pk=page.pk).update(live=False)
    with acting_as(make_user("second", groups=["allier:editor"])):
        assert "Published" not in str(AdminPageChooser().get_value_data(page.pk))
    type(sharing).objects.update(state=sharing.State.WITHDRAWN)
    with acting_as(make_user("third", groups=["allier:editor"])):
        assert AdminPageChooser().get_value_data(page.pk) is None


@pytest.mark.parametrize("kind", BLOCKS)
def test_comparison_shows_no_foreign_object(allier, isere, editor, kind):
    own, foreign = objects_of(allier)[kind], objects_of(isere)[kind]
    renditions_of(isere).delete()
    block = BLOCKS[kind]()
    comparison = compare.get_comparison_class_for_block(block)
    for one, other in ((own, foreign), (foreign, own), (foreign, foreign)):
        compared = comparison(block, True, True, one, other)
        shown = compared.htmldiff() + compared.htmlvalue(one) + compared.htmlvalue(other)
        assert foreign.title not in shown
    assert not renditions_of(isere).exists()


def test_comparison_of_a_field_shows_no_foreign_object(allier, isere, editor):
    own, foreign = objects_of(allier)["image"], objects_of(isere)["image"]
    pages = [StandardPage(image=own), StandardPage(image=foreign)]
    comparison = compare.ForeignObjectComparison(StandardPage._meta.get_field("image"), *pages)
    assert comparison.get_objects() == (own, None)
    assert CustomImage.objects.filter(pk=foreign.pk).exists()
