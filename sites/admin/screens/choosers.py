"""Choosers that offer only what the user's departments own or share."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import URLPattern
from wagtail.snippets.views import chooser

from sites.access.current_department import listed_for


class _NarrowedChoices:
    def get_object_list(self) -> QuerySet:
        return listed_for(super().get_object_list(), self.request)  # type: ignore[misc,attr-defined]


class _FormKnowsTheUser:
    """Tells the form of a new snippet who asks, so that it offers own departments only."""

    def get_creation_form_kwargs(self) -> dict[str, Any]:
        return super().get_creation_form_kwargs() | {"for_user": self.request.user}  # type: ignore[misc,attr-defined]


class DepartmentChooseView(_NarrowedChoices, chooser.ChooseView):
    pass


class DepartmentChooseResultsView(_NarrowedChoices, chooser.ChooseResultsView):
    pass


class DepartmentChooserViewSet(chooser.SnippetChooserViewSet):
    """Chooser of a snippet that stands in a collection; new ones are made on their own screen."""

    choose_view_class = DepartmentChooseView
    choose_results_view_class = DepartmentChooseResultsView

    def get_urlpatterns(self) -> list[URLPattern]:
        # Without a form, Wagtail's view for one fails.
        return [pattern for pattern in super().get_urlpatterns() if pattern.name != "create"]


class SharedChooseView(_FormKnowsTheUser, DepartmentChooseView):
    pass


class SharedChooseResultsView(_FormKnowsTheUser, DepartmentChooseResultsView):
    pass


class SharedCreateView(_FormKnowsTheUser, chooser.SnippetCreateView):
    pass


class SharedChooserViewSet(chooser.SnippetChooserViewSet):
    """Chooser of a shared snippet, with a form to make a new one that the user's department then owns.

    The viewset of the snippet names the form (`creation_form_class`): it has the keyword `for_user`.
    """

    choose_view_class = SharedChooseView
    choose_results_view_class = SharedChooseResultsView
    create_view_class = SharedCreateView
