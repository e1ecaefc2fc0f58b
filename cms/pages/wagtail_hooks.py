"""Screens of the admin for shared snippets."""

from django.urls import URLResolver, include, path
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.ui.tables import Column
from wagtail.permissions import register_permission_policy
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSetGroup

from cms.pages.copies.views import copy_links, urls
from cms.pages.models import Organisation, Person
from sites.admin.choosers import SharedChooserViewSet
from sites.admin.forms import OwnedSnippetForm
from sites.admin.policies import DepartmentPermissionPolicy
from sites.admin.snippets import OWNER_COLUMN, SharedSnippetViewSet

hooks.register("register_sharing_links", copy_links)


@hooks.register("register_admin_urls")
def copy_urls() -> list[URLResolver]:
    return [path("copies/", include((urls(), "copies")))]


for snippet in (Organisation, Person):
    register_permission_policy(snippet, DepartmentPermissionPolicy(snippet))


class NewOrganisationForm(OwnedSnippetForm):
    """What the chooser asks of a new organisation; the rest is for its own screen."""

    class Meta:
        model = Organisation
        fields = ("name", "short_name", "kind", "country", "owner")


class NewPersonForm(OwnedSnippetForm):
    """What the chooser asks of a new person."""

    class Meta:
        model = Person
        fields = ("name", "role", "organisation", "email", "owner")


class OrganisationChooserViewSet(SharedChooserViewSet):
    creation_form_class = NewOrganisationForm


class PersonChooserViewSet(SharedChooserViewSet):
    creation_form_class = NewPersonForm


class OrganisationViewSet(SharedSnippetViewSet):
    model = Organisation
    icon = "group"
    chooser_viewset_class = OrganisationChooserViewSet
    list_display = (
        "name",
        "short_name",
        Column("get_kind_display", label=_("kind"), sort_key="kind"),
        "country",
        OWNER_COLUMN,
        "locale",
    )
    list_filter = ("kind", "country", "owner")


class PersonViewSet(SharedSnippetViewSet):
    model = Person
    icon = "user"
    chooser_viewset_class = PersonChooserViewSet
    list_display = ("name", "role", "organisation", OWNER_COLUMN, "locale")
    list_filter = ("owner",)
    list_select_related = ("owner", "locale", "organisation")


class DirectoryViewSetGroup(SnippetViewSetGroup):
    """Who is named in pages."""

    items = (OrganisationViewSet, PersonViewSet)
    menu_label = _("Directory")
    menu_icon = "group"


register_snippet(DirectoryViewSetGroup)
