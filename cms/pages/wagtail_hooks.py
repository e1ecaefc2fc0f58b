"""Admin screens of shared snippets."""

from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column
from wagtail.permissions import register_permission_policy
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSetGroup

from sites.access.permission_policies import DepartmentPermissionPolicy
from sites.admin.screens.choosers import SharedChooserViewSet
from sites.admin.screens.forms import OwnedSnippetForm
from sites.admin.screens.snippets import OWNER_COLUMN, SharedSnippetViewSet

from .models import Organisation, Person

for snippet in (Organisation, Person):
    register_permission_policy(snippet, DepartmentPermissionPolicy(snippet))


class NewOrganisationForm(OwnedSnippetForm):
    """A form of the chooser with the main fields of a new organisation."""

    class Meta:
        model = Organisation
        fields = ("name", "short_name", "kind", "country", "owner")


class NewPersonForm(OwnedSnippetForm):
    """A form of the chooser with the main fields of a new person."""

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
    """The menu group of organisations and people."""

    items = (OrganisationViewSet, PersonViewSet)
    menu_label = _("Directory")
    menu_icon = "group"


register_snippet(DirectoryViewSetGroup)
