"""Content hashes of documents. A published document shows the hash, so that readers notice a replaced file."""

from __future__ import annotations

import logging

from django.db.models.fields.files import FieldFile
from wagtail.utils.file import hash_filelike

from .file_visibility import publicly_readable
from .models import CustomDocument

logger = logging.getLogger(__name__)


def content_hash(document: CustomDocument) -> str:
    """Return the SHA-1 of the file in hexadecimal, or "" if the storage cannot read the file.

    A missing hash is computed and stored.
    """
    if not document.file_hash:
        try:
            with document.file.storage.open(document.file.name or "") as stored:
                document.file_hash = hash_filelike(stored)
        except OSError:
            logger.exception("The file of document %s cannot be read.", document.pk)
            return ""
        # An update without signals: the file is the same, so documents that show it need no refresh.
        CustomDocument.objects.filter(pk=document.pk).update(file_hash=document.file_hash)
    return document.file_hash


def public_files(content_hash: str) -> list[FieldFile]:
    """Return the publicly readable files whose stored hash is `content_hash`. One query."""
    return [document.file for document in publicly_readable(CustomDocument.objects.filter(file_hash=content_hash))]
