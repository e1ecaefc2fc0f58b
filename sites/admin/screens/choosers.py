"""Choosers of snippets, limited to objects that the user's departments own or share."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import URLPattern
from wagtail.snippets.views import chooser

from sites.access.current_department import listed_for


class _LimitedChoicesMixin:
    """Limits the list to the current department and to shared objects."""

    def get_object_list(self) -> QuerySet:
        return listed_for(super().get_object_list(), self.request)  # type: ignore[misc,attr-defined]


class _FormForUserMixin:
    """Passes the user to the form of a new snippet, which offers the user's departments as owners."""

    def get_creation_form_kwargs(self) -> dict[str, Any]:
        return super().get_creation_form_kwargs() | {"for_user": self.request.user}  # type: ignore[misc,attr-defined]


class DepartmentChooseView(_LimitedChoicesMixin, chooser.ChooseView):
    pass


class DepartmentChooseResultsView(_LimitedChoicesMixin, chooser.ChooseResultsView):
    pass


class DepartmentChooserViewSet(chooser.SnippetChooserViewSet):
    """Chooser of a snippet that belongs to a collection; without a form for a new one."""

    choose_view_class = DepartmentChooseView
    choose_results_view_class = DepartmentChooseResultsView

    def get_urlpatterns(self) -> list[URLPattern]:
        # Wagtail's view for a new snippet fails without a creation form.
        return [pattern for pattern in super().get_urlpatterns() if pattern.name != "create"]


class SharedChooseView(_FormForUserMixin, DepartmentChooseView):
    pass


class SharedChooseResultsView(_FormForUserMixin, DepartmentChooseResultsView):
    pass


class SharedCreateView(_FormForUserMixin, chooser.SnippetCreateView):
    pass


class SharedChooserViewSet(chooser.SnippetChooserViewSet):
    """Chooser of a shared snippet, with a form for a new one that a department of the user owns.

    Subclasses set `creation_form_class`; the form takes the keyword argument `for_user`.
    """

    choose_view_class = SharedChooseView
    choose_results_view_class = SharedChooseResultsView
    create_view_class = SharedCreateView
