"""Validation of uploaded PO files. wagtail-localize raises unexpected exceptions for invalid ones."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from polib import POFile, pofile

HEADER = "X-WagtailLocalize-TranslationID"


def parse_po_upload(file: UploadedFile | None, translation_id: str) -> POFile:
    """Return the parsed content of an uploaded PO file, and rewind the file.

    Raises ValidationError with the reason if the file is missing, empty, too large, not UTF-8, not a PO file, or not of
    the translation with this id.
    """
    if file is None:
        raise ValidationError(_("Choose a PO file."))
    if not file.size:
        raise ValidationError(_("The PO file “%(name)s” is empty.") % {"name": file.name})
    if file.size > settings.PO_FILE_MAX_BYTES:
        raise ValidationError(_("The PO file “%(name)s” is larger than 5 MB.") % {"name": file.name})
    try:
        # polib opens a file if the text is the path of one; with a line break it cannot be.
        po = pofile(file.read().decode("utf-8-sig") + "\n")
    except UnicodeDecodeError:
        raise ValidationError(_("The PO file “%(name)s” is not UTF-8 text.") % {"name": file.name}) from None
    except (OSError, ValueError, IndexError):
        raise ValidationError(_("“%(name)s” is not a PO file.") % {"name": file.name}) from None
    finally:
        file.seek(0)
    if HEADER not in po.metadata:
        message = _("The PO file “%(name)s” does not say of which translation it is (header %(header)s).")
        raise ValidationError(message % {"name": file.name, "header": HEADER})
    if po.metadata[HEADER] != translation_id:
        raise ValidationError(_("The PO file “%(name)s” is of another translation.") % {"name": file.name})
    return po
