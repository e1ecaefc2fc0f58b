"""Querysets of version 2: the documents, pages and files that are public on the site of a department."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.contenttypes.models import ContentType
from django.db.models import BigIntegerField, CharField, Exists, Model, QuerySet
from django.db.models.functions import Cast
from wagtail.models import Page, ReferenceIndex

from cms.delivery.models import PublishedDocument
from cms.media.file_visibility import publicly_readable
from sites.access.querysets import enclosing
from sites.access.references.private_pages import is_restricted
from sites.models import Department


def public_documents(department: Department) -> QuerySet[PublishedDocument]:
    """Return the public documents of the department's own content, in its languages."""
    languages = department.department_locales.values("locale__language_code")
    return PublishedDocument.objects.public().filter(department=department, locale__in=languages)


def public_pages(department: Department) -> QuerySet:
    """Return the pages of the department's public documents that are live, unrestricted and in its page tree.

    A page is public if its document is, as in the other APIs. The state of the page is checked too, because the
    document is refreshed after the commit of a change. The queryset has a single condition on the primary key, because
    Wagtail's search accepts no other condition on another table.
    """
    pages = (
        Page.objects.live()
        .filter(
            ~is_restricted(),
            pk__in=public_documents(department).values("page_id"),
            path__startswith=department.container.path,
        )
        .order_by()
    )
    return Page.objects.filter(pk__in=pages.values("pk")).select_related("content_type", "locale").order_by("pk")


def public_media(model: type[Model], department: Department) -> QuerySet:
    """Return the publicly readable images or documents to which the department's public pages refer.

    Files in collections of other departments are excluded, even if a page refers to them.
    """
    page_keys = public_pages(department).order_by().annotate(key=Cast("pk", CharField())).values("key")
    references = ReferenceIndex.objects.filter(
        base_content_type=ContentType.objects.get_for_model(Page),
        object_id__in=page_keys,
        to_content_type=ContentType.objects.get_for_model(model),
    ).annotate(target=Cast("to_object_id", BigIntegerField()))
    other_owners = enclosing(Department.objects.exclude(pk=department.pk), "collection__path", "collection__path")
    media = model._default_manager.filter(~Exists(other_owners), pk__in=references.values("target"))
    return publicly_readable(media).order_by("pk")


def public_urls(department: Department, page_ids: Iterable[int]) -> dict[int, str]:
    """Return the URLs of public pages on the department's site, by page id. One query."""
    paths = public_documents(department).filter(page_id__in=list(page_ids)).values_list("page_id", "path")
    return {page_id: department.site.root_url + path for page_id, path in paths}
