"""The texts that a machine drafts: which ones, how they are sent, and the checks that a translated text passes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from wagtail_localize.models import Translation
from wagtail_localize.strings import StringValue

from cms.translations.exchange.inline_codes import canonical_html, code_fault, plain_text, refuse_unreadable
from cms.translations.exchange.units import UnitFaultError, UnitState
from cms.translations.file_service.current_texts import CurrentText, current_texts, distinct_texts, key_of
from cms.translations.file_service.text_origins import is_unchecked_machine_text
from cms.translations.text_limits import text_length
from sites.validation.incoming_text import refuse_control_characters

SLUG = "slug"
# A portion is one request. Services limit both numbers, and a portion that is lost with its worker is paid for twice.
TEXTS_OF_PORTION = 20
CHARACTERS_OF_PORTION = 3_000

EMPTY, TAGS, LENGTH, CHARACTERS, SERVICE = "empty", "tags", "length", "characters", "service"
# The reasons for which a text is refused, by code.
REASONS: dict[str, str | Promise] = {
    EMPTY: _("The service returned nothing."),
    TAGS: _("The tags of the original were damaged."),
    LENGTH: _("The translation is too long for its field."),
    CHARACTERS: _("The translation has characters that no text may have."),
    SERVICE: _("The service refuses this text."),
}


class DamagedTextError(Exception):
    """Raised for a translated text that cannot be used. Its argument is a key of REASONS."""


def texts_to_draft(translation: Translation, *, for_update: bool = False) -> list[CurrentText]:
    """Return the texts that a machine may write: empty ones, and outdated or faulty machine texts. Two queries.

    A text that a person has written is never among them, even if it is outdated or cannot be used on the page.
    """
    texts = distinct_texts(current_texts(translation, for_update=for_update))
    return [text for text in texts if _is_draftable(text)]


def _is_draftable(text: CurrentText) -> bool:
    row = text.row
    if row is None or not row.data.strip():
        return text.unit.state is UnitState.UNTRANSLATED
    return is_unchecked_machine_text(row) and (row.has_error or bool(text.unit.former_source))


def string_of(text: CurrentText) -> StringValue:
    """Return a text as it is sent: HTML with wagtail-localize's tags; a slug as words."""
    source = text.unit.source
    return StringValue(source.replace("-", " ") if text.unit.context == SLUG else source)


def characters_of(texts: Sequence[CurrentText]) -> int:
    """Return the number of characters that are sent for some texts."""
    return sum(len(string_of(text).data) for text in texts)


def next_portion(texts: Sequence[CurrentText], refused: Collection[str]) -> list[CurrentText]:
    """Return the first texts that were not refused, as many as fit into one request."""
    return list(_portion([text for text in texts if key_of(text) not in refused][:TEXTS_OF_PORTION]))


def _portion(texts: Sequence[CurrentText]) -> Iterator[CurrentText]:
    room = CHARACTERS_OF_PORTION
    for number, text in enumerate(texts):
        room -= characters_of([text])
        if number and room < 0:
            return
        yield text


def checked_translation(text: CurrentText, translated: str) -> str:
    """Return a text of a service as it is stored. Raises DamagedTextError."""
    html = translated.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not html:
        raise DamagedTextError(EMPTY)
    try:
        refuse_control_characters(html)
    except ValidationError:
        raise DamagedTextError(CHARACTERS) from None
    try:
        refuse_unreadable(html)
    except UnitFaultError:
        raise DamagedTextError(TAGS) from None
    target = canonical_html(html)
    if text.unit.context == SLUG:
        target = slugify(plain_text(target))
        if not target:
            raise DamagedTextError(EMPTY)
    if code_fault(text.unit.source, target):
        raise DamagedTextError(TAGS)
    if text.unit.max_length is not None and text_length(text.unit.context, target) > text.unit.max_length:
        raise DamagedTextError(LENGTH)
    return target
