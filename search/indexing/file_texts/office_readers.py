"""The reader of each office format, by extension."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from .office_documents import open_document, pptx
from .sheet_cells import xlsx
from .word_documents import docx

READERS: dict[str, Callable[[bytes], Iterator[str]]] = {
    "docx": docx,
    "pptx": pptx,
    "xlsx": xlsx,
    "odt": open_document,
    "ods": open_document,
    "odp": open_document,
}
