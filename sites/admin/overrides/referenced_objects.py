"""Lookups of referenced objects in forms and comparisons, limited to those to which the acting user may refer.

Replaces: `BaseChooser.get_instance`, `AdminPageChooser.get_instance`,
    `AdminPageChooser.get_value_data_from_instance`, `ChooserBlock.value_from_form`, `ChooserBlock.clean`,
    `ChooserBlock.to_python`, `ChooserBlock.bulk_to_python`, `PageChooserBlock.render_basic`,
    `ForeignObjectComparison.get_objects` and `compare.get_comparison_class_for_block` of Wagtail;
    `ModelChoiceField.to_python`, `ModelChoiceField.iterator` and `ModelMultipleChoiceField._check_values` of Django.
Why no hook serves: the hooks of choosers limit the list to choose from. A widget, a block or a field that has an id
    loads the object from the default manager, and the form that is displayed again with errors shows its title,
    URL and rendition. Subclasses would leave out the widgets and blocks that Wagtail makes itself, and those
    that somebody adds. Stored blocks are limited in requests that read: a publication loads everything.
Written for: Wagtail 8.0 and Django 5.2.
Upstream issue: https://github.com/wagtail/wagtail/issues/1700 asks to limit the page chooser to permitted pages.
Test that fails when upstream changes: tests/sites/overrides/test_referenced_objects.py.

An object to which the user may not refer is treated as one that does not exist, with the same message.
"""

from __future__ import annotations

import functools
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.forms.models import ModelChoiceField, ModelChoiceIterator, ModelMultipleChoiceField
from django.utils.translation import gettext as _
from wagtail.admin import compare
from wagtail.admin.widgets import AdminPageChooser, BaseChooser
from wagtail.blocks import Block, ChooserBlock, PageChooserBlock
from wagtail.models import Page

from sites.access.references.loaded_objects import current_loader
from sites.access.references.named_objects import find_object, is_key, note_objects, parent_of
from sites.access.references.referable_objects import (
    CONTENT,
    find_referable,
    is_own,
    is_shown,
    may_load,
    may_refer_to,
    published_title,
    referable,
)


def limit_referenced_objects() -> None:
    """Make widgets, blocks, fields and comparisons limit the objects that they load. Called once, at the start."""
    _limit_choosers()
    _limit_chooser_blocks()
    _limit_choice_fields()
    _limit_comparisons()


def _limit_choosers() -> None:
    data_of_own_page = AdminPageChooser.get_value_data_from_instance

    def get_instance(chooser: BaseChooser, value: Any) -> Model | None:
        return _referable_or_none(chooser.model_class, value)

    def get_page(chooser: AdminPageChooser, value: Any) -> Page | None:
        # Without a query for each page: a title that needs other fields of its type loads them.
        page = _referable_or_none(chooser.model_class, value)
        return page.specific_deferred if isinstance(page, Page) else None

    def get_value_data_from_instance(chooser: AdminPageChooser, page: Page) -> dict[str, Any]:
        if is_own(page):
            if not page.is_root():
                page._cached_parent_obj = parent_of(page)  # `get_parent` of treebeard returns it.
            data: dict[str, Any] = data_of_own_page(chooser, page)
            return data
        # The edit view and the parent belong to the owner, and the newest title may be that of a draft.
        title = published_title(page) or _("Content that is not public now")
        return {"id": page.pk, "edit_url": "", "parent_id": None, chooser.display_title_key: title}

    BaseChooser.get_instance = get_instance
    AdminPageChooser.get_instance = get_page
    AdminPageChooser.get_value_data_from_instance = get_value_data_from_instance


def _limit_chooser_blocks() -> None:
    original_clean = ChooserBlock.clean
    original_to_python, original_bulk_to_python = ChooserBlock.to_python, ChooserBlock.bulk_to_python
    original_render_page = PageChooserBlock.render_basic

    def value_from_form(block: ChooserBlock, value: Any) -> Model | None:
        return _referable_or_none(block.model_class, value)

    def clean(block: ChooserBlock, value: Any) -> Any:
        return original_clean(block, _referable_or_none(block.model_class, value))

    def to_python(block: ChooserBlock, value: Any) -> Model | None:
        return _loaded_or_none(original_to_python(block, value))

    def bulk_to_python(block: ChooserBlock, values: Any) -> list[Model | None]:
        if (loader := current_loader()) is not None:
            loaded = loader(block.model_class, values)
            return [loaded.get(key) for key in values]
        instances = [_loaded_or_none(instance) for instance in original_bulk_to_python(block, values)]
        note_objects(instances)
        return instances

    def render_page(block: PageChooserBlock, value: Any, context: Any = None) -> str:
        return str(original_render_page(block, _shown_or_none(value), context))

    ChooserBlock.to_python = to_python
    ChooserBlock.bulk_to_python = bulk_to_python
    PageChooserBlock.render_basic = render_page
    ChooserBlock.value_from_form = value_from_form
    ChooserBlock.clean = clean


def _referable_or_none(model: type[Model], value: Any) -> Model | None:
    """Return the object for an instance or a key; None if it does not exist or the user may not refer to it."""
    if value is None or value == "":
        return None
    if isinstance(value, model):
        return value if may_refer_to(value) else None
    return find_referable(model, value)


def _named_object(field: Any, value: Any) -> Model | None:
    """Return the object of a field that offers all of its model, from those that the request has looked up together."""
    is_limited = field.to_field_name or field.queryset is None or field.queryset.query.has_filters()
    return None if is_limited or not is_key(value) else find_object(field.queryset.model, value)


class LimitedModelChoiceIterator(ModelChoiceIterator):
    """Django's choices of a field, without the content of other departments."""

    @property
    def queryset(self) -> QuerySet:
        return referable(self._queryset)

    @queryset.setter
    def queryset(self, queryset: QuerySet) -> None:
        self._queryset = queryset


def _limit_choice_fields() -> None:
    single: Any = ModelChoiceField
    multiple: Any = ModelMultipleChoiceField
    original_to_python, original_check_values = single.to_python, multiple._check_values

    def to_python(field: ModelChoiceField, value: Any) -> Any:
        instance = _named_object(field, value) or original_to_python(field, value)
        if isinstance(instance, CONTENT) and not may_refer_to(instance):
            raise _invalid_choice(field, value)
        return instance

    def check_values(field: ModelMultipleChoiceField, values: Any) -> QuerySet:
        instances: QuerySet = original_check_values(field, values)
        for instance in instances if issubclass(instances.model, CONTENT) else ():
            if not may_refer_to(instance):
                raise _invalid_choice(field, getattr(instance, field.to_field_name or "pk"))
        return instances

    single.to_python = to_python
    multiple._check_values = check_values
    single.iterator = LimitedModelChoiceIterator


def _invalid_choice(field: ModelChoiceField, value: Any) -> ValidationError:
    """Return the error of a field for a key that does not exist."""
    return ValidationError(field.error_messages["invalid_choice"], code="invalid_choice", params={"value": value})


def _limit_comparisons() -> None:
    original_objects = compare.ForeignObjectComparison.get_objects
    original_class = compare.get_comparison_class_for_block

    def get_objects(comparison: compare.ForeignObjectComparison) -> tuple[Model | None, Model | None]:
        one, other = original_objects(comparison)
        return _shown_or_none(one), _shown_or_none(other)

    def get_comparison_class_for_block(block: Block) -> type[compare.BlockComparison]:
        found: Any = original_class(block)
        limited: type[compare.BlockComparison] = (
            _limited_comparison(found) if isinstance(block, ChooserBlock) else found
        )
        return limited

    compare.ForeignObjectComparison.get_objects = get_objects
    compare.get_comparison_class_for_block = get_comparison_class_for_block


@functools.cache
def _limited_comparison(original: Any) -> type[compare.BlockComparison]:
    """Return a subclass of a comparison of chooser blocks that omits objects which the user may not see."""

    class LimitedComparison(original):
        def __init__(self, block: Block, exists_a: bool, exists_b: bool, val_a: Any, val_b: Any) -> None:
            super().__init__(block, exists_a, exists_b, _shown_or_none(val_a), _shown_or_none(val_b))

        def htmlvalue(self, val: Any) -> str:
            shown = _shown_or_none(val)
            return "" if shown is None else str(super().htmlvalue(shown))

    limited: type[compare.BlockComparison] = LimitedComparison
    return limited


def _loaded_or_none(instance: Model | None) -> Model | None:
    return instance if instance is not None and may_load(instance) else None


def _shown_or_none(instance: Model | None) -> Model | None:
    return instance if instance is not None and is_shown(instance) else None
