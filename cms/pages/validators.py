"""Validators of the codes of professions and of currencies."""

from babel.numbers import list_currencies
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

# Répertoire opérationnel des métiers et des emplois (France Travail): a letter A to N and four digits.
validate_rome_code = RegexValidator(
    r"^[A-N][0-9]{4}\Z", _("Enter a ROME code: a letter from A to N and four digits, for example K1201.")
)

# European Skills, Competences, Qualifications and Occupations (European Commission).
validate_esco_uri = RegexValidator(
    r"^http://data\.europa\.eu/esco/occupation/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z",
    _("Enter the address of an ESCO occupation: http://data.europa.eu/esco/occupation/ and its identifier."),
)

# International Standard Classification of Occupations (ILO, 2008): a unit group. A spreadsheet takes
# the zero from 0110.
validate_isco_code = RegexValidator(
    r"^[0-9]{4}\Z", _("Enter an ISCO-08 code: four digits, for example 2635 or 0110, with the zero at its start.")
)


def validate_currency(value: str) -> None:
    """Raise ValidationError for anything but a code of ISO 4217, which readers see as the sign of the currency."""
    if value not in list_currencies():
        raise ValidationError(
            _("Enter the code of a currency: three capital letters, for example EUR."), code="invalid"
        )
