"""Writing and reviewing of the translated text of a medium."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.log_actions import LogActionRegistry, log
from wagtail.models import Locale

from cms.translations.editor.typed_texts import text_digest
from cms.translations.models import MediaText

from .shown_media import TEXT_FIELDS, source_text

# The fields that may change while readers see the same text.
UNSEEN_FIELDS = ("text", "author", "updated_at", "source_text", "state", "reviewed_by", "reviewed_at")

WRITTEN, REVIEWED = "translations.media_text_written", "translations.media_text_reviewed"


def find_text(kind: str, item: Any, locale: Locale) -> MediaText | None:
    """Return the translation of the text of an image or a document, or None."""
    return MediaText.objects.filter(**{kind: item.pk}, locale=locale, field=TEXT_FIELDS[kind]).first()


def seen_digest(kind: str, item: Any, text: MediaText | None) -> str:
    """Return the digest of the original and its translation, by which a form knows of changes made meanwhile."""
    return text_digest(f"{source_text(kind, item)}\n{text.text if text else ''}\n{text.state if text else ''}")


@transaction.atomic
def store_text(
    kind: str, item: Any, locale: Locale, translation: str, user: Any, *, seen: str, is_reviewed: bool
) -> MediaText:
    """Store the translation of the text of an image or a document; with `is_reviewed`, readers see it from now on.

    Raises ValidationError if the original or the translation is not the one of the digest `seen`: somebody has changed
    it meanwhile, and ObjectDoesNotExist if the medium is deleted. The history of the medium names the user.
    """
    # The medium is locked: two people may write its first translation.
    present = type(item)._default_manager.select_for_update(of=("self",)).get(pk=item.pk)
    row = find_text(kind, present, locale)
    if seen_digest(kind, present, row) != seen:
        raise ValidationError(_("Somebody has changed the original or the translation meanwhile. Read both again."))
    now = timezone.now()
    if row is None:
        row = MediaText(**{f"{kind}_id": present.pk}, locale=locale, field=TEXT_FIELDS[kind])
    if row.pk is None or row.text != translation:
        row.text, row.author, row.updated_at = translation, user, now
    row.source_text, row.state = source_text(kind, present), MediaText.State.WAITING
    is_changed = is_reviewed and row.public_text != translation
    if is_reviewed:
        row.state, row.public_text = MediaText.State.REVIEWED, translation
        row.reviewed_by, row.reviewed_at = user, now
    row.full_clean(validate_constraints=False)
    # Every page that shows the medium is written again when `public_text` is saved.
    row.save(update_fields=None if is_changed or row.pk is None else UNSEEN_FIELDS)
    action = REVIEWED if is_reviewed else WRITTEN
    log(instance=present, action=action, user=user, data={"language": locale.language_code})
    return row


def media_log_actions(actions: LogActionRegistry) -> None:
    """Register the log actions; the hook `register_log_actions`."""
    actions.register_action(WRITTEN, gettext_lazy("Translate a text"), gettext_lazy("Translated the text"))
    actions.register_action(REVIEWED, gettext_lazy("Approve a text"), gettext_lazy("Approved the translated text"))
