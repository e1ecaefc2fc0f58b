"""Forms of media: files that can be shown, choices of the user's departments, and the quota of a department."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from wagtail.documents.forms import BaseDocumentForm
from wagtail.images.fields import WagtailImageField
from wagtail.images.forms import BaseImageForm

from sites.admin.screens.forms import DepartmentMediaForm, limit_choices

from .inspection.inspector import inspect_file
from .renditions.specs import declared_specs
from .uploads.storage_quota import refuse_beyond_quota


class InspectedImageField(WagtailImageField):
    """Wagtail's field, which refuses an image that cannot be shown. The file loses its metadata.

    The child process opens it; Wagtail's `to_python` would do so in this one. A library that reads no more than the
    size may take minutes and gigabytes for a file made for it, and limits hold in the child only. The renditions
    without a focal point are made with the inspection.
    """

    def to_python(self, data: Any) -> Any:
        file: Any = forms.FileField.to_python(self, data)
        if file is None:
            return None
        self._refuse_other_extension(file)
        self.check_image_file_size(file)
        file.inspection = None
        found = inspect_file(file, "image", file.name, specs=declared_specs())
        file.content_type = f"image/{found.picture}"
        return file

    def _refuse_other_extension(self, data: Any) -> None:
        """Raise ValidationError with Wagtail's message for another format, before the content is read."""
        extension = PurePosixPath(data.name or "").suffix.lower().removeprefix(".")
        if extension not in self.allowed_image_extensions:
            raise ValidationError(self.error_messages["invalid_image_extension"], code="invalid_image_extension")


class _CollectionBeforeValidationMixin:
    """Sets the collection before the row is validated, and leaves replaced files to `file_deletion`."""

    def clean(self) -> dict[str, Any] | None:
        if len(self.collections) == 1:  # type: ignore[attr-defined]
            # Wagtail sets the only possible collection in save(), after consent and quota are validated against it.
            self.instance.collection = self.collections[0]  # type: ignore[attr-defined]
        cleaned_data: dict[str, Any] | None = super().clean()  # type: ignore[misc]
        return cleaned_data

    def save(self, commit: bool = True) -> Any:
        # Wagtail would delete the replaced file before the transaction is committed.
        self.original_file = None
        return super().save(commit)  # type: ignore[misc]


class DepartmentImageForm(_CollectionBeforeValidationMixin, BaseImageForm):
    """Base class of the forms for uploading and editing images (setting WAGTAILIMAGES_IMAGE_FORM_BASE)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        user = kwargs.get("user")
        super().__init__(*args, **kwargs)
        if "file" in self.fields:
            field = self.fields["file"]
            self.fields["file"] = InspectedImageField(label=field.label, required=field.required, widget=field.widget)
        if user is not None:
            limit_choices(self, user)


class DepartmentDocumentForm(_CollectionBeforeValidationMixin, BaseDocumentForm):
    """Base class of the forms for uploading and editing documents (setting WAGTAILDOCS_DOCUMENT_FORM_BASE)."""

    class Meta(BaseDocumentForm.Meta):
        pass


class VideoForm(DepartmentMediaForm):
    """The form of a video, whose file and captions count together for the quota."""

    def is_valid(self) -> bool:
        if not super().is_valid():
            return False
        formset = self.formsets["captions"]
        removed = [form.instance for form in formset.deleted_forms]
        captions = [form.instance for form in formset.forms if form not in formset.deleted_forms]
        try:
            refuse_beyond_quota(self.instance, *captions, removed=removed)
        except ValidationError as refusal:
            self.add_error(None, refusal)
            return False
        return True
