"""Reads an uploaded PO file before wagtail-localize does, which fails on what it does not expect."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from polib import POFile, pofile

MAXIMUM_BYTES = 5_000_000
HEADER = "X-WagtailLocalize-TranslationID"


def parse_po_upload(file: UploadedFile | None, translation_id: str) -> POFile:
    """Return the file's content; it stays readable from its start.

    Raises ValidationError, saying what is wrong, for a missing, empty or too large file, for one that is not UTF-8 or
    not a PO file, and for one that does not say that it is of this translation.
    """
    if file is None:
        raise ValidationError(_("Choose a PO file."))
    if not file.size:
        raise ValidationError(_("The PO file “%(name)s” is empty.") % {"name": file.name})
    if file.size > MAXIMUM_BYTES:
        raise ValidationError(_("The PO file “%(name)s” is larger than 5 MB.") % {"name": file.name})
    try:
        # Never the bare text: polib takes a text that names a file for that file.
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
