"""Diplomas and vacancies."""

from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from .figure import COUNT_VALIDATORS
from .link import web_url_block


def rncp_number_block(**kwargs: object) -> blocks.RegexBlock:
    """Return a block for a number of the Répertoire national des certifications professionnelles."""
    message = _("Enter RNCP and its number, for example RNCP34825.")
    return blocks.RegexBlock(
        regex=r"^RNCP[0-9]{1,6}\Z", label=_("RNCP number"), error_messages={"invalid": message}, **kwargs
    )


class DiplomaBlock(blocks.StructBlock):
    """A diploma that leads to a profession."""

    name = blocks.CharBlock(label=_("Name"), max_length=200)
    # Levels of the European Qualifications Framework (Council recommendation 2017/C 189/03).
    level = blocks.ChoiceBlock(
        label=_("Level (EQF)"), choices=[(str(level), str(level)) for level in range(1, 9)], required=False
    )
    rncp = rncp_number_block(required=False)
    duration = blocks.CharBlock(label=_("Duration"), max_length=100, required=False)

    class Meta:
        icon = "success"
        label = _("Diploma")


class VacancyBlock(blocks.StructBlock):
    """One or several open posts."""

    title = blocks.CharBlock(label=_("Title"), max_length=200)
    profession = blocks.PageChooserBlock(page_type="pages.ProfessionPage", label=_("Profession"), required=False)
    count = blocks.IntegerBlock(label=_("Number of posts"), required=False, validators=COUNT_VALIDATORS)
    place = blocks.CharBlock(label=_("Place"), max_length=150, required=False)
    url = web_url_block(label=_("Where to apply"), required=False)
    closes_on = blocks.DateBlock(label=_("Last day to apply"), required=False)

    class Meta:
        icon = "user"
        label = _("Vacancy")
