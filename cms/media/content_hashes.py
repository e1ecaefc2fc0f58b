"""Stored files by the hash of their content, by which published documents tell that a file was replaced."""

from __future__ import annotations

import logging

from django.db.models.fields.files import FieldFile
from wagtail.utils.file import hash_filelike

from .file_visibility import publicly_readable
from .models import CustomDocument

logger = logging.getLogger(__name__)


def content_hash(document: CustomDocument) -> str:
    """Return the SHA-1 of a file in hexadecimal, kept once it is known; "" for a file that the storage has lost."""
    if not document.file_hash:
        try:
            with document.file.storage.open(document.file.name or "") as stored:
                document.file_hash = hash_filelike(stored)
        except OSError:
            logger.exception("The file of document %s cannot be read.", document.pk)
            return ""
        # Nothing that a published document shows has changed: nobody is to be told.
        CustomDocument.objects.filter(pk=document.pk).update(file_hash=document.file_hash)
    return document.file_hash


def public_files(content_hash: str) -> list[FieldFile]:
    """Return the files that are said to have a content, of those that everybody may read today."""
    return [document.file for document in publicly_readable(CustomDocument.objects.filter(file_hash=content_hash))]
