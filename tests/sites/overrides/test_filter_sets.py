"""The parts of Wagtail and django-filter that `sites.admin.overrides.filter_sets` relies on."""

import inspect

import django_filters
import pytest
from django_filters.filters import QuerySetRequestMixin
from wagtail.admin.filters import PopularTagsFilter, WagtailFilterSet
from wagtail.admin.views.generic import BaseListingView
from wagtail.models import Collection, Locale

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]


class LocaleFilterSet(WagtailFilterSet):
    locale = django_filters.ModelChoiceFilter(queryset=Locale.objects.all())

    class Meta:
        model = Collection
        fields = ()


def test_every_form_of_a_filter_set_is_built_by_get_form_class(rf, admin_user, monkeypatch):
    built = []
    original = WagtailFilterSet.get_form_class
    monkeypatch.setattr(WagtailFilterSet, "get_form_class", lambda self: built.append(self) or original(self))
    request = rf.get("/")
    request.user, request.session = admin_user, {}
    filter_set = LocaleFilterSet({}, request=request)
    assert filter_set.form.fields["locale"]
    assert built == [filter_set]


def test_get_form_class_of_wagtail_takes_no_argument():
    original = inspect.getclosurevars(WagtailFilterSet.get_form_class).nonlocals["original_get_form_class"]
    assert list(inspect.signature(original).parameters) == ["self"]


def test_the_form_reads_the_queryset_of_a_filter_after_get_form_class_begins(rf):
    filter_set = LocaleFilterSet({}, request=None)
    assert isinstance(filter_set.filters["locale"], QuerySetRequestMixin)
    filter_set.filters["locale"].queryset = lambda request: Locale.objects.none()
    assert list(filter_set.form.fields["locale"].queryset) == []


def test_popular_tags_are_choices_of_a_filter():
    assert issubclass(PopularTagsFilter, django_filters.MultipleChoiceFilter)
    assert PopularTagsFilter(choices=[("a", "a")]).extra["choices"] == [("a", "a")]


def test_listing_views_build_filter_sets_with_the_request():
    assert "request" in inspect.getsource(BaseListingView.get_filterset_kwargs)
