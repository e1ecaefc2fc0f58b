"""Filters of the admin's lists, whose choices are limited to users, sites and tags of the user's departments.

Replaces: `WagtailFilterSet.get_form_class`, by a function that limits the choices and then calls the original.
Why no hook serves: Wagtail builds filter sets in many views, some of them while a request runs, and calls no hook for
    it. Views of images, documents and page searches cannot be replaced by a viewset. The base class of all filter
    sets is the only part that they share.
Written for: Wagtail 8.0 and django-filter 26.
Upstream issue: https://github.com/wagtail/roadmap/issues/74 lists improvements for several tenants; none about filters.
Test that fails when upstream changes: tests/sites/overrides/test_filter_sets.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpRequest
from django_filters.filters import QuerySetRequestMixin
from taggit.models import Tag
from wagtail.admin.filters import PopularTagsFilter, WagtailFilterSet
from wagtail.admin.models import popular_tags_for_model
from wagtail.models import Collection, Page, Site, Task, Workflow

from sites.access.capabilities import is_unrestricted
from sites.access.current_department import current_department, listed_for
from sites.models import Department

POPULAR_TAGS_LIMIT = 10


def popular_tags(model: type, request: HttpRequest) -> QuerySet[Tag]:
    """Return the ten tags used by most rows of the model, among the tags that lists show to the user."""
    return listed_for(popular_tags_for_model(model, count=None), request)[:POPULAR_TAGS_LIMIT]


def limit_filter_choices() -> None:
    """Make every filter set of the admin limit its choices when it builds its form.

    To be called once, when the applications are ready. Filter sets without a request, and those of a superuser who
    sees all departments, keep all choices.
    """
    original_get_form_class = WagtailFilterSet.get_form_class

    def get_form_class(filter_set: WagtailFilterSet) -> type[Form]:
        request = filter_set.request
        if request is not None and (current_department(request) or not is_unrestricted(request.user)):
            for single_filter in filter_set.filters.values():
                _limit_choices(single_filter, filter_set)
        return original_get_form_class(filter_set)

    WagtailFilterSet.get_form_class = get_form_class


def _limit_choices(single_filter: Any, filter_set: WagtailFilterSet) -> None:
    if isinstance(single_filter, QuerySetRequestMixin) and single_filter.queryset is not None:
        single_filter.queryset = _limited_queryset(single_filter.queryset, filter_set.request)
    elif isinstance(single_filter, PopularTagsFilter):
        names = popular_tags(filter_set._meta.model, filter_set.request).values_list("name", flat=True)
        single_filter.extra["choices"] = [(name, name) for name in names]


def _limited_queryset(choices: Any, request: HttpRequest) -> Callable[[HttpRequest | None], QuerySet]:
    """Return a callable for django-filter's `queryset` argument that limits the choices to the user's departments.

    Filters that a filter set adds to itself, such as that of collections, are called without the request.
    """

    def limited(_request: HttpRequest | None) -> QuerySet:
        queryset = choices(request) if callable(choices) else choices
        # Other models, such as content types, belong to no department.
        owned_models = (Collection, Department, Group, Page, Site, Task, Workflow, get_user_model())
        return listed_for(queryset, request) if issubclass(queryset.model, owned_models) else queryset

    return limited
