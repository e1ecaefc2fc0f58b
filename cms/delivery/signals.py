"""Signal handlers that queue refresh requests for every change that a document may show, in the same transaction."""

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

# Fields that are saved alone when a draft is saved or a page is locked. No document shows them.
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

# Fields of a department that documents show.
DEPARTMENT_FIELDS = ("slug", "name", "contact_email", "contact_phone")


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
        signal.connect(locale_changed, sender=DepartmentLocale, dispatch_uid="delivery.locale")
    post_save.connect(site_saved, sender=Site, dispatch_uid="delivery.site_saved")
    pre_save.connect(department_changed, sender=Department, dispatch_uid="delivery.department_changed")
    for model in embedding_models():
        post_save.connect(embedded_object_saved, sender=model, dispatch_uid=f"delivery.saved.{model._meta.label}")
        pre_delete.connect(embedded_object_deleted, sender=model, dispatch_uid=f"delivery.deleted.{model._meta.label}")


def page_url_changed(instance: Model, raw: bool = False, **kwargs: Any) -> None:
    """Queue the subtree of a page whose slug or parent changes, since the URLs of all descendants change too.

    Wagtail's own signals for these changes are sent after the commit.
    """
    if isinstance(instance, Page) and instance.pk and not raw:
        stored = Page.objects.filter(pk=instance.pk).exclude(url_path=instance.url_path)
        if stored.exists():
            queue_subtree(instance.pk)


def page_saved(instance: Model, update_fields: frozenset[str] | None = None, raw: bool = False, **kwargs: Any) -> None:
    """Queue the document of a page, unless only editorial fields are saved."""
    if isinstance(instance, Page) and not raw and not (update_fields and EDITORIAL_FIELDS.issuperset(update_fields)):
        queue_pages([instance.pk])


def page_deleted(instance: Model, **kwargs: Any) -> None:
    """Queue a deleted page, its translations, and the pages that refer to them while the references still exist."""
    if isinstance(instance, Page):
        translations = Page.objects.filter(translation_key=instance.translation_key).values_list("pk", flat=True)
        queue_pages({instance.pk, *translations} | pages_referencing(page_reference_targets(translations)))


def page_moved(instance: Page, parent_page_before: Page, parent_page_after: Page, **kwargs: Any) -> None:
    """Queue the order of the pages below both parents: a move renumbers siblings, which send no signal."""
    for parent_id in {parent_page_before.pk, parent_page_after.pk}:
        queue_child_order(parent_id)


def collection_restriction_changed(instance: CollectionViewRestriction, **kwargs: Any) -> None:
    """Queue the documents that show a member of the collection, since documents omit members of private collections."""
    in_collection = {"collection__path__startswith": instance.collection.path}
    for model in embedding_models():
        if issubclass(model, CollectionMember):
            queue_documents_referencing_any(model._default_manager.filter(**in_collection))


def page_restriction_changed(instance: PageViewRestriction, **kwargs: Any) -> None:
    """Queue the subtree of a page that becomes private or public."""
    queue_subtree(instance.page_id)


def sharing_changed(instance: Sharing, **kwargs: Any) -> None:
    """Queue the shared content, and the copies made under the sharing."""
    copies = CopyOrigin.objects.filter(sharing=instance).values("content_key")
    affected = Q(translation_key=instance.content_key) | Q(translation_key__in=copies)
    queue_pages(Page.objects.filter(affected).values_list("pk", flat=True))


def copy_changed(instance: CopyOrigin, **kwargs: Any) -> None:
    """Queue a copy, whose document names its origin."""
    queue_pages(Page.objects.filter(translation_key=instance.content_key).values_list("pk", flat=True))


def locale_changed(instance: DepartmentLocale, **kwargs: Any) -> None:
    """Queue all documents on the site of a department that adds or removes a language."""
    queue_subtree(instance.department.container_id)
    _queue_received_content(instance.department)


def _queue_received_content(department: Department) -> None:
    """Queue the content of other departments that is shown on the department's site: its documents name it."""
    keys = Sharing.objects.placed().filter(department=department).values("content_key")
    queue_pages(Page.objects.filter(translation_key__in=keys).values_list("pk", flat=True))


def _queue_copies_of(department: Department) -> None:
    """Queue the copies of the department's content: their documents name it as their origin."""
    keys = CopyOrigin.objects.filter(sharing__owner=department).values("content_key")
    queue_pages(Page.objects.filter(translation_key__in=keys).values_list("pk", flat=True))


def site_saved(instance: Site, created: bool, **kwargs: Any) -> None:
    """Queue all documents on a site whose host name may have changed, since it is part of their URLs."""
    if not created and (department := Department.objects.filter(site=instance).first()):
        queue_subtree(department.container_id)
        _queue_received_content(department)


def department_changed(instance: Department, **kwargs: Any) -> None:
    """Queue all documents that show the name, slug or contact of a department, if one of these changes."""
    new_values = {name: getattr(instance, name) for name in DEPARTMENT_FIELDS}
    if Department.objects.filter(pk=instance.pk).exclude(**new_values).exists():
        queue_subtree(instance.container_id)
        _queue_received_content(instance)
        _queue_copies_of(instance)
        for organisation in Organisation.objects.filter(department=instance):
            queue_referencing_documents(organisation)


def embedded_object_saved(instance: Model, raw: bool = False, **kwargs: Any) -> None:
    """Queue the documents that show an object."""
    if not raw:
        queue_referencing_documents(instance)


def embedded_object_deleted(instance: Model, **kwargs: Any) -> None:
    """Queue the documents that show an object, while the references to it still exist."""
    content_type = ContentType.objects.get_for_model(instance)
    queue_pages(pages_referencing({(content_type.pk, str(instance.pk))}))
