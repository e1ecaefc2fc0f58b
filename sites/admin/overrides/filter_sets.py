"""Narrows what the filters of the admin's lists offer: users, sites and tags of the user's departments only."""

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
    """Return the tags that the model's rows use most, of those that lists show the user."""
    return listed_for(popular_tags_for_model(model, count=None), request)[:POPULAR_TAGS_LIMIT]


def narrow_filter_choices() -> None:
    """Make every filter set of the admin narrow its choices when its form is built.

    Wagtail builds filter sets in many places, some while a request runs, and none asks a hook: what they share is
    the base class. Called once, when the applications are ready.
    """
    build = WagtailFilterSet.get_form_class

    def get_form_class(filter_set: WagtailFilterSet) -> type[Form]:
        request = filter_set.request
        if request is not None and (current_department(request) or not is_unrestricted(request.user)):
            for each in filter_set.filters.values():
                _narrow(each, filter_set)
        return build(filter_set)

    WagtailFilterSet.get_form_class = get_form_class


def _narrow(each: Any, filter_set: WagtailFilterSet) -> None:
    if isinstance(each, QuerySetRequestMixin) and each.queryset is not None:
        each.queryset = _narrowed(each.queryset, filter_set.request)
    elif isinstance(each, PopularTagsFilter):
        names = popular_tags(filter_set._meta.model, filter_set.request).values_list("name", flat=True)
        each.extra["choices"] = [(name, name) for name in names]


def _narrowed(choices: Any, request: HttpRequest) -> Callable[[HttpRequest | None], QuerySet]:
    # A filter that a filter set adds to itself, like that of collections, does not know the request.
    def narrowed(_request: HttpRequest | None) -> QuerySet:
        queryset = choices(request) if callable(choices) else choices
        # Other choices (types of content) belong to no department.
        owned = (Collection, Department, Group, Page, Site, Task, Workflow, get_user_model())
        return listed_for(queryset, request) if issubclass(queryset.model, owned) else queryset

    return narrowed
