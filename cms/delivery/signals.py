"""Turns every change that a document could show into a refresh request, in the same transaction."""

from __future__ import annotations

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Q
from django.db.models.signals import post_delete, post_save, pre_delete, pre_save
from wagtail.models import CollectionMember, CollectionViewRestriction, Page, PageViewRestriction, Site
from wagtail.signals import post_page_move

from cms.pages.models import CopyOrigin, Organisation
from sites.models import Department, DepartmentLocale, Sharing

from .page_references import embedding_models, page_reference_targets, pages_referencing
from .refresh_requests import (
    queue_child_order,
    queue_documents_referencing_any,
    queue_pages,
    queue_referencing_documents,
    queue_subtree,
)

# Saving a draft or locking a page writes these alone; no document shows them.
EDITORIAL_FIELDS = frozenset(
    {
        "draft_title",
        "has_unpublished_changes",
        "latest_revision",
        "latest_revision_created_at",
        "locked",
        "locked_at",
        "locked_by",
        "wagtail_admin_comments",
        "comments",
    }
)

SHOWN_OF_DEPARTMENTS = ("slug", "name", "contact_email", "contact_phone")


def connect() -> None:
    """Connect the handlers; called once, when the application is ready."""
    pre_save.connect(page_changes_address, dispatch_uid="delivery.page_changes_address")
    post_save.connect(page_saved, dispatch_uid="delivery.page_saved")
    pre_delete.connect(page_deleted, dispatch_uid="delivery.page_deleted")
    post_page_move.connect(page_moved, dispatch_uid="delivery.page_moved")
    for signal in (post_save, post_delete):
        signal.connect(restriction_changed, sender=PageViewRestriction, dispatch_uid="delivery.restriction")
        signal.connect(files_restricted, sender=CollectionViewRestriction, dispatch_uid="delivery.files_restricted")
        signal.connect(sharing_changed, sender=Sharing, dispatch_uid="delivery.sharing")
        signal.connect(copy_changed, sender=CopyOrigin, dispatch_uid="delivery.copy")
        signal.connect(locale_changed, sender=DepartmentLocale, dispatch_uid="delivery.locale")
    post_save.connect(site_saved, sender=Site, dispatch_uid="delivery.site_saved")
    pre_save.connect(department_renamed, sender=Department, dispatch_uid="delivery.department_renamed")
    for model in embedding_models():
        post_save.connect(embedded_object_saved, sender=model, dispatch_uid=f"delivery.saved.{model._meta.label}")
        pre_delete.connect(embedded_object_deleted, sender=model, dispatch_uid=f"delivery.deleted.{model._meta.label}")


def page_changes_address(instance: Model, raw: bool = False, **kwargs: Any) -> None:
    """A new slug or parent changes every address below; Wagtail's own signals for it come after the commit."""
    if isinstance(instance, Page) and instance.pk and not raw:
        moved = Page.objects.filter(pk=instance.pk).exclude(url_path=instance.url_path)
        if moved.exists():
            queue_subtree(instance.pk)


def page_saved(instance: Model, update_fields: frozenset[str] | None = None, raw: bool = False, **kwargs: Any) -> None:
    if isinstance(instance, Page) and not raw and not (update_fields and EDITORIAL_FIELDS.issuperset(update_fields)):
        queue_pages([instance.pk])


def page_deleted(instance: Model, **kwargs: Any) -> None:
    """Ask for what shows the page as well, while the references to it are still known."""
    if isinstance(instance, Page):
        versions = Page.objects.filter(translation_key=instance.translation_key).values_list("pk", flat=True)
        queue_pages({instance.pk, *versions} | pages_referencing(page_reference_targets(versions)))


def page_moved(instance: Page, parent_page_before: Page, parent_page_after: Page, **kwargs: Any) -> None:
    """A move renumbers the siblings and all below them as well, without a signal."""
    for parent_id in {parent_page_before.pk, parent_page_after.pk}:
        queue_child_order(parent_id)


def files_restricted(instance: CollectionViewRestriction, **kwargs: Any) -> None:
    """Documents leave out what is in a private collection, and show it again when it is private no more."""
    inside = {"collection__path__startswith": instance.collection.path}
    for model in embedding_models():
        if issubclass(model, CollectionMember):
            queue_documents_referencing_any(model._default_manager.filter(**inside))


def restriction_changed(instance: PageViewRestriction, **kwargs: Any) -> None:
    queue_subtree(instance.page_id)


def sharing_changed(instance: Sharing, **kwargs: Any) -> None:
    copies = CopyOrigin.objects.filter(sharing=instance).values("content_key")
    about = Q(translation_key=instance.content_key) | Q(translation_key__in=copies)
    queue_pages(Page.objects.filter(about).values_list("pk", flat=True))


def copy_changed(instance: CopyOrigin, **kwargs: Any) -> None:
    queue_pages(Page.objects.filter(translation_key=instance.content_key).values_list("pk", flat=True))


def locale_changed(instance: DepartmentLocale, **kwargs: Any) -> None:
    queue_subtree(instance.department.container_id)
    _request_guests(instance.department)


def _request_guests(department: Department) -> None:
    """Contents of other departments that stand on the department's site, in its languages, name it."""
    keys = Sharing.objects.placed().filter(department=department).values("content_key")
    queue_pages(Page.objects.filter(translation_key__in=keys).values_list("pk", flat=True))


def _request_copies(department: Department) -> None:
    """Copies of the department's content name it."""
    keys = CopyOrigin.objects.filter(sharing__owner=department).values("content_key")
    queue_pages(Page.objects.filter(translation_key__in=keys).values_list("pk", flat=True))


def site_saved(instance: Site, created: bool, **kwargs: Any) -> None:
    """The host name is part of every address of the department."""
    if not created and (department := Department.objects.filter(site=instance).first()):
        queue_subtree(department.container_id)
        _request_guests(department)


def department_renamed(instance: Department, **kwargs: Any) -> None:
    """Documents name the departments that hold them, with their contacts."""
    now = {name: getattr(instance, name) for name in SHOWN_OF_DEPARTMENTS}
    if Department.objects.filter(pk=instance.pk).exclude(**now).exists():
        queue_subtree(instance.container_id)
        _request_guests(instance)
        _request_copies(instance)
        for organisation in Organisation.objects.filter(department=instance):
            queue_referencing_documents(organisation)


def embedded_object_saved(instance: Model, raw: bool = False, **kwargs: Any) -> None:
    if not raw:
        queue_referencing_documents(instance)


def embedded_object_deleted(instance: Model, **kwargs: Any) -> None:
    """Ask while the references to the object are still known."""
    content_type = ContentType.objects.get_for_model(instance)
    queue_pages(pages_referencing({(content_type.pk, str(instance.pk))}))
