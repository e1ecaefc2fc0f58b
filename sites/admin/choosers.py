"""Choosers that offer only what the user's departments own or share."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from wagtail.images.views.chooser import ImageChooseView
from wagtail.snippets.views.chooser import ChooseResultsView, ChooseView, SnippetChooserViewSet

from ..guard import listed
from .filters import popular_tags


class _NarrowedChoices:
    def get_object_list(self) -> QuerySet:
        return listed(super().get_object_list(), self.request)  # type: ignore[misc,attr-defined]


class DepartmentChooseView(_NarrowedChoices, ChooseView):
    pass


class DepartmentChooseResultsView(_NarrowedChoices, ChooseResultsView):
    pass


class DepartmentChooserViewSet(SnippetChooserViewSet):
    """Chooser of a snippet that stands in a collection."""

    choose_view_class = DepartmentChooseView
    choose_results_view_class = DepartmentChooseResultsView


class DepartmentImageChooseView(ImageChooseView):
    """Wagtail's own, which has a hook for its images but none for the popular tags above them."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"popular_tags": popular_tags(self.model, self.request)}
