"""The origin of a translated text: a person, a machine, or the translation memory."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from wagtail_localize.models import StringTranslation

# The name of the tool (`StringTranslation.tool_name`) of a suggestion that somebody has inserted unchanged. The tool
# of a machine text is the name of its service.
MEMORY_TOOL = "Translation memory"


class TextOrigin(TextChoices):
    """The origin of a translated text. A text of a machine is of MACHINE also after somebody has approved it."""

    HUMAN = "human", _("person")
    MACHINE = "machine", _("machine")
    MEMORY = "memory", _("translation memory")


def is_unchecked_machine_text(row: StringTranslation) -> bool:
    """Return True for a text of a machine that nobody has checked."""
    return row.translation_type == StringTranslation.TRANSLATION_TYPE_MACHINE


def origin_of(row: StringTranslation, machines: frozenset[str]) -> TextOrigin:
    """Return the origin of a translated text; `machines` are the names of the services."""
    if is_unchecked_machine_text(row) or row.tool_name in machines:
        return TextOrigin.MACHINE
    return TextOrigin.MEMORY if row.tool_name == MEMORY_TOOL else TextOrigin.HUMAN
