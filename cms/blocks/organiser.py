"""Organisations that hold or support an event, with their role."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail import blocks
from wagtail.snippets.blocks import SnippetChooserBlock

from .contact import ContactBlock


class OrganisationRoleBlock(blocks.StructBlock):
    """An organisation and what it does here."""

    organisation = SnippetChooserBlock("pages.Organisation", label=_("Organisation"))
    role = blocks.CharBlock(label=pgettext_lazy("organisation", "Role"), max_length=250, required=False)

    class Meta:
        icon = "group"
        label = _("Partner")


class OrganiserBlock(OrganisationRoleBlock):
    """An organiser: a department (through the organisation that stands for it) or another body."""

    contacts = blocks.ListBlock(ContactBlock(), label=_("Contact"), max_num=1, default=[])

    class Meta:
        icon = "group"
        label = _("Organiser")
