"""The form of the profile picture, with limits of bytes and pixels.

Replaces: `AvatarSettingsPanel.form_class` of Wagtail, whose form decodes a picture of any size.
Why no hook serves: `register_account_settings_panel` adds panels, and Wagtail's own panels are fixed.
Written for: Wagtail 8.0.
Upstream issue: none found.
Test that fails when upstream changes: tests/media/test_upload_limits.py.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.account import AvatarPreferencesForm
from wagtail.admin.views.account import AvatarSettingsPanel
from wagtail.users.models import UserProfile

from cms.media.inspection.inspector import inspect_file
from cms.media.uploads.upload_limits import MaximumSize, refuse_costly_picture, validate_pixels


class LimitedImageField(forms.ImageField):
    """Django's field, which opens only pictures of a known format and size."""

    def to_python(self, data: Any) -> Any:
        if data:
            refuse_costly_picture(data, self.error_messages)
        return super().to_python(data)


class LimitedAvatarForm(AvatarPreferencesForm):
    """Wagtail's form. The limits are validated before a child process decodes the picture and removes its metadata."""

    avatar = LimitedImageField(
        label=_("Upload a profile picture"),
        required=False,
        validators=[MaximumSize("AVATAR_MAX_BYTES"), validate_pixels],
    )

    def save(self, commit: bool = True) -> UserProfile:
        # Wagtail would delete the replaced file before the commit; `file_deletion` deletes it afterwards.
        self._original_avatar = None
        profile: UserProfile = super().save(commit)
        return profile

    def clean_avatar(self) -> Any:
        avatar = super().clean_avatar()
        if isinstance(avatar, UploadedFile):
            inspect_file(avatar, "avatar", avatar.name or "")
        return avatar


def limit_avatars() -> None:
    """Use the form in the account settings. The application calls it once, in `ready`."""
    AvatarSettingsPanel.form_class = LimitedAvatarForm
