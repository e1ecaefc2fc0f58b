"""Interface through which a serializer reads data outside its page."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from typing import Any, Protocol

from django.db.models import Model
from django.db.models.fields.files import FieldFile

from cms.media.models import CustomDocument


class SerializerContext(Protocol):
    """Access to other public content; `cms.delivery` implements it."""

    def absolute_url(self, url: str) -> str:
        """Return the absolute URL of a path on the department's site; an absolute URL is returned unchanged."""

    def file_url(self, file: FieldFile, url: str = "") -> str:
        """Return the absolute URL of a file, and record that the document shows it: that makes the file public.

        `url` is the URL of a file whose storage has none.
        """

    def card(self, page_id: int) -> dict[str, Any] | None:
        """Return the Card (docs/document.md) of a published page, else None.

        The card is in the locale of the document if the page is published in it, else in the locale of `page_id`.
        """

    def document(self, pk: int) -> CustomDocument | None:
        """Return a document for download, and record that the page refers to it; None if it does not exist."""

    def document_keys(self, tokens: Collection[str]) -> dict[str, int]:
        """Return the keys of the documents with some tokens, which their URLs have. One query."""

    def uses(self, instance: Model) -> None:
        """Record that the document depends on an object: it is serialized again when the object changes.

        Of a consent, also the dates on which it begins and ends.
        """

    def media_text(self, item: Model, text: str) -> str:
        """Return the reviewed translation of the text of an image or a document, else `text`, its original.

        `text` is then named as one that is in the source language.
        """

    def is_private_collection(self, collection_id: int) -> bool:
        """Return True if a collection has view restrictions; documents omit its files."""

    def schedule_refresh(self, moment: datetime.datetime) -> None:
        """Request that the document is serialized again at `moment`."""
