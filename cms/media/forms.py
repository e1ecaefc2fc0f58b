"""Forms of images, documents, videos and consents: choices of the user's departments, and the quota of a department."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from wagtail.documents.forms import BaseDocumentForm
from wagtail.images.fields import WagtailImageField
from wagtail.images.forms import BaseImageForm

from sites.admin.screens.forms import DepartmentMediaForm, limit_choices

from .uploads.storage_quota import refuse_beyond_quota
from .uploads.upload_limits import refuse_too_many_pixels


class LimitedImageField(WagtailImageField):
    """Wagtail's field, which counts the pixels before it decodes the file, and reports a damaged file as an error."""

    def to_python(self, data: Any) -> Any:
        if data:
            refuse_too_many_pixels(data)
        try:
            return super().to_python(data)
        except ValidationError:
            raise
        except Exception as error:  # Pillow raises many kinds of errors for a damaged file.
            raise ValidationError(self.error_messages["invalid_image"], code="invalid_image") from error


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
            self.fields["file"] = LimitedImageField(label=field.label, required=field.required, widget=field.widget)
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
