"""A contact: a person or a service with an e-mail address or a telephone number."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.snippets.blocks import SnippetChooserBlock

PHONE_PATTERN = r"^\+?[0-9][0-9 .()-]{5,24}\Z"


def require_person_or_name(cleaned: Any) -> Any:
    """Return the cleaned struct; raises StructBlockValidationError if it has neither a person nor a name."""
    if not (cleaned["person"] or cleaned["name"]):
        raise blocks.StructBlockValidationError(
            block_errors={"name": ValidationError(_("Choose a person or give a name."))}
        )
    return cleaned


class ContactBlock(blocks.StructBlock):
    """A person or service with an e-mail address or a telephone number."""

    person = SnippetChooserBlock(
        "pages.Person", label=_("Person"), required=False, help_text=_("Or give a name below.")
    )
    name = blocks.CharBlock(label=_("Name"), max_length=200, required=False)
    role = blocks.CharBlock(label=_("Role"), max_length=200, required=False)
    email = blocks.EmailBlock(label=_("E-mail"), required=False)
    # wagtail-localize offers the text of a CharBlock for translation, but not that of a RegexBlock.
    phone = blocks.RegexBlock(
        regex=PHONE_PATTERN,
        label=_("Telephone"),
        required=False,
        error_messages={"invalid": _("Enter a telephone number, for example +33 4 70 00 00 00.")},
    )

    class Meta:
        icon = "user"
        label = _("Contact")

    def clean(self, value: Any) -> Any:
        cleaned = require_person_or_name(super().clean(value))
        person_email = cleaned["person"].email if cleaned["person"] else ""
        if not (cleaned["email"] or cleaned["phone"] or person_email):
            raise blocks.StructBlockValidationError(
                block_errors={"email": ValidationError(_("Give an e-mail address or a telephone number."))}
            )
        return cleaned
