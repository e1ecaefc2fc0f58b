"""The form of the profile picture, with limits of bytes and pixels.

Replaces: `AvatarSettingsPanel.form_class` of Wagtail, whose form decodes a picture of any size.
Why no hook serves: `register_account_settings_panel` adds panels, and Wagtail's own panels are fixed.
Written for: Wagtail 8.0.
Upstream issue: none found.
Test that fails when upstream changes: tests/media/test_upload_limits.py.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.account import AvatarPreferencesForm
from wagtail.admin.views.account import AvatarSettingsPanel
from wagtail.users.models import UserProfile

from cms.media.inspection.inspector import inspect_file
from cms.media.uploads.upload_limits import MaximumSize

MAX_SIDE = 400  # pixels, as in Wagtail's form
SIZE_SPEC = f"max-{MAX_SIDE}x{MAX_SIDE}"


class InspectedAvatarField(forms.ImageField):
    """Django's field, whose `to_python` would open the picture in this process. A child process does, with limits."""

    def to_python(self, data: Any) -> Any:
        file: Any = forms.FileField.to_python(self, data)
        if file is None:
            return None
        MaximumSize("AVATAR_MAX_BYTES")(file)
        found = inspect_file(file, "avatar", file.name or "", specs=[SIZE_SPEC])
        if max(found.width, found.height) > MAX_SIDE:
            smaller = found.renditions[SIZE_SPEC]
            name = PurePosixPath(file.name).with_suffix(PurePosixPath(str(smaller.name)).suffix).name
            file = SimpleUploadedFile(name, smaller.read())
            file.inspection = found
        file.content_type = f"image/{found.picture}"
        return file


class LimitedAvatarForm(AvatarPreferencesForm):
    """Wagtail's form. A child process decodes the picture, removes its metadata and makes it smaller."""

    avatar = InspectedAvatarField(label=_("Upload a profile picture"), required=False)

    def clean_avatar(self) -> Any:
        # Wagtail would open and decode the picture here.
        return self.cleaned_data.get("avatar") or self._original_avatar

    def save(self, commit: bool = True) -> UserProfile:
        # Wagtail would delete the replaced file before the commit; `file_deletion` deletes it afterwards.
        self._original_avatar = None
        profile: UserProfile = super().save(commit)
        return profile


def limit_avatars() -> None:
    """Use the form in the account settings. The application calls it once, in `ready`."""
    AvatarSettingsPanel.form_class = LimitedAvatarForm
