"""Signal handlers that queue refresh requests for every change that a document may show, in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Model
from django.db.models.signals import post_delete, post_save, pre_delete, pre_save
from django_tasks import task
from wagtail.models import Collection, CollectionViewRestriction, Locale, Page, PageViewRestriction, Site
from wagtail.signals import post_page_move

from cms.media.models import Consent, CustomDocument, CustomImage, CustomRendition, Video, VideoCaption
from cms.media.renditions.file_checks import file_repaired
from cms.pages.models import CopyOrigin
from cms.translations.models import MediaText
from cms.translations.progress.updates import public_state_changed
from cms.translations.signals import DRAFT_FIELDS
from sites.models import Department, DepartmentLocale, Sharing

from .documents.related_objects import embedded_models
from .models import PublishedDocument, stored_json
from .refresh_requests import (
    queue_child_order,
    queue_content,
    queue_headers,
    queue_object,
    queue_own_page,
    queue_pages,
    queue_subtree,
    queue_urls,
)

# Fields of a department that documents show.
# The code decides the time zone.
DEPARTMENT_FIELDS = ("code", "slug", "name", "contact_email", "contact_phone")


def connect() -> None:
    """Connect the handlers. The application calls it once, in `ready`."""
    pre_save.connect(page_url_changed, dispatch_uid="delivery.page_url_changed")
    post_save.connect(page_saved, dispatch_uid="delivery.page_saved")
    pre_delete.connect(page_deleted, dispatch_uid="delivery.page_deleted")
    post_page_move.connect(page_moved, dispatch_uid="delivery.page_moved")
    for signal in (post_save, post_delete):
        signal.connect(page_restriction_changed, sender=PageViewRestriction, dispatch_uid="delivery.page_restriction")
        signal.connect(
            collection_restriction_changed,
            sender=CollectionViewRestriction,
            dispatch_uid="delivery.collection_restriction",
        )
        signal.connect(sharing_changed, sender=Sharing, dispatch_uid="delivery.sharing")
        signal.connect(copy_changed, sender=CopyOrigin, dispatch_uid="delivery.copy")
        signal.connect(department_locale_changed, sender=DepartmentLocale, dispatch_uid="delivery.department_locale")
        signal.connect(media_text_changed, sender=MediaText, dispatch_uid="delivery.media_text")
        signal.connect(captions_changed, sender=VideoCaption, dispatch_uid="delivery.captions")
        for model in embedded_models():
            signal.connect(embedded_object_changed, sender=model, dispatch_uid=f"delivery.{model._meta.label}")
    file_repaired.connect(embedded_object_changed, dispatch_uid="delivery.file_repaired")
    public_state_changed.connect(translation_state_changed, dispatch_uid="delivery.translation_state")
    stored_json.document_unreadable.connect(document_unreadable, dispatch_uid="delivery.document_unreadable")
    post_save.connect(collection_saved, sender=Collection, dispatch_uid="delivery.collection")
    post_delete.connect(rendition_deleted, sender=CustomRendition, dispatch_uid="delivery.rendition")
    pre_save.connect(locale_changes, sender=Locale, dispatch_uid="delivery.locale_changes")
    post_save.connect(locale_saved, sender=Locale, dispatch_uid="delivery.locale_saved")
    post_save.connect(site_saved, sender=Site, dispatch_uid="delivery.site_saved")
    pre_save.connect(department_changes, sender=Department, dispatch_uid="delivery.department_changes")
    post_save.connect(department_saved, sender=Department, dispatch_uid="delivery.department_saved")


@task()
def write_document_again(page_id: int) -> None:
    """Queue the document of a page whose stored JSON cannot be read.

    Without its hash, or its card, the publisher stores it anew. An intact document keeps its hash, without which it is
    not shown, while its card is damaged: the publisher may be unable to write it.
    """
    documents = PublishedDocument.objects.filter(page_id=page_id)
    for document in documents.filter(is_withdrawn=False):
        stored = documents.filter(pk=document.pk, etag=document.etag, card=document.card)
        if not (document.has_body_of_publisher and stored_json.is_document(document.body)):
            stored.update(etag="")
        elif not stored_json.is_card(document.card):
            stored.update(card="")
    queue_pages([page_id])


def document_unreadable(page_id: int, **kwargs: Any) -> None:
    """Write a document again in the background: the request that met it may only read."""
    write_document_again.using(backend=settings.BACKGROUND_TASKS).enqueue(page_id)


def page_url_changed(instance: Model, raw: bool = False, **kwargs: Any) -> None:
    """Queue the URLs below a page whose slug changes, or the documents below a page that has a new parent.

    Only a new parent can make pages private or public. Wagtail's own signals for these changes are sent after the
    commit. `Page.save` is one transaction around this handler.
    """
    if isinstance(instance, Page) and instance.pk and not raw:
        stored = Page.objects.filter(pk=instance.pk).exclude(url_path=instance.url_path)
        for url_path in stored.values_list("url_path", flat=True):
            if _parent_path(url_path) == _parent_path(instance.url_path):
                queue_urls(instance.pk)
            else:
                queue_subtree(instance.pk)


def _parent_path(url_path: str) -> str:
    return url_path.rstrip("/").rpartition("/")[0]


def page_saved(instance: Model, update_fields: frozenset[str] | None = None, raw: bool = False, **kwargs: Any) -> None:
    """Queue the document of a page, unless only editorial fields are saved."""
    if isinstance(instance, Page) and not raw and not (update_fields and DRAFT_FIELDS.issuperset(update_fields)):
        queue_own_page(instance.pk)


def page_deleted(instance: Model, **kwargs: Any) -> None:
    """Queue a deleted page. Its document names its translations, and the references the pages that show it."""
    if isinstance(instance, Page):
        queue_own_page(instance.pk)


def page_moved(instance: Page, parent_page_before: Page, parent_page_after: Page, **kwargs: Any) -> None:
    """Queue the order of the pages below both parents: a move renumbers siblings, which send no signal."""
    for parent_id in {parent_page_before.pk, parent_page_after.pk}:
        queue_child_order(parent_id)


def collection_restriction_changed(instance: CollectionViewRestriction, **kwargs: Any) -> None:
    """Queue the documents that show a member of the collection, since documents omit members of private collections."""
    queue_object(Collection(pk=instance.collection_id), urgent=True)


def collection_saved(instance: Collection, created: bool, raw: bool = False, **kwargs: Any) -> None:
    """Queue the documents that show a member of a collection. Its form saves it before it moves it without a signal."""
    if not (created or raw):
        queue_object(instance, urgent=True)


def page_restriction_changed(instance: PageViewRestriction, **kwargs: Any) -> None:
    """Queue the subtree of a page that becomes private or public."""
    queue_subtree(instance.page_id)


def sharing_changed(instance: Sharing, **kwargs: Any) -> None:
    """Queue the shared content, and its copies."""
    _queue_content(instance.content_key)


def copy_changed(instance: CopyOrigin, **kwargs: Any) -> None:
    """Queue a copy, whose document names its origin."""
    _queue_content(instance.content_key)


def _queue_content(content_key: UUID) -> None:
    if (page_id := Page.objects.filter(translation_key=content_key).values_list("pk", flat=True).first()) is not None:
        queue_content(page_id)


def department_locale_changed(instance: DepartmentLocale, **kwargs: Any) -> None:
    """Queue all documents of a department that adds or removes a language, and those that it receives."""
    queue_object(Department(pk=instance.department_id), urgent=True)


def locale_changes(instance: Locale, raw: bool = False, **kwargs: Any) -> None:
    """Note if the code of a language changes: it is a part of URLs and the key of documents."""
    stored = Locale.objects.filter(pk=instance.pk).exclude(language_code=instance.language_code)
    instance.has_new_code = instance.pk is not None and not raw and stored.exists()


def locale_saved(instance: Locale, **kwargs: Any) -> None:
    """Queue the documents of all pages in a language that has a new code."""
    if instance.has_new_code:
        queue_object(instance, urgent=True)


def site_saved(instance: Site, created: bool, **kwargs: Any) -> None:
    """Queue all documents on a site whose host name may have changed, since it is part of their URLs."""
    if not created and (department := Department.objects.filter(site=instance).first()):
        queue_object(department)


def department_changes(instance: Department, **kwargs: Any) -> None:
    """Note if a value of a department changes that its documents show or depend on."""
    new_values = {name: getattr(instance, name) for name in DEPARTMENT_FIELDS}
    changed = Department.objects.filter(pk=instance.pk).exclude(**new_values)
    instance.has_new_details = instance.pk is not None and changed.exists()  # type: ignore[attr-defined]


def department_saved(instance: Department, **kwargs: Any) -> None:
    """Queue all documents that show the details of a department, if one of these has changed.

    Not before the row is written: outside a transaction the queue would be processed before it.
    """
    if instance.has_new_details:  # type: ignore[attr-defined]
        queue_object(instance)


def embedded_object_changed(instance: Model, raw: bool = False, **kwargs: Any) -> None:
    """Queue the documents that show an object that is saved or deleted."""
    if not raw:
        queue_object(instance, urgent=isinstance(instance, Consent))


def translation_state_changed(page_ids: list[int], **kwargs: Any) -> None:
    """Queue the headers of translated pages that have become outdated, current or reviewed, and of their aliases."""
    queue_headers([*page_ids, *Page.objects.filter(alias_of__in=page_ids).values_list("pk", flat=True)])


def captions_changed(instance: VideoCaption, raw: bool = False, **kwargs: Any) -> None:
    """Queue the documents that show a video whose captions are saved or deleted as rows."""
    if not raw:
        queue_object(Video(pk=instance.video_id))


def media_text_changed(
    instance: MediaText, raw: bool = False, update_fields: Iterable[str] | None = None, **kwargs: Any
) -> None:
    """Queue the documents that show an image or a document whose reviewed translation is saved or deleted."""
    is_seen = instance.public_text and (update_fields is None or "public_text" in set(update_fields))
    if is_seen and not raw:
        queue_object(
            CustomImage(pk=instance.image_id) if instance.image_id else CustomDocument(pk=instance.document_id)
        )


def rendition_deleted(instance: CustomRendition, **kwargs: Any) -> None:
    """Queue the documents that show an image that loses a rendition: the next one has another URL."""
    queue_object(CustomImage(pk=instance.image_id))
