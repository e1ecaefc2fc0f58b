"""Validation of restored rows and files by the validators of the forms that create them."""

from __future__ import annotations

import copy
from collections.abc import Collection as CollectionOf
from pathlib import PurePosixPath
from typing import IO, Any

from django import forms
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.files import File
from django.db.models import Model
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from wagtail.admin.forms.collections import CollectionViewRestrictionForm
from wagtail.admin.forms.pages import PageViewRestrictionForm
from wagtail.admin.forms.view_restrictions import BaseViewRestrictionForm
from wagtail.documents.forms import get_document_form
from wagtail.fields import StreamField
from wagtail.images.forms import get_image_form
from wagtail.models import BaseViewRestriction, Collection, CollectionViewRestriction, Page, PageViewRestriction

from cms.archive.archive_file import ArchiveError
from cms.media.models import CustomDocument, CustomImage, CustomRendition


def validation_message(error: ValidationError) -> str:
    """Return the messages of an error, with the names of the fields."""
    if not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    return " ".join(f"{name}: {' '.join(messages)}" for name, messages in error.message_dict.items())


def validate_row(instance: Model, excluded: CollectionOf[str] = ()) -> None:
    """Raise ArchiveError if a form would refuse the values of an unsaved row."""
    try:
        instance.full_clean(exclude=set(excluded))
    except ValidationError as error:
        raise ArchiveError(validation_message(error)) from error


def validate_live_page(page: Page) -> None:
    """Raise ValidationError if the form would refuse to publish the page."""
    page.full_clean()
    for field in page._meta.concrete_fields:
        if isinstance(field, StreamField):
            try:
                field.stream_block.clean(getattr(page, field.name))
            except ValidationError as error:
                raise ValidationError({field.name: error.messages or [str(error)]}) from error


def upload_field(model: type[Model], column: str) -> forms.FileField:
    """Return the form field with which a file of the model is uploaded. Renditions are images."""
    if model in (CustomImage, CustomRendition):
        return copy.deepcopy(get_image_form(CustomImage).base_fields["file"])
    if model is CustomDocument:
        return copy.deepcopy(get_document_form(CustomDocument).base_fields["file"])
    field: Any = model._meta.get_field(column)
    return field.formfield()


def validate_file_size(model: type[Model], column: str, name: str, size: int) -> None:
    """Raise ArchiveError for a file that is larger than its upload field takes, before the file is read."""
    maximum = getattr(upload_field(model, column), "max_upload_size", None)
    if maximum is not None and size > maximum:
        raise ArchiveError(
            _("“%(name)s” has %(size)s; at most %(maximum)s are taken.")
            % {"name": name, "size": filesizeformat(size), "maximum": filesizeformat(maximum)}
        )


def validate_file(model: type[Model], column: str, name: str, content: IO[bytes]) -> None:
    """Raise ArchiveError if the upload field of the form, or a validator of the model, refuses a file.

    Call it before the file is assigned to an instance: Wagtail then reads the size of an image.
    """
    file, field = File(content, name=PurePosixPath(name).name), model._meta.get_field(column)
    try:
        upload_field(model, column).clean(file)
        file.seek(0)
        field.run_validators(file)  # type: ignore[union-attr]
    except ValidationError as error:
        raise ArchiveError(f"“{name}”: {' '.join(error.messages)}") from error


def create_restriction(row: Any, groups: list[Group], owner: Page | Collection) -> BaseViewRestriction | None:
    """Create the view restriction of a page or a collection, as the form of Wagtail validates it.

    `owner` is the page or the collection. Return None for the type "none", which restricts nothing. Raise ArchiveError
    for an unknown type and for a type without the password or the groups that it needs.
    """
    values = row if isinstance(row, dict) else {}
    data = {
        "restriction_type": values.get("type"),
        "password": values.get("password") or "",
        "groups": [group.pk for group in groups],
    }
    form: BaseViewRestrictionForm
    if isinstance(owner, Page):
        options = owner.specific_class.private_page_options
        form = PageViewRestrictionForm(data, instance=PageViewRestriction(page=owner), private_page_options=options)
    else:
        form = CollectionViewRestrictionForm(data, instance=CollectionViewRestriction(collection=owner))
    if not form.is_valid():
        problems = "; ".join(f"{name}: {' '.join(errors)}" for name, errors in form.errors.items())
        raise ArchiveError(_("The restriction is not valid: %(problems)s") % {"problems": problems})
    if form.cleaned_data["restriction_type"] == BaseViewRestriction.NONE:
        return None
    saved: BaseViewRestriction = form.save()
    return saved
