"""Translates pages through wagtail-localize, from the PO files of `translations/`."""

from __future__ import annotations

import polib
from wagtail.models import Locale, Page
from wagtail_localize.models import Translation, TranslationSource

from cms.pages.models import Organisation

from .content_files import TRANSLATIONS_FOLDER, DemoContent
from .loader import DemoLoader


class MissingTranslationsError(Exception):
    """Strings of a page are not in the PO files of a language; the message lists them."""


def read_strings(language_code: str) -> dict[str, str]:
    """Return the translations of all PO files of a language, by their French text."""
    strings: dict[str, str] = {}
    for path in sorted(TRANSLATIONS_FOLDER.glob(f"*.{language_code}.po")):
        strings.update({entry.msgid: entry.msgstr for entry in polib.pofile(str(path)).translated_entries()})
    return strings


def translate_pages(catalogue: DemoContent, loader: DemoLoader) -> None:
    """Translate and publish what the catalogue asks for and is not translated yet.

    Parents come before their children in the catalogue. Raises MissingTranslations for a string without
    translation: a page half in French helps no reader.
    """
    strings: dict[str, dict[str, str]] = {}
    for record in catalogue.pages:
        for language_code in record.get("translations", []):
            page = loader.page(record["key"])
            locale = Locale.objects.get(language_code=language_code)
            if Translation.objects.filter(source__object_id=page.translation_key, target_locale=locale).exists():
                continue
            if language_code not in strings:
                strings[language_code] = read_strings(language_code)
            translate(page, locale, strings[language_code])
            page.get_translation(locale).latest_revision.publish()


def translate(instance: Page | Organisation, locale: Locale, strings: dict[str, str]) -> None:
    """Translate a page (as a draft) or an organisation and, first, the organisations that a page shows."""
    source, _created = TranslationSource.update_or_create_from_instance(instance)
    for segment in source.relatedobjectsegment_set.select_related("object"):
        if not segment.object.has_translation(locale):
            translate(segment.object.get_instance(source.locale), locale, strings)
    translation, _created = Translation.objects.get_or_create(source=source, target_locale=locale)
    translation.import_po(_translated_po(translation, instance, strings))
    # Within the transaction: wagtail-localize would publish a page after the commit, where a crash loses it.
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
