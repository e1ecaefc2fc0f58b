"""API views of departments: URL, languages, contact and appearance."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urljoin

from django.core.validators import slug_re
from django.db.models import Prefetch, QuerySet, prefetch_related_objects
from rest_framework.request import Request
from rest_framework.response import Response

from cms.media.image_presentation import image_data
from cms.media.models import CustomRendition
from cms.media.renditions.specs import DOCUMENT_SIZES
from sites.models import Department, DepartmentLocale
from sites.models.language_chains import language_chains

from .errors import ResourceNotFound, truncate
from .pagination import PAGE_PARAMETERS, ListPage
from .parameters import parse_query_parameters
from .public_views import PublicView


class DepartmentListView(PublicView):
    """The list of departments, sorted by code. At most four queries."""

    def get(self, request: Request) -> Response:
        parameters = parse_query_parameters(request.query_params, PAGE_PARAMETERS)
        # All departments are loaded: there are about a hundred, at most one for each INSEE code.
        departments = list(_departments())
        page = ListPage.from_parameters(parameters, len(departments))
        departments = departments[page.slice]
        _fetch_related(departments)
        return Response(
            page.envelope(
                request, (json.dumps(_department_data(department), ensure_ascii=False) for department in departments)
            )
        )


class DepartmentView(PublicView):
    """One department."""

    def get(self, request: Request, slug: str) -> Response:
        parse_query_parameters(request.query_params, ())
        department = _departments().filter(slug=slug).first() if slug_re.match(slug) else None
        if department is None:
            slug = truncate(slug)
            allowed = list(Department.objects.values_list("slug", flat=True))
            raise ResourceNotFound(f"There is no department “{slug}”.", parameter="slug", value=slug, allowed=allowed)
        _fetch_related([department])
        return Response(_department_data(department))


def _departments() -> QuerySet[Department]:
    return Department.objects.select_related("site", "logo__consent").order_by("code")


def _fetch_related(departments: list[Department]) -> None:
    """Load the languages and the logo renditions of all departments, in at most two queries."""
    renditions = CustomRendition.objects.filter(filter_spec__in=DOCUMENT_SIZES)
    prefetch_related_objects(
        departments,
        Prefetch("department_locales", DepartmentLocale.objects.select_related("locale")),
        Prefetch("logo__renditions", renditions),
    )


def _department_data(department: Department) -> dict[str, Any]:
    """Return a department as docs/api.md describes it."""
    home = department.site.root_url + "/"
    chains = language_chains(department.department_locales.all())
    return {
        "code": department.code,
        "name": department.name,
        "slug": department.slug,
        "url": home,
        "locales": [
            {
                "code": language.locale.language_code,
                "is_source": language.is_source,
                "fallbacks": list(chains[language.locale.language_code]),
            }
            for language in department.department_locales.all()
        ],
        "contact": {
            "email": department.contact_email,
            "phone": department.contact_phone,
            "address": department.contact_address,
        },
        "appearance": {
            "primary_colour": department.primary_colour,
            "accent_colour": department.accent_colour,
            "logo": image_data(department.logo, lambda file: urljoin(home, file.url)),
        },
    }
