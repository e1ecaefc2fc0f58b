"""Translates pages through wagtail-localize, from the PO files of `translations/`."""

from __future__ import annotations

import polib
from wagtail.models import Locale, Page
from wagtail_localize.models import Translation, TranslationSource

from cms.pages.models import Organisation

from .content_files import TRANSLATIONS_FOLDER, DemoContent
from .loader import DemoLoader
from .progress import Track, untracked


class MissingTranslationsError(Exception):
    """Raised when the PO files of a language lack strings of a page. The message lists them."""


def read_strings(language_code: str) -> dict[str, str]:
    """Return the translations of all PO files of a language, keyed by the French text."""
    strings: dict[str, str] = {}
    for path in sorted(TRANSLATIONS_FOLDER.glob(f"*.{language_code}.po")):
        strings.update({entry.msgid: entry.msgstr for entry in polib.pofile(str(path)).translated_entries()})
    return strings


def translate_pages(content: DemoContent, loader: DemoLoader, track: Track = untracked) -> None:
    """Translate and publish the pages whose records name languages. Existing translations are not changed.

    Content files list parents before their children. Raise MissingTranslationsError for a string without a translation,
    so that no page is published half in French.
    """
    strings: dict[str, dict[str, str]] = {}
    pairs = [(record, language_code) for record in content.pages for language_code in record.get("translations", [])]
    for record, language_code in track("Translations", pairs):
        page = loader.page(record["key"])
        locale = Locale.objects.get(language_code=language_code)
        if Translation.objects.filter(source__object_id=page.translation_key, target_locale=locale).exists():
            continue
        if language_code not in strings:
            strings[language_code] = read_strings(language_code)
        translate(page, locale, strings[language_code])
        page.get_translation(locale).latest_revision.publish()


def translate(instance: Page | Organisation, locale: Locale, strings: dict[str, str]) -> None:
    """Translate a page (as a draft) or an organisation, after the related objects that it shows."""
    source, _created = TranslationSource.update_or_create_from_instance(instance)
    for segment in source.relatedobjectsegment_set.select_related("object"):
        if not segment.object.has_translation(locale):
            translate(segment.object.get_instance(source.locale), locale, strings)
    translation, _created = Translation.objects.get_or_create(source=source, target_locale=locale)
    translation.import_po(_translated_po(translation, instance, strings))
    # The caller publishes pages inside the transaction. wagtail-localize would publish them after the commit.
    translation.save_target(publish=not isinstance(instance, Page))


def _translated_po(translation: Translation, instance: Page | Organisation, strings: dict[str, str]) -> polib.POFile:
    language_code = translation.target_locale.language_code
    messages = translation.export_po()
    missing = []
    for message in messages:
        if message.msgid in strings:
            message.msgstr = strings[message.msgid]
        else:
            missing.append(message.msgid)
    if missing:
        raise MissingTranslationsError(f"{instance} ({language_code}):\n" + "\n".join(missing))
    return messages
