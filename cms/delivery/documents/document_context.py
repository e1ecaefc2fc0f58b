"""The context in which the serializer of one page runs."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.db.models.fields.files import FieldFile
from wagtail.models import Page

from cms.media.models import Consent, CustomDocument
from cms.pages.models import ContentPage
from sites.models import Department

from .untranslated_texts import END, START

if TYPE_CHECKING:
    from .page_batch import PageBatch


class DocumentContext:
    """The `cms.pages.serializers.SerializerContext` of one page of a batch.

    It records the objects on which the document depends (content type, key), the files that it shows, and the next
    date on which it changes.

    `media_language` is the language of the originals of media texts, "" if it is that of the page. With `marks`,
    originals have marks around them, and `has_marks` says whether one was needed.
    """

    def __init__(
        self,
        batch: PageBatch,
        page: ContentPage,
        department: Department,
        media_language: str = "",
        *,
        marks: bool = False,
    ) -> None:
        self._batch = batch
        self._locale = page.locale.language_code
        self._locale_id = page.locale_id
        self._media_language = media_language
        self._marks = marks
        self.has_marks = False
        self._root_url = department.site.root_url
        self.next_change_at: datetime.datetime | None = None
        self.file_names: set[str] = set()
        self.references: set[tuple[int, int]] = set()

    def absolute_url(self, url: str) -> str:
        return urljoin(self._root_url + "/", url)

    def file_url(self, file: FieldFile, url: str = "") -> str:
        self.file_names.add(file.name or "")
        return self.absolute_url(url or file.url)

    def card(self, page_id: int) -> dict[str, Any] | None:
        self.references.add((ContentType.objects.get_for_model(Page).pk, page_id))
        card, expires_at = self._batch.card(page_id, self._locale)
        if expires_at is not None:
            self.schedule_refresh(expires_at)
        return card

    def document(self, pk: int) -> CustomDocument | None:
        self.references.add((ContentType.objects.get_for_model(CustomDocument).pk, pk))
        document: CustomDocument | None = self._batch.objects.get(CustomDocument, pk)
        return document

    def document_keys(self, tokens: Collection[str]) -> dict[str, int]:
        keys = dict(CustomDocument.objects.filter(token__in=tokens).values_list("token", "pk")) if tokens else {}
        self._batch.objects.in_bulk(CustomDocument, keys.values())
        return keys

    def uses(self, instance: Model) -> None:
        self.references.add((ContentType.objects.get_for_model(instance).pk, instance.pk))
        if isinstance(instance, Consent):
            self.schedule_refresh(instance.starts_at)
            self.schedule_refresh(instance.ends_at)

    def media_text(self, item: Model, text: str) -> str:
        if not self._media_language or not text:
            return text
        if translated := self._batch.media_texts.text_of(item, self._locale_id):
            return translated
        if not self._marks:
            return text
        self.has_marks = True
        return START + text + END

    def is_private_collection(self, collection_id: int) -> bool:
        return collection_id in self._batch.private_collections

    def schedule_refresh(self, moment: datetime.datetime) -> None:
        if moment > self._batch.now and (self.next_change_at is None or moment < self.next_change_at):
            self.next_change_at = moment
