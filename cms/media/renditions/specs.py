"""The sizes of images that the product shows, as Wagtail's filter specs. Each image has all of them from its upload on.

A list, a page or an API response never makes a rendition. `tests/files/test_upload_screens.py` compares the specs with
Wagtail's templates.
"""

from __future__ import annotations

from wagtail.images.formats import get_image_formats

# Published documents and the API.
LARGE = "max-1600x1600"
THUMBNAIL = "max-480x480"
DOCUMENT_SIZES = (LARGE, THUMBNAIL)

# The logo of a department: the banner of its site, and the API.
BANNER = "max-320x120"
LOGO_SIZES = (BANNER, *DOCUMENT_SIZES)

# Lists, choosers, forms and questions of Wagtail's admin.
ADMIN_SIZES = ("max-800x600", "fill-600x338", "max-400x400", "max-165x165", "max-150x150")

# The image as it was uploaded. Its "rendition" is its own file.
ORIGINAL = "original"


def declared_specs() -> tuple[str, ...]:
    """Return the specs of all renditions, with those of images in rich text."""
    rich_text = (each.filter_spec for each in get_image_formats())
    return tuple(dict.fromkeys((*LOGO_SIZES, *ADMIN_SIZES, *rich_text)))
