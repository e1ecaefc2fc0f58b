"""The reviewed translations of the texts of media, for published documents."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Model, Q

from cms.translations.models import MediaText

from .shown_media import DOCUMENT, IMAGE, kind_of

# The kind of the medium, its key, and the key of the locale.
TextKey = tuple[str, int, int]


class PublicMediaTexts:
    """The reviewed texts of some images and documents in all languages, loaded in one query.

    Those of another medium take one query each.
    """

    def __init__(self, images: Collection[int], documents: Collection[int]) -> None:
        self._known: set[tuple[str, int]] = set()
        self._texts: dict[TextKey, str] = {}
        self._load({IMAGE: images, DOCUMENT: documents})

    def text_of(self, item: Model, locale_id: int) -> str:
        """Return the reviewed text of an image or a document in a language, "" without one."""
        kind = kind_of(type(item))
        if (kind, item.pk) not in self._known:
            self._load({kind: [item.pk]})
        return self._texts.get((kind, item.pk, locale_id), "")

    def _load(self, keys: dict[str, Collection[int]]) -> None:
        condition = Q(pk__in=[])
        for kind, pks in keys.items():
            self._known |= {(kind, pk) for pk in pks}
            condition |= Q(**{f"{kind}__in": pks})
        rows: Any = MediaText.objects.filter(condition).exclude(public_text="")
        for image, document, locale, text in rows.values_list("image", "document", "locale", "public_text"):
            kind, pk = (IMAGE, image) if image is not None else (DOCUMENT, document)
            self._texts[kind, pk, locale] = text
