"""What a serializer may ask about the world around its page."""

from __future__ import annotations

import datetime
from typing import Any, Protocol


class SerializerContext(Protocol):
    """Given by `cms.delivery`; never answers with anything that is not public."""

    def absolute_url(self, url: str) -> str:
        """Return an address on the department's site as an absolute one; absolute addresses stay as they are."""

    def card(self, page_id: int) -> dict[str, Any] | None:
        """Return the Card (docs/document.md) of a page that is published, else None.

        A page is shown in this document's locale when it is published there, otherwise as it was referenced.
        """

    def is_private_collection(self, collection_id: int) -> bool:
        """Whether files of a collection are for some readers only: documents, which are for all, leave them out."""

    def schedule_refresh(self, moment: datetime.datetime) -> None:
        """Ask for the document to be made again at a moment to come, from which on it may show more or less."""
