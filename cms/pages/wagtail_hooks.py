"""Screens of the admin for shared snippets."""

from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from cms.pages.models import Organisation, Person


class OrganisationViewSet(SnippetViewSet):
    model = Organisation
    icon = "group"
    list_display = (
        "name",
        "short_name",
        Column("get_kind_display", label=_("kind"), sort_key="kind"),
        "country",
        "locale",
    )
    list_filter = ("kind", "country")


class PersonViewSet(SnippetViewSet):
    model = Person
    icon = "user"
    list_display = ("name", "role", "organisation", "locale")


class DirectoryViewSetGroup(SnippetViewSetGroup):
    """Who is named in pages."""

    items = (OrganisationViewSet, PersonViewSet)
    menu_label = _("Directory")
    menu_icon = "group"


register_snippet(DirectoryViewSetGroup)
