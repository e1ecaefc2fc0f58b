"""The maximum size of a document. Each reader, each list of the API and each index loads documents whole.

The limit of the page (`cms.pages.models.base`) does not hold for its document, in which each reference is a card, an
image or the texts of a snippet.
"""

from __future__ import annotations

import logging
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DatabaseError
from django.utils.translation import gettext_lazy as _

from cms.pages.models import ContentPage
from sites.models import Department

from .document_data import serialize_page
from .page_batch import PageBatch

logger = logging.getLogger(__name__)

# A page of the maximum size has documents of less than half of it, unless it repeats images, pages or snippets.
MAX_BYTES = 1_000_000


class DocumentTooLargeError(ValueError):
    """Raised for a document of more than MAX_BYTES."""


def refuse_large_document(data: dict[str, Any]) -> None:
    """Raise DocumentTooLargeError for a document whose JSON has more than MAX_BYTES, without encoding it.

    A text that the document repeats is one object in memory, and would be copied for each repetition.
    """
    size = 0
    pending: list[Any] = [data]
    while pending:
        value = pending.pop()
        match value:
            case dict():
                pending += value.keys()
                pending += value.values()
                size += 2
            case list():
                pending += value
                size += 2
            case str():
                # Not the bytes of a text that is too long anyway.
                size += len(value.encode()) if len(value) <= MAX_BYTES else len(value)
                size += 2
            case _:
                size += len(str(value))
        size += 1  # The colon or comma after it.
        if size > MAX_BYTES:
            raise DocumentTooLargeError(f"the document has more than {MAX_BYTES} bytes")


def refuse_large_page(page: ContentPage, department: Department) -> None:
    """Raise ValidationError if a page, which a form will publish in a department, has too large a document.

    Takes a fixed number of queries, as the publication does (setting PUBLICATION_CHECK). A page that cannot be
    serialized is left to the publication, which reports the error.
    """
    # A copy, since the objects that the form has loaded would take a query each for those that they show.
    copy = type(page).from_serializable_data(page.serializable_data(), check_fks=False)
    copy.owner_id_of_tree = department.pk  # As `load_pages` annotates it: a new page has no place in the tree yet.
    try:
        serialized, _context = serialize_page(copy, PageBatch([copy]))
        refuse_large_document(serialized)
    except DocumentTooLargeError as error:
        message = _(
            "With the images, pages, people and organisations that it shows, the page has more than %(number)s "
            "characters: divide it into several pages."
        )
        raise ValidationError(message, params={"number": MAX_BYTES}) from error
    except DatabaseError:
        raise
    except Exception:
        logger.exception("page %s could not be serialized before its publication", page.pk)
