"""Translations of changed source texts: the former translation is kept, and marked as outdated.

wagtail-localize finds the translation of a text by the text itself, so a changed text has none, and the page would show
the source text in its place.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from bs4 import BeautifulSoup
from django.utils import timezone
from wagtail_localize.models import StringSegment, StringTranslation, TranslationSource
from wagtail_localize.strings import StringValue, validate_translation_links

from cms.translations.models import OutdatedTranslation

# Likeness, from 0 to 1, from which a text counts as a changed one, not as another one.
MIN_LIKENESS = 0.5


@dataclass(frozen=True)
class SourceText:
    """A text in its place: `context` is the key of a TranslationContext, `string` that of a String."""

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

    A moved text keeps its translation as it is; that of a changed text is marked as outdated. Existing ones stay.
    """
    before, after = list(former), source_texts(source)
    matches = {new: old for new, old in match_texts(before, after).items() if new != old}
    if matches:
        rows = _translations(source, {text.context for text in (*matches, *matches.values())})
        for new, old in matches.items():
            for locale, row in rows[(old.context, old.string)].items():
                if locale not in rows[(new.context, new.string)]:
                    _keep(row, new, old)
    _forget_unused(source, before, after)


def match_texts(before: list[SourceText], after: list[SourceText]) -> dict[SourceText, SourceText]:
    """Return the former version of each text that is not where it was: the same text elsewhere, or one like it here."""
    unchanged = set(before) & set(after)
    gone = [text for text in before if text not in unchanged]
    matches: dict[SourceText, SourceText] = {}
    for text in (text for text in after if text not in unchanged):
        moved = next((old for old in gone if old.string == text.string), None)
        if moved is not None:
            matches[text] = moved
            gone.remove(moved)
    by_context: defaultdict[int, list[SourceText]] = defaultdict(list)
    for text in after:
        if text not in unchanged and text not in matches:
            by_context[text.context].append(text)
    for context, texts in by_context.items():
        matches |= _changed_texts([text for text in gone if text.context == context], texts)
    return matches


def _changed_texts(gone: list[SourceText], texts: list[SourceText]) -> dict[SourceText, SourceText]:
    """Return the pairs of a new and a former text in one place, the most alike first."""
    if len(gone) == len(texts) == 1:
        return {texts[0]: gone[0]}
    pairs = [(SequenceMatcher(None, old.text, new.text).ratio(), new, old) for new in texts for old in gone]
    matches: dict[SourceText, SourceText] = {}
    for likeness, new, old in sorted(pairs, key=lambda pair: pair[0], reverse=True):
        if likeness >= MIN_LIKENESS and new not in matches and old not in matches.values():
            matches[new] = old
    return matches


def _translations(source: TranslationSource, contexts: set[int]) -> Any:
    """Return the translations in some places, by context and string, then by locale. One query."""
    found: defaultdict[tuple[int, int], dict[int, StringTranslation]] = defaultdict(dict)
    rows = StringTranslation.objects.filter(context__object_id=source.object_id, context__in=contexts)
    for row in rows.select_related("outdated", "translation_of"):
        found[(row.context_id, row.translation_of_id)][row.locale_id] = row
    return found


def _keep(row: StringTranslation, new: SourceText, old: SourceText) -> None:
    """Store a translation for the new version of its source text."""
    data = row.data if new.string == old.string else _without_foreign_links(row.data, new.text)
    # Not by `save`: its signals would count this as the work of a person.
    kept = StringTranslation.objects.bulk_create(
        [
            StringTranslation(
                translation_of_id=new.string,
                context_id=new.context,
                locale_id=row.locale_id,
                data=data,
                translation_type=row.translation_type,
                tool_name=row.tool_name,
                last_translated_by_id=row.last_translated_by_id,
                has_error=not _is_usable(data, new.text),
            )
        ],
        ignore_conflicts=False,
    )[0]
    mark = getattr(row, "outdated", None)
    if new.string != old.string or mark is not None:
        OutdatedTranslation.objects.create(
            string_translation=kept,
            former_source=row.translation_of.data if mark is None else mark.former_source,
            since=timezone.now() if mark is None else mark.since,
        )


def _without_foreign_links(translation: str, source: str) -> str:
    """Return a translation without the links that its new source text does not have, keeping their words."""
    known = {link.get("id") for link in BeautifulSoup(source, "html.parser").find_all("a")}
    soup = BeautifulSoup(translation, "html.parser")
    foreign = [link for link in soup.find_all("a") if link.get("id") not in known]
    for link in foreign:
        link.unwrap()
    return str(soup) if foreign else translation


def _is_usable(translation: str, source: str) -> bool:
    try:
        StringValue.from_translated_html(translation)
        validate_translation_links(source, translation)
    except ValueError:
        return False
    return True


def _forget_unused(source: TranslationSource, before: list[SourceText], after: list[SourceText]) -> None:
    """Delete outdated translations of texts that are gone: nobody wrote them for these texts."""
    for text in set(before) - set(after):
        StringTranslation.objects.filter(
            translation_of=text.string, context=text.context, outdated__isnull=False
        ).delete()
