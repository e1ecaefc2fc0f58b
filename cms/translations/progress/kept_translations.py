"""Translations of changed source texts: the former translation is kept, and marked as outdated.

wagtail-localize finds the translation of a text by the text itself, so a changed text has none, and the page would show
the source text instead.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bs4 import BeautifulSoup
from django.utils import timezone
from wagtail_localize.models import StringSegment, StringTranslation, TranslationSource
from wagtail_localize.strings import StringValue, validate_translation_links

from cms.translations.exchange.inline_codes import refuse_unreadable
from cms.translations.exchange.units import UnitFaultError
from cms.translations.models import OutdatedTranslation, PlannedRelease

# Minimum similarity (0 to 1) of a changed text to its former version. A less similar text counts as a new one.
MIN_SIMILARITY = 0.5
# Number of former texts with which a text is compared: a page may have thousands of paragraphs.
NEIGHBOURS = 40


@dataclass(frozen=True)
class SourceText:
    """A text in its context: `context` is the key of a TranslationContext, `string` that of a String."""

    context: int
    string: int
    text: str


def source_texts(source: TranslationSource) -> list[SourceText]:
    """Return the texts of a source in their order."""
    rows = StringSegment.objects.filter(source=source).order_by("order", "pk")
    values = rows.values_list("context_id", "string_id", "string__data").distinct()
    return [SourceText(*row) for row in values]


def keep_translations(source: TranslationSource, former: Iterable[SourceText]) -> None:
    """Give each changed or moved text of a source the translations of its former version, in every language.

    A moved text keeps its translation as it is; that of a changed text is marked as outdated. Existing ones stay. The
    number of queries does not depend on the number of texts.
    """
    before, after = list(former), source_texts(source)
    matches = match_texts(before, after)
    if matches:
        rows = _translations(source, {text.context for text in (*matches, *matches.values())})
        kept = [
            (row, new, old)
            for new, old in matches.items()
            for locale, row in rows[(old.context, old.string)].items()
            if locale not in rows[(new.context, new.string)]
        ]
        _keep(kept)
    if not PlannedRelease.objects.of_source(source).exists():  # The public original may still have these texts.
        _delete_unused(source, set(before) - set(after))


def match_texts(before: list[SourceText], after: list[SourceText]) -> dict[SourceText, SourceText]:
    """Return the former version of each changed or moved text.

    It is the same text in another context, else the most similar former text in the same context.
    """
    unchanged = set(before) & set(after)
    gone_by_string: defaultdict[int, deque[SourceText]] = defaultdict(deque)
    for text in before:
        if text not in unchanged:
            gone_by_string[text.string].append(text)
    matches: dict[SourceText, SourceText] = {}
    new_by_context: defaultdict[int, list[SourceText]] = defaultdict(list)
    for text in after:
        if text in unchanged:
            continue
        if gone_by_string[text.string]:
            matches[text] = gone_by_string[text.string].popleft()
        else:
            new_by_context[text.context].append(text)
    moved = set(matches.values())
    gone_by_context: defaultdict[int, list[SourceText]] = defaultdict(list)
    for text in before:
        if text not in unchanged and text not in moved:
            gone_by_context[text.context].append(text)
    for context, texts in new_by_context.items():
        matches |= _changed_texts(gone_by_context[context], texts)
    return matches


def _changed_texts(gone: list[SourceText], texts: list[SourceText]) -> dict[SourceText, SourceText]:
    """Return the pairs of a new and a former text in one context, the most similar first.

    Each text is compared with the `NEIGHBOURS` former ones around its position, by its words: linear in the length.
    """
    if len(gone) == len(texts) == 1:
        return {texts[0]: gone[0]}
    words = {text: Counter(text.text.split()) for text in (*gone, *texts)}
    pairs = []
    for position, new in enumerate(texts):
        first = max(0, position - NEIGHBOURS // 2)
        for old in gone[first : first + NEIGHBOURS]:
            pairs.append((_similarity(words[new], words[old]), new, old))
    matches: dict[SourceText, SourceText] = {}
    matched: set[SourceText] = set()
    for similarity, new, old in sorted(pairs, key=lambda pair: pair[0], reverse=True):
        if similarity >= MIN_SIMILARITY and new not in matches and old not in matched:
            matches[new] = old
            matched.add(old)
    return matches


def _similarity(words: Counter[str], others: Counter[str]) -> float:
    """Return the share of common words (Dice's coefficient), from 0 to 1."""
    total = words.total() + others.total()
    return 2 * (words & others).total() / total if total else 0


def _translations(source: TranslationSource, contexts: set[int]) -> Any:
    """Return the translations in some contexts, by context and string, then by locale. One query."""
    found: defaultdict[tuple[int, int], dict[int, StringTranslation]] = defaultdict(dict)
    rows = StringTranslation.objects.filter(context__object_id=source.object_id, context__in=contexts)
    for row in rows.select_related("outdated", "translation_of"):
        found[(row.context_id, row.translation_of_id)][row.locale_id] = row
    return found


def _keep(translations: list[tuple[StringTranslation, SourceText, SourceText]]) -> None:
    """Store translations for the new versions (second) of their source texts (third)."""
    now = timezone.now()
    rows, marks = [], []
    for row, new, old in translations:
        stays = new.string == old.string or not _is_readable(row.data)
        data = row.data if stays else _without_foreign_links(row.data, new.text)
        kept = StringTranslation(
            translation_of_id=new.string,
            context_id=new.context,
            locale_id=row.locale_id,
            data=data,
            translation_type=row.translation_type,
            tool_name=row.tool_name,
            last_translated_by_id=row.last_translated_by_id,
            has_error=not is_usable(data, new.text),
        )
        rows.append(kept)
        mark = getattr(row, "outdated", None)
        if new.string != old.string or mark is not None:
            former, since = (row.translation_of.data, now) if mark is None else (mark.former_source, mark.since)
            marks.append((kept, former, since))
    # `save` would send signals that count this as the work of a person.
    StringTranslation.objects.bulk_create(rows, batch_size=500)
    OutdatedTranslation.objects.bulk_create(
        [
            OutdatedTranslation(string_translation=kept, former_source=former, since=since)
            for kept, former, since in marks
        ],
        batch_size=500,
    )


def _without_foreign_links(translation: str, source: str) -> str:
    """Return a translation without the links that its new source text does not have, keeping their words."""
    known = {link.get("id") for link in BeautifulSoup(source, "html.parser").find_all("a")}
    soup = BeautifulSoup(translation, "html.parser")
    foreign = [link for link in soup.find_all("a") if link.get("id") not in known]
    for link in foreign:
        link.unwrap()
    return str(soup) if foreign else translation


def _is_readable(translation: str) -> bool:
    """Return False for a translation that was stored before texts were checked, and that takes long to parse."""
    try:
        refuse_unreadable(translation)
    except UnitFaultError:
        return False
    return True


def is_usable(translation: str, source: str) -> bool:
    """Return True if a translation has the links of its source text, and tags that wagtail-localize can read."""
    if not _is_readable(translation):
        return False
    try:
        StringValue.from_translated_html(translation)
        validate_translation_links(source, translation)
    except ValueError:
        return False
    return True


def _delete_unused(source: TranslationSource, gone: set[SourceText]) -> None:
    """Delete the outdated translations of removed texts, for which nobody has written them."""
    keys = {(text.context, text.string) for text in gone}
    rows = StringTranslation.objects.filter(context__object_id=source.object_id, outdated__isnull=False)
    unused = [pk for pk, *key in rows.values_list("pk", "context", "translation_of") if tuple(key) in keys]
    if unused:
        StringTranslation.objects.filter(pk__in=unused).delete()
