"""Merges a translated file into the database, text by text, so that a file of an older revision is merged too.

A text is found by its context and its source text. A state of the file is respected: a unit that needs editing is no
translation, and APPROVED approves nothing, because reviewers approve here. As in Weblate, a translation that a person
has stored meanwhile is kept unless the caller wants to overwrite it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from wagtail.models import Page
from wagtail_localize.models import Translation, TranslationSource

from cms.translations.exchange.incoming_files import Readable
from cms.translations.exchange.incoming_translations import read_translations
from cms.translations.exchange.inline_codes import shortened
from cms.translations.exchange.units import ExchangeFile, ReadFile, Unit, UnitFaultError, UnitState, units_by_text
from cms.translations.text_limits import text_length
from sites.models import Department

from .current_texts import CurrentText, current_texts, store_translations
from .department_translations import translations_of
from .import_report import Outcome, TranslationReport, UnitReport

# Units that a file of one translation may have: for each text of the content, and beside these. An older file has texts
# that are gone, and a program may keep obsolete ones.
UNITS_OF_A_TEXT = 4
SURPLUS_UNITS = 500

FINISHED = frozenset((UnitState.TRANSLATED, UnitState.APPROVED))


@dataclass(frozen=True, kw_only=True)
class MergeOptions:
    """The department, or the only translation, that may be imported; all without both. `user` counts as the author."""

    department: Department | None = None
    only: Translation | None = None
    user: Any = None
    overwrite: bool = False


def import_file(file: Readable, name: str, options: MergeOptions) -> list[TranslationReport]:
    """Read a file once, store its translations in one transaction, and return what was done with each text.

    Raises ValidationError, and changes nothing, if the file is refused: see `read_translations`, and for a translation
    that does not exist, is stopped, has other languages than the file, is of a suspended department, or is translated
    by somebody at the same moment.
    """
    allowed, max_units = None, None
    if options.only is not None:
        allowed = {str(options.only.uuid)}
        max_units = SURPLUS_UNITS + UNITS_OF_A_TEXT * options.only.source.stringsegment_set.count()
    elif options.department is not None:
        allowed = set(map(str, translations_of(options.department).values_list("uuid", flat=True)))
    found = read_translations(file, name, allowed, max_units)
    try:
        with transaction.atomic():
            translations = _locked_translations(name, [each.content for each in found])
            _refuse_locked_pages(translations.values(), options.user)
            return [_merge(translations[each.content.translation_id], each, name, options) for each in found]
    except IntegrityError:  # The unique key of a translated text: a row that did not exist cannot be locked.
        message = _("“%(name)s”: somebody has translated a text of it at the same moment. Import it again.")
        raise ValidationError(message % {"name": name}) from None


def _locked_translations(name: str, contents: Sequence[ExchangeFile]) -> dict[str, Translation]:
    """Return the translations of a file by their UUID, while nobody edits or approves them, and no update runs."""
    ids = [content.translation_id for content in contents]
    rows = Translation.objects.filter(uuid__in=ids)
    list(rows.select_for_update().order_by("pk").values_list("pk"))  # As the editor and guests do, before the sources.
    list(TranslationSource.objects.select_for_update().filter(pk__in=rows.values("source")).order_by("pk"))
    related = ("source__locale", "source__specific_content_type", "target_locale")
    translations = {str(row.uuid): row for row in rows.select_related(*related)}
    for content in contents:
        _refuse_unfit(name, content, translations.get(content.translation_id))
    for department in Department.objects.filter(suspended_at__isnull=False).select_related("container", "collection"):
        if translations_of(department).filter(uuid__in=ids).exists():
            values = {"name": name, "department": department}
            raise ValidationError(_("“%(name)s”: %(department)s is suspended, nothing in it can be changed.") % values)
    return translations


def _refuse_locked_pages(translations: Iterable[Translation], user: Any) -> None:
    """Raise ValidationError if a page was locked or submitted for approval while the request of a user waited."""
    for translation in translations if user is not None else ():
        page = translation.get_target_instance()
        if isinstance(page, Page) and page.permissions_for_user(user).page_locked():
            raise ValidationError(_("It is locked."))


def _refuse_unfit(name: str, content: ExchangeFile, translation: Translation | None) -> None:
    """Raise ValidationError unless the translation exists, is enabled and has the languages of the file."""
    values = {"name": name, "id": content.translation_id}
    if translation is None:
        raise ValidationError(_("“%(name)s”: the translation %(id)s does not exist here.") % values)
    if not translation.enabled:
        raise ValidationError(_("“%(name)s”: the translation %(id)s is stopped, its page is edited directly.") % values)
    pairs = (
        (content.source_language, translation.source.locale.language_code),
        (content.target_language, translation.target_locale.language_code),
    )
    for found, expected in pairs:
        # Programs add or remove the country.
        if found and _language(found) != _language(expected):
            languages = {"found": shortened(found), "expected": expected}
            message = _("“%(name)s” has the language “%(found)s” in place of “%(expected)s”.")
            raise ValidationError(message % (values | languages))


def _language(code: str) -> str:
    return code.replace("_", "-").partition("-")[0].lower()


def _merge(translation: Translation, found: ReadFile, name: str, options: MergeOptions) -> TranslationReport:
    texts = {(text.unit.context, text.unit.source): text for text in current_texts(translation, for_update=True)}
    tool = "PO File" if name.lower().endswith(".po") else "XLIFF File"
    reports = [UnitReport.refused(unit) for unit in found.refused]
    accepted: list[tuple[CurrentText, str]] = []
    for key, units in units_by_text(found.content.units).items():
        # One of several occurrences of a text may be translated: the text is stored once.
        unit = next((each for each in units if each.state in FINISHED), units[0])
        text = texts.get(key)
        try:
            outcome, reason = _outcome(unit, text, options.overwrite), ""
        except UnitFaultError as error:
            outcome, reason = Outcome.REFUSED, str(error)
        if text is not None and outcome in (Outcome.ACCEPTED, Outcome.CHANGED):
            accepted.append((text, unit.target))
        reports.append(UnitReport(unit.line, unit.context, unit.source, outcome, reason))
    store_translations(accepted, translation, options.user, tool)
    language = translation.target_locale.language_code
    ordered = tuple(sorted(reports, key=lambda report: report.line))
    return TranslationReport(translation.source.object_repr, language, ordered)


def _outcome(unit: Unit, text: CurrentText | None, overwrite: bool) -> Outcome:
    """Return the outcome of a unit. Raises UnitFaultError with the reason if it is refused."""
    if text is None:
        raise UnitFaultError(_("This original is no longer in the content: export it again."))
    if unit.state is UnitState.UNTRANSLATED:
        raise UnitFaultError(_("It has no translation."))
    if unit.state is UnitState.NEEDS_EDITING:
        raise UnitFaultError(_("It is marked as needing work: check it, remove the mark and import again."))
    limit = text.unit.max_length
    if limit is not None and text_length(unit.context, unit.target) > limit:
        raise UnitFaultError(_("It has more than %(number)s characters.") % {"number": limit})
    if text.unit.state is UnitState.UNTRANSLATED:
        return Outcome.ACCEPTED
    is_equal = text.unit.target == unit.target
    if text.unit.state is UnitState.NEEDS_EDITING:
        return Outcome.ACCEPTED if is_equal else Outcome.CHANGED
    if is_equal:
        return Outcome.UNCHANGED
    if text.row is None:
        return Outcome.ACCEPTED
    if not overwrite:
        raise UnitFaultError(_("Another translation is stored already, and is kept."))
    return Outcome.CHANGED
