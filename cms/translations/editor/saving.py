"""Saves what people enter in the editor: translations, confirmations, comments, and dismissed warnings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail_localize.models import Translation

from cms.translations.exchange.inline_codes import code_fault, plain_text, refuse_unreadable
from cms.translations.exchange.units import UnitFaultError
from cms.translations.file_service.current_texts import (
    CurrentText,
    current_texts,
    distinct_texts,
    key_of,
    store_translations,
)
from cms.translations.file_service.text_origins import MEMORY_TOOL
from cms.translations.models import DismissedWarning, SegmentComment
from cms.translations.models.segment_comment import (
    MAX_COMMENT_LENGTH,
    MAX_DONE_COMMENTS,
    MAX_OPEN_COMMENTS,
    MAX_OPEN_COMMENTS_OF_LINK,
)
from cms.translations.text_limits import text_length
from sites.validation.incoming_text import refuse_control_characters

from .dismissals import digest_of_texts
from .editor_segments import EditorSegment
from .typed_texts import has_tags, text_digest, text_to_type, typed_html

# Fields of the form: each is followed by the key of a text, the last two also by the name of a check.
TEXT, DIGEST, CONFIRMED, COMMENT, RESOLVED = "text-", "digest-", "confirmed-", "comment-", "resolved-"
# Says that the text is a suggestion of the memory, which was inserted and not changed.
FROM_MEMORY = "memory-"
DISMISSED, RESTORED = "dismissed-", "restored-"


def save_texts(translation: Translation, data: Mapping[str, str], user: Any) -> dict[str, str]:
    """Store each typed translation that differs from the stored one; return the reasons of refusals, by key.

    `data` has, for each key, the text, the digest of the translation that the form showed, and perhaps the confirmation
    that an outdated or machine translation fits. An empty text removes the translation. Runs in the transaction of the
    caller, which has locked nothing: the rows are locked here.
    """
    try:
        with transaction.atomic():
            return _save_all(translation, data, user)
    except IntegrityError:  # The unique key of a translated text: a row that did not exist cannot be locked.
        message = _("Somebody has translated a text of this page at the same moment: save it again.")
        return {name.removeprefix(TEXT): message for name in data if name.startswith(TEXT)}


def _save_all(translation: Translation, data: Mapping[str, str], user: Any) -> dict[str, str]:
    errors = {}
    accepted: defaultdict[str, list[tuple[CurrentText, str]]] = defaultdict(list)
    texts = {key_of(text): text for text in distinct_texts(current_texts(translation, for_update=True))}
    for name, typed in data.items():
        if not name.startswith(TEXT):
            continue
        key = name.removeprefix(TEXT)
        text = texts.get(key)
        try:
            if text is None:
                raise UnitFaultError(_("This original is no longer in the content."))
            if (target := _accepted_target(text, typed, data)) is not None:
                accepted[_tool(text, target, data)].append((text, target))
        except UnitFaultError as error:
            errors[key] = str(error)
        except ValidationError as error:
            errors[key] = " ".join(error.messages)
    for tool, pairs in accepted.items():
        store_translations(pairs, translation, user, tool)
    return errors


def _accepted_target(text: CurrentText, typed: str, data: Mapping[str, str]) -> str | None:
    """Return the translation to store, None for an unchanged one; remove one whose text is empty.

    Raises UnitFaultError or ValidationError with the reason if it is refused.
    """
    key, unit = key_of(text), text.unit
    is_html = has_tags(unit)
    is_changed = _normalised(typed) != _normalised(text_to_type(unit.target, is_html=is_html))
    is_confirmed = bool(data.get(CONFIRMED + key)) and bool(unit.target)
    if not is_changed and not is_confirmed:
        return None
    if is_changed and data.get(DIGEST + key) != text_digest(unit.target):
        shown = plain_text(unit.target) or _("nothing")
        raise UnitFaultError(_("Somebody has changed this translation meanwhile: “%(text)s”.") % {"text": shown})
    if not typed.strip():
        if text.row is not None:
            text.row.delete()
        return None
    refuse_control_characters(typed)
    if is_html:
        refuse_unreadable(typed)
    target = typed_html(typed, is_html=is_html)
    refuse_unreadable(target)
    if fault := code_fault(unit.source, target):
        raise UnitFaultError(fault)
    if unit.max_length is not None and text_length(unit.context, target) > unit.max_length:
        raise UnitFaultError(_("It has more than %(number)s characters.") % {"number": unit.max_length})
    return target


def _tool(text: CurrentText, target: str, data: Mapping[str, str]) -> str:
    """Return the tool that has written a translation: the memory, that of a text which is only confirmed, or none."""
    if data.get(FROM_MEMORY + key_of(text)):
        return MEMORY_TOOL
    return text.row.tool_name if text.row is not None and target == text.unit.target else ""


def _normalised(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def save_comments(
    translation: Translation, segments: Mapping[str, EditorSegment], data: Mapping[str, str], user: Any
) -> dict[str, str]:
    """Store the written comments, and mark the chosen ones as done; return the reasons of refusals, by key."""
    _written, errors = add_comments(translation, segments, data, {"author": user})
    known = {str(comment.pk) for segment in segments.values() for comment in segment.open_comments}
    done = [name.removeprefix(RESOLVED) for name in data if name.startswith(RESOLVED)]
    done_now = SegmentComment.objects.filter(pk__in=known.intersection(done))
    if done_now.update(resolved_at=timezone.now(), resolved_by=user):
        _delete_old_comments(translation)
    return errors


def add_comments(
    translation: Translation, segments: Mapping[str, EditorSegment], data: Mapping[str, str], author: Mapping[str, Any]
) -> tuple[int, dict[str, str]]:
    """Store the written comments; return their number, and the reasons of refusals by key.

    `author` has the fields of `SegmentComment` that say who has written them: an account or a guest.
    """
    errors = {}
    written: list[SegmentComment] = []
    present = [comment for segment in segments.values() for comment in segment.open_comments]
    most, room = MAX_OPEN_COMMENTS, MAX_OPEN_COMMENTS - len(present)
    if (link := author.get("guest_link")) is not None:
        of_link = sum(comment.guest_link_id == link.pk for comment in present)
        if (left := MAX_OPEN_COMMENTS_OF_LINK - of_link) < room:
            most, room = MAX_OPEN_COMMENTS_OF_LINK, left
    for name, value in data.items():
        segment = segments.get(name.removeprefix(COMMENT)) if name.startswith(COMMENT) else None
        if segment is None or not value.strip():
            continue
        try:
            refuse_control_characters(value)
            if len(value.strip()) > MAX_COMMENT_LENGTH:
                message = _("The comment has more than %(number)s characters.")
                raise ValidationError(message % {"number": MAX_COMMENT_LENGTH})
            if len(written) >= room:
                message = (
                    _("The translation has %(number)s open comments: mark some as done.")
                    if most == MAX_OPEN_COMMENTS
                    else _("You have written %(number)s comments. Others must answer some before you write more.")
                )
                raise ValidationError(message % {"number": most})
        except ValidationError as error:
            errors[segment.key] = " ".join(error.messages)
        else:
            row = segment.text.segment
            comment = SegmentComment(translation=translation, text=_normalised(value), **author)
            comment.context_id, comment.string_id = row.context_id, row.string_id
            written.append(comment)
    SegmentComment.objects.bulk_create(written)
    return len(written), errors


def _delete_old_comments(translation: Translation) -> None:
    """Delete the oldest of the comments that are done. Screens show MAX_DONE_COMMENTS of them."""
    done = SegmentComment.objects.filter(translation=translation, resolved_at__isnull=False)
    kept = done.order_by("-resolved_at", "-pk")[:MAX_DONE_COMMENTS]
    done.exclude(pk__in=list(kept.values_list("pk", flat=True))).delete()


def save_dismissals(segments: Mapping[str, EditorSegment], data: Iterable[str], user: Any) -> None:
    """Dismiss and restore the warnings whose fields are in the form. Those that a text does not have are ignored."""
    dismissed = [
        DismissedWarning(
            string_translation=segment.text.row,
            check_name=check,
            texts_digest=digest_of_texts(segment.text),
            dismissed_by=user,
            dismissed_at=timezone.now(),
        )
        for segment, check in _named(segments, data, DISMISSED)
        if any(warning.check == check for warning in segment.warnings)
    ]
    DismissedWarning.objects.bulk_create(
        dismissed,
        update_conflicts=True,
        unique_fields=("string_translation", "check_name"),
        update_fields=("texts_digest", "dismissed_by", "dismissed_at"),
    )
    for segment, check in _named(segments, data, RESTORED):
        DismissedWarning.objects.filter(string_translation=segment.text.row, check_name=check).delete()


def _named(
    segments: Mapping[str, EditorSegment], data: Iterable[str], prefix: str
) -> Iterator[tuple[EditorSegment, str]]:
    """Yield the translated texts and the checks that the names of fields with a prefix mean."""
    for name in data:
        key, _dash, check = name.removeprefix(prefix).rpartition("-")
        if name.startswith(prefix) and key in segments and segments[key].text.row is not None:
            yield segments[key], check
