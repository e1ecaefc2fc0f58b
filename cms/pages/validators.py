"""Validators of the codes of professions, and of partial dates."""

from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

# Répertoire opérationnel des métiers et des emplois (France Travail): a letter A to N and four digits.
validate_rome_code = RegexValidator(
    r"^[A-N]\d{4}\Z", _("Enter a ROME code: a letter from A to N and four digits, for example K1201.")
)

# European Skills, Competences, Qualifications and Occupations (European Commission).
validate_esco_uri = RegexValidator(
    r"^http://data\.europa\.eu/esco/occupation/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z",
    _("Enter the address of an ESCO occupation: http://data.europa.eu/esco/occupation/ and its identifier."),
)

# International Standard Classification of Occupations (ILO, 2008): major to unit group.
validate_isco_code = RegexValidator(r"^[0-9]{1,4}\Z", _("Enter an ISCO-08 code: one to four digits, for example 2635."))

# ISO 8601 calendar date with reduced precision: 2020, 2020-03 or 2020-03-27.
validate_partial_date = RegexValidator(
    r"^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?\Z",
    _("Enter a year, a month or a day: 2020, 2020-03 or 2020-03-27."),
)
