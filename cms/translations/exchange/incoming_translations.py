"""Reads a translation file of any format, which its name and its root element tell."""

from __future__ import annotations

from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from . import po, xliff12, xliff21
from .incoming_files import Readable
from .units import ReadFile
from .xml_files import read_xml

READERS = {f"{xliff12.X}xliff": xliff12.read_root, f"{xliff21.X}xliff": xliff21.read_root}


def read_translations(
    file: Readable, name: str, translation_ids: Collection[str] | None = None, max_units: int | None = None
) -> tuple[ReadFile, ...]:
    """Return the translations of a PO file (by the suffix `.po`) or of an XLIFF file of a version that can be read.

    `translation_ids` are those that may be imported, None for all. A file with more than `max_units` texts is refused
    before it is parsed. Raises ValidationError as the readers do, and for another format or version.
    """
    if name.lower().endswith(".po"):
        return po.read(file, name, translation_ids, max_units)
    root = read_xml(file, name, max_units)
    reader = READERS.get(root.tag)
    if reader is None:
        raise ValidationError(_("“%(name)s” is not an XLIFF 1.2, 2.0 or 2.1 file.") % {"name": name})
    return reader(root, name, translation_ids)
