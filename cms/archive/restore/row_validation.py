"""Validation of restored rows and files by the validators of the forms that create them."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Collection as CollectionOf
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import IO, Any

from django import forms
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.files import File
from django.db.models import Model, TextField
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from wagtail.admin.forms.collections import CollectionViewRestrictionForm
from wagtail.admin.forms.pages import PageViewRestrictionForm
from wagtail.admin.forms.view_restrictions import BaseViewRestrictionForm
from wagtail.blocks import StructBlockValidationError
from wagtail.blocks.list_block import ListBlockValidationError
from wagtail.blocks.stream_block import StreamBlockValidationError
from wagtail.documents.forms import get_document_form
from wagtail.fields import StreamField
from wagtail.images.forms import get_image_form
from wagtail.models import BaseViewRestriction, Collection, CollectionViewRestriction, Page, PageViewRestriction

from cms.archive.archive_file import ArchiveError
from cms.media.models import CustomDocument, CustomImage, CustomRendition
from sites.validation.incoming_text import LIMIT

from .restore_context import RestoreContext


def validation_message(error: ValidationError) -> str:
    """Return the messages of an error, with the names of the fields."""
    if not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    return " ".join(f"{name}: {' '.join(messages)}" for name, messages in error.message_dict.items())


def validate_row(context: RestoreContext, instance: Model, excluded: CollectionOf[str] = ()) -> None:
    """Shorten texts that are too long; raise ArchiveError if a form would refuse the other values of an unsaved row."""
    shorten_texts(context, instance)
    try:
        instance.full_clean(exclude=set(excluded))
    except ValidationError as error:
        raise ArchiveError(validation_message(error)) from error


def shorten_texts(context: RestoreContext, instance: Model) -> None:
    """Cut each text of an instance to the maximum of its field, and add a note: older versions had no maximum."""
    for field in instance._meta.concrete_fields:
        text = getattr(instance, field.attname) if isinstance(field, TextField) and field.max_length else None
        if isinstance(text, str) and len(text) > (field.max_length or 0):
            setattr(instance, field.attname, text[: field.max_length])
            message = _("“%(object)s”: “%(name)s” was cut to %(number)s characters. The archive has the whole text.")
            context.add_note(message % {"object": instance, "name": field.verbose_name, "number": field.max_length})


def validate_live_page(context: RestoreContext, page: Page) -> None:
    """Raise ValidationError if the form would refuse to publish the page.

    A page that only exceeds limits is restored with a note, since older versions may not have had these limits.
    """
    exceeded: list[str] = []
    try:
        page.full_clean()
    except ValidationError as error:
        others = {}
        for name, errors in error.error_dict.items():
            exceeded += [each.messages[0] for each in errors if each.code == LIMIT]
            others[name] = [each for each in errors if each.code != LIMIT]
        if any(others.values()):
            raise ValidationError({name: errors for name, errors in others.items() if errors}) from error
    for field in page._meta.concrete_fields:
        if isinstance(field, StreamField):
            value = getattr(page, field.name)
            try:
                field.stream_block.clean(value)
            except ValidationError as error:
                found = list(_block_errors(field.stream_block, value, error))
                if not all(is_limit for _error, is_limit in found):
                    raise ValidationError({field.name: error.messages or [str(error)]}) from error
                exceeded += [f"{field.verbose_name}: {each.messages[0]}" for each, _is_limit in found]
    for reason in exceeded:
        context.add_note(
            _("“%(page)s” exceeds a limit, and was restored as it is: %(reason)s") % {"page": page, "reason": reason}
        )


def _block_errors(block: Any, value: Any, error: ValidationError) -> Iterator[tuple[ValidationError, bool]]:
    """Yield each error of a block and of the blocks inside it, and True if it says that a list is too long."""
    match error:
        case StreamBlockValidationError():
            members = {index: (value[index].block, value[index].value) for index in error.block_errors}
        case ListBlockValidationError():
            members = {index: (block.child_block, value[index]) for index in error.block_errors}
        case StructBlockValidationError():
            members = {name: (block.child_blocks[name], value[name]) for name in error.block_errors}
        case _:
            yield error, False
            return
    for key, member in members.items():
        yield from _block_errors(*member, error.block_errors[key])
    is_limit = isinstance(error, StreamBlockValidationError | ListBlockValidationError) and _is_too_long(block, value)
    yield from ((each, is_limit) for each in error.non_block_errors.as_data())


def _is_too_long(block: Any, value: Any) -> bool:
    """Return True if a stream or list has more members than allowed, in all or of one type."""
    if block.meta.max_num is not None and len(value) > block.meta.max_num:
        return True
    limits = getattr(block.meta, "block_counts", {})
    types = Counter(child.block_type for child in value) if limits else Counter()
    return any(types[name] > limit["max_num"] for name, limit in limits.items() if "max_num" in limit)


def upload_field(model: type[Model], column: str) -> forms.FileField:
    """Return the form field with which a file of the model is uploaded. Renditions are images."""
    if model in (CustomImage, CustomRendition):
        return copy.deepcopy(get_image_form(CustomImage).base_fields["file"])
    if model is CustomDocument:
        return copy.deepcopy(get_document_form(CustomDocument).base_fields["file"])
    field: Any = model._meta.get_field(column)
    return field.formfield()


def validate_file_size(model: type[Model], column: str, name: str, size: int) -> None:
    """Raise ArchiveError for a file that is larger than its upload field accepts. Call it before the file is read."""
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
    """Create the view restriction of a page or a collection, validated by Wagtail's form.

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
