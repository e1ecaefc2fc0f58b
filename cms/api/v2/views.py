"""Viewsets of version 2: Wagtail's own, limited to the public content of one department."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Prefetch, QuerySet
from django.http import Http404
from rest_framework.request import Request
from wagtail.api.v2.filters import FieldsFilter, OrderingFilter
from wagtail.api.v2.utils import BadRequestError, get_full_url
from wagtail.api.v2.views import BaseAPIViewSet, PagesAPIViewSet
from wagtail.documents.api.v2.views import DocumentsAPIViewSet
from wagtail.images.api.v2.views import ImagesAPIViewSet
from wagtail.models import Page

from cms.api.errors import truncate
from cms.api.overrides.django_requests import django_request
from cms.api.public_views import PublicView
from cms.media.image_presentation import image_data
from cms.media.models import CustomImage, CustomRendition
from cms.media.renditions.specs import DOCUMENT_SIZES
from sites.access.hosts import department_of_host
from sites.models import Department
from sites.rate_limits.limiter import consume_for_client
from sites.validation.incoming_text import CONTROL_CHARACTER
from sites.validation.search_texts import MAX_LENGTH, MAX_WORDS, is_too_long_to_search

from .overrides.base_querysets import PublishedPagesMixin, ReferencedMediaMixin
from .scope import public_documents, public_urls
from .serializers import PublicImageSerializer, PublicPageSerializer

MAXIMUM_VALUE_LENGTH = 500  # characters of a query parameter; Wagtail parses nested `fields` recursively
MAXIMUM_NUMBER = 2_000_000_000  # of an id, an offset or a limit
PAGE_ID_PARAMETERS = ("id", "child_of", "ancestor_of", "descendant_of", "translation_of")


class DepartmentViewSet(PublicView, BaseAPIViewSet):
    """Base class of the viewsets, for the department of the requested host. It reads no cookie."""

    known_query_parameters = frozenset(("limit", "offset", "fields", "order", "_"))
    # Model fields by which lists can be filtered and ordered.
    filter_fields: tuple[str, ...] = ("id",)
    department: Department

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        departments = Department.objects.select_related("site__root_page", "container", "collection")
        department = department_of_host(django_request(request), departments)
        if department is None:
            raise Http404("This host is no department's; ask at the address of a department's site.")
        self.department = department
        for name, value in request.GET.items():
            self.check_value(name, str(value))
        self.check_field_values()

    def check_value(self, name: str, value: str) -> None:
        """Raise BadRequestError for a value on which Wagtail's views fail, or that names another department."""
        if CONTROL_CHARACTER.search(value) or len(value) > MAXIMUM_VALUE_LENGTH:
            raise BadRequestError(
                f"{truncate(name)} holds a control character or more than {MAXIMUM_VALUE_LENGTH} characters"
            )
        if name in (*PAGE_ID_PARAMETERS, "limit", "offset"):
            is_root = value == "root" and name not in ("id", "ancestor_of", "limit", "offset")
            if not is_root and not (value.isascii() and value.isdigit() and int(value) <= MAXIMUM_NUMBER):
                raise BadRequestError(f"{name} must be a positive integer")
        if name == "order" and value == "random":
            raise BadRequestError("random ordering is not supported")

    @classmethod
    def get_available_fields(cls, model: Any, db_fields_only: bool = False) -> list[str]:
        fields: list[str] = super().get_available_fields(model, db_fields_only)
        return [field for field in fields if field in cls.filter_fields] if db_fields_only else fields

    def check_field_values(self) -> None:
        """Raise BadRequestError for a value that its field cannot have. Wagtail filters details by it as well."""
        for name in self.get_available_fields(self.model, db_fields_only=True):
            try:
                if name in self.request.GET and name != "show_in_menus":  # Wagtail's filter parses booleans.
                    self.model._meta.get_field(name).to_python(self.request.GET[name])
            except ValidationError:
                raise BadRequestError(f"field filter error. This is not a valid value for {name}") from None


class DepartmentPagesViewSet(PublishedPagesMixin, DepartmentViewSet, PagesAPIViewSet):
    """Public pages of the department in all its languages."""

    base_serializer_class = PublicPageSerializer
    known_query_parameters = DepartmentViewSet.known_query_parameters | {
        *("search", "search_operator", "type", "locale", "site"),
        *("child_of", "ancestor_of", "descendant_of", "translation_of"),
    }
    body_fields = [*PagesAPIViewSet.body_fields, "document"]
    meta_fields = [*PagesAPIViewSet.meta_fields, "translation_key"]
    detail_only_fields = [*PagesAPIViewSet.detail_only_fields, "document"]
    filter_fields = ("id", "title", "slug", "show_in_menus", "first_published_at", "translation_key")
    name = "pages"

    def check_value(self, name: str, value: str) -> None:
        super().check_value(name, value)
        if name == "site":
            site = self.department.site
            if value not in (site.hostname, f"{site.hostname}:{site.port}"):
                raise BadRequestError(f"This host answers for the site {site.hostname} only")
        elif name == "locale":
            if value not in self.languages:
                raise BadRequestError(f"locale must be one of {', '.join(self.languages)}")
        elif name == "search":
            if is_too_long_to_search(value):
                raise BadRequestError(f"search holds more than {MAX_WORDS} words or {MAX_LENGTH} characters")
            consume_for_client("search.client", django_request(self.request))
        elif name == "search_operator" and value not in ("and", "or"):
            raise BadRequestError("search_operator must be 'and' or 'or'")
        elif name == "first_published_at":
            raise BadRequestError("Pages are ordered by first_published_at, not filtered")

    @cached_property
    def languages(self) -> list[str]:
        return list(self.department.department_locales.values_list("locale__language_code", flat=True))

    def get_root_page(self) -> Page:
        return self.department.site.root_page

    def paginate_queryset(self, queryset: QuerySet) -> list[Page]:
        pages = list(super().paginate_queryset(queryset) or [])
        self._urls_by_page |= public_urls(self.department, (page.pk for page in pages))
        return pages

    @cached_property
    def _urls_by_page(self) -> dict[int, str]:
        return {}

    def public_url_of(self, page: Page) -> str | None:
        """Return the URL of the page on the department's site, or None. At most one query for a page."""
        if page.pk not in self._urls_by_page:
            self._urls_by_page |= public_urls(self.department, [page.pk])
        return self._urls_by_page.get(page.pk)

    def find_object(self, queryset: QuerySet, request: Request) -> Page | None:
        """Return the page at `html_path`, a path on the department's site, otherwise the page with `id`."""
        if "html_path" not in request.GET:
            return super().find_object(queryset, request)
        path = "/".join(["", *filter(None, request.GET["html_path"].split("/")), ""])
        if path == "/":
            return queryset.filter(pk=self.get_root_page().pk).first()
        return queryset.filter(pk__in=public_documents(self.department).filter(path=path).values("page_id")).first()


class DepartmentImagesViewSet(ReferencedMediaMixin, DepartmentViewSet, ImagesAPIViewSet):
    """Images to which the department's public pages refer.

    There is no search, because it would match the titles that editors chose, which are not public.
    """

    base_serializer_class = PublicImageSerializer
    filter_backends = [FieldsFilter, OrderingFilter]
    body_fields = [*ImagesAPIViewSet.body_fields, "credit"]
    meta_fields = [*BaseAPIViewSet.meta_fields, "download_url"]
    listing_default_fields = [*BaseAPIViewSet.listing_default_fields, "title", "download_url"]
    name = "images"

    def get_queryset(self) -> QuerySet:
        renditions = CustomRendition.objects.filter(filter_spec__in=DOCUMENT_SIZES)
        images = super().get_queryset()
        return images.select_related("consent").prefetch_related(Prefetch("renditions", renditions))

    @cached_property
    def _images_by_key(self) -> dict[int, dict[str, Any] | None]:
        return {}

    def published_image(self, image: CustomImage) -> dict[str, Any] | None:
        """Return the image as published documents show it, or None if its file is missing."""
        if image.pk not in self._images_by_key:
            self._images_by_key[image.pk] = image_data(image, lambda file: str(get_full_url(self.request, file.url)))
        return self._images_by_key[image.pk]


class DepartmentDocumentsViewSet(ReferencedMediaMixin, DepartmentViewSet, DocumentsAPIViewSet):
    """Documents to which the department's public pages refer. Their tags are not public."""

    filter_backends = [FieldsFilter, OrderingFilter]
    body_fields = [*DocumentsAPIViewSet.body_fields, "kind", "language"]
    meta_fields = [*BaseAPIViewSet.meta_fields, "download_url"]
    listing_default_fields = [*BaseAPIViewSet.listing_default_fields, "title", "download_url"]
    filter_fields = ("id", "title", "kind", "language")
    name = "documents"
