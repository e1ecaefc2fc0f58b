"""Admin screens of shared snippets, and a message about ambiguous times of events."""

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.ui.tables import Column
from wagtail.models import Page
from wagtail.permissions import register_permission_policy
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSetGroup

from sites.access.permission_policies import DepartmentPermissionPolicy
from sites.admin.screens.choosers import SharedChooserViewSet
from sites.admin.screens.forms import OwnedSnippetForm
from sites.admin.screens.snippets import OWNER_COLUMN, SharedSnippetViewSet
from sites.validation.dates import is_repeated, repeated_time_message

from .models import EventPage, Organisation, Person

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


@hooks.register("after_create_page")
@hooks.register("after_edit_page")
def show_repeated_times(request: HttpRequest, page: Page) -> None:
    """Add a message for each time of a saved event that exists twice, on the night when the clocks are put back."""
    if isinstance(page, EventPage):
        for date, time in dict.fromkeys((date, time) for _name, date, time in page.local_times()):
            if is_repeated(date, time, page.time_zone):
                messages.warning(request, repeated_time_message(date, time, page.time_zone))
