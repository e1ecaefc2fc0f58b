"""Organisers and partners of an event."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail import blocks
from wagtail.snippets.blocks import SnippetChooserBlock

from ..contact import ContactBlock
from ..lists import ListBlock


class OrganisationRoleBlock(blocks.StructBlock):
    """An organisation and its role in the event."""

    organisation = SnippetChooserBlock("pages.Organisation", label=_("Organisation"))
    role = blocks.CharBlock(label=pgettext_lazy("organisation", "Role"), max_length=250, required=False)

    class Meta:
        icon = "group"
        label = _("Partner")


class OrganiserBlock(OrganisationRoleBlock):
    """An organiser: an organisation, which may represent a department, with its contact."""

    contacts = ListBlock(ContactBlock(), label=_("Contact"), max_num=1, default=[])

    class Meta:
        icon = "group"
        label = _("Organiser")
