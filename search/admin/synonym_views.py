"""Screens for the table of synonyms, which extends the files of `search/linguistics/vocabulary/`."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet

from search.models import SynonymGroup

from .language_fields import LanguageField, LanguageFilter, language_name


class SynonymForm(forms.ModelForm):
    language = LanguageField()

    class Meta:
        model = SynonymGroup
        fields = ("language", "names")
        widgets = {"names": forms.Textarea(attrs={"rows": 3})}


class SynonymFilterSet(WagtailFilterSet):
    language = LanguageFilter()

    class Meta:
        model = SynonymGroup
        fields = ("language",)


class SynonymIndexView(generic.IndexView):
    columns = [
        TitleColumn("names", label=_("Names"), sort_key="names", url_name="search_synonyms:edit"),
        Column("language", label=_("Language"), sort_key="language", accessor=lambda row: language_name(row.language)),
        DateColumn("changed_at", label=_("Last change"), sort_key="changed_at"),
    ]


class SynonymCreateView(generic.CreateView):
    def get_initial(self) -> dict[str, Any]:
        """Return the initial values in the URL: the report of searches links here with words."""
        parameters = self.request.GET
        names = (name for name in ("language", "names") if name in parameters)
        return super().get_initial() | {name: parameters[name] for name in names}


class SynonymViewSet(ModelViewSet):
    model = SynonymGroup
    name = "search_synonyms"
    url_prefix = "search/synonyms"
    icon = "edit"
    menu_label = _("Synonyms")
    menu_name = "search-synonyms"
    menu_order = 710
    add_to_settings_menu = True
    index_view_class = SynonymIndexView
    add_view_class = SynonymCreateView
    filterset_class = SynonymFilterSet
    search_fields = ("names",)
    search_backend_name = None
    list_per_page = 50
    copy_view_enabled = False
    # No object refers to a group of synonyms.
    add_to_reference_index = False

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        return SynonymForm
