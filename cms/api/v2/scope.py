"""What version 2 shows of a department: what its published documents rest on, and nothing beside it."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.contenttypes.models import ContentType
from django.db.models import BigIntegerField, CharField, Exists, ExpressionWrapper, F, Model, OuterRef, QuerySet
from django.db.models.functions import Cast
from wagtail.models import Page, PageViewRestriction, ReferenceIndex

from cms.delivery.models import PublishedDocument
from cms.media.file_visibility import publicly_readable
from sites.models import Department


def public_documents(department: Department) -> QuerySet[PublishedDocument]:
    """Return the documents of the department's own contents that may be read now, in its languages."""
    languages = department.department_locales.values("locale__language_code")
    return PublishedDocument.objects.public().filter(department=department, locale__in=languages)


def public_pages(department: Department) -> QuerySet:
    """Return the pages of these documents.

    What is public is the documents' to say, in every API alike. Asked again of the page: whether it is live, still
    stands in the department and is restricted, so that a document not made again yet shows nothing more.

    One condition by key: Wagtail's search takes no other that leads to another table.
    """
    own_path = ExpressionWrapper(OuterRef("path"), output_field=CharField())
    restrictions = PageViewRestriction.objects.annotate(own=own_path).filter(own__startswith=F("page__path"))
    pages = (
        Page.objects.live()
        .filter(
            ~Exists(restrictions),
            pk__in=public_documents(department).values("page_id"),
            path__startswith=department.container.path,
        )
        .order_by()
    )
    return Page.objects.filter(pk__in=pages.values("pk")).select_related("content_type", "locale").order_by("pk")


def public_media(model: type[Model], department: Department) -> QuerySet:
    """Return the images or documents that these pages refer to and that everybody may read today.

    A file in another department's collection is left out, however it came to be referred to.
    """
    page_keys = public_pages(department).order_by().annotate(key=Cast("pk", CharField())).values("key")
    references = ReferenceIndex.objects.filter(
        base_content_type=ContentType.objects.get_for_model(Page),
        object_id__in=page_keys,
        to_content_type=ContentType.objects.get_for_model(model),
    ).annotate(target=Cast("to_object_id", BigIntegerField()))
    own_path = ExpressionWrapper(OuterRef("collection__path"), output_field=CharField())
    others = Department.objects.exclude(pk=department.pk).annotate(own=own_path)
    rows = model._default_manager.filter(
        ~Exists(others.filter(own__startswith=F("collection__path"))), pk__in=references.values("target")
    )
    return publicly_readable(rows).order_by("pk")


def public_urls(department: Department, page_ids: Iterable[int]) -> dict[int, str]:
    """Return the address of each public page on the department's site, by the page's key."""
    paths = public_documents(department).filter(page_id__in=list(page_ids)).values_list("page_id", "path")
    return {page_id: department.site.root_url + path for page_id, path in paths}
