"""The URLs to which a form sends files, with the settings that limit them. Every other URL takes small bodies only.

A test finds the views whose form has a file field, and the views that read files without a form, and compares them.
"""

from __future__ import annotations

from django.conf import settings

_IMAGE = ("WAGTAILIMAGES_MAX_UPLOAD_SIZE",)
_DOCUMENT = ("WAGTAILDOCS_MAX_UPLOAD_SIZE",)
_VIDEO = ("VIDEO_MAX_BYTES", "ALL_CAPTIONS_MAX_BYTES")
_PROOF = ("PROOF_MAX_BYTES",)

# Settings with the bytes that the files of one form may have, by URL name.
UPLOAD_URLS: dict[str, tuple[str, ...]] = {
    "language_resources": ("TRANSLATION_UPLOAD_MAX_BYTES",),
    "translation_import": ("TRANSLATION_UPLOAD_MAX_BYTES",),
    "wagtailadmin_account": ("AVATAR_MAX_BYTES",),
    "wagtaildocs:add": _DOCUMENT,
    "wagtaildocs:add_multiple": _DOCUMENT,
    "wagtaildocs:edit": _DOCUMENT,
    "wagtaildocs_chooser:create": _DOCUMENT,
    "wagtailimages:add": _IMAGE,
    "wagtailimages:add_multiple": _IMAGE,
    "wagtailimages:edit": _IMAGE,
    "wagtailimages_chooser:create": _IMAGE,
    "wagtailredirects:start_import": (),
    "wagtailsnippets_cms_media_consent:add": _PROOF,
    "wagtailsnippets_cms_media_consent:edit": _PROOF,
    "wagtailsnippets_cms_media_video:add": _VIDEO,
    "wagtailsnippets_cms_media_video:edit": _VIDEO,
}


def body_limit(url_name: str) -> int:
    """Return the bytes that a member may send to a URL: the files of its form, and the other fields."""
    files: int = sum(getattr(settings, name) for name in UPLOAD_URLS.get(url_name, ()))
    return files + settings.FORM_BODY_MAX_BYTES
