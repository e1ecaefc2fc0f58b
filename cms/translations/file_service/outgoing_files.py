"""Writes the translations of a department into files: one file for each content, in XLIFF or PO."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.core.exceptions import ValidationError
from django.utils.text import slugify
from django.utils.translation import gettext as _
from wagtail.models import Locale, Page
from wagtail_localize.models import Translation

from cms.translations.exchange import po, xliff12, xliff21
from cms.translations.exchange.units import ExchangeFile
from sites.models import Department
from sites.validation.object_keys import is_beyond_keys

from .current_texts import current_texts
from .department_translations import translations_of

# Suffix and writer of each format, by the name that people give.
FORMATS: dict[str, tuple[str, Callable[[ExchangeFile], bytes]]] = {
    "xliff1.2": ("xlf", lambda content: xliff12.write([content])),
    "xliff2.1": ("xlf", lambda content: xliff21.write([content])),
    "po": ("po", po.write),
}
MAX_NAME_LENGTH = 60


@dataclass(frozen=True)
class WrittenFile:
    """A file that was written, with the number of its units."""

    path: Path
    units: int


def translations_to_export(department: Department, locale: Locale, pages: Sequence[int] = ()) -> list[Translation]:
    """Return the translations of a department into a language, in the order in which they were requested.

    `pages` are the keys of pages, originals or translations; without them, all contents are returned. Raises
    ValidationError for a page that is not of the department or has no translation into the language, and if there is
    no translation at all.
    """
    wanted = translations_of(department).filter(target_locale=locale, enabled=True)
    if pages:
        possible = [page for page in pages if not is_beyond_keys(page)]
        keys = dict(Page.objects.filter(pk__in=possible).values_list("pk", "translation_key"))
        wanted = wanted.filter(source__object__in=keys.values())
        found = set(wanted.values_list("source__object", flat=True))
        if missing := sorted(page for page in pages if keys.get(page) not in found):
            values = {"pages": ", ".join(map(str, missing)), "language": locale.language_code}
            raise ValidationError(_("No translation into “%(language)s” of this department: %(pages)s") % values)
    related = ("source__locale", "source__specific_content_type", "target_locale")
    translations = list(wanted.select_related(*related).order_by("pk"))
    if not translations:
        message = _("The department has no translation into “%(language)s”.")
        raise ValidationError(message % {"language": locale.language_code})
    return translations


def write_files(translations: Sequence[Translation], format_name: str, folder: Path) -> Iterator[WrittenFile]:
    """Write a file for each translation into a folder, which is created; yield each file after it is written.

    Raises ValidationError, before the first file is written, if one of them exists already: it may be the work of a
    translator. Raises it too for a text with a control character, and OSError if a file cannot be written.
    """
    suffix, write = FORMATS[format_name]
    paths = [folder / file_name(translation, suffix) for translation in translations]
    for path in paths:
        if path.exists():
            raise ValidationError(_("“%(path)s” exists already: choose another folder.") % {"path": path})
    folder.mkdir(parents=True, exist_ok=True)
    for translation, path in zip(translations, paths, strict=True):
        content = exchange_file(translation)
        data = write(content)
        with path.open("xb") as file:
            file.write(data)
        yield WrittenFile(path, len(content.units))


def exchange_file(translation: Translation) -> ExchangeFile:
    """Return the present content of a translation. The source revision is the time at which the source was read."""
    source = translation.source
    return ExchangeFile(
        translation_id=str(translation.uuid),
        title=source.object_repr,
        source_language=source.locale.language_code,
        target_language=translation.target_locale.language_code,
        source_revision=source.last_updated_at.isoformat(),
        units=tuple(text.unit for text in current_texts(translation)),
    )


def file_name(translation: Translation, suffix: str) -> str:
    """Return the key, the title and the language of a translation as the name of a file."""
    title = slugify(translation.source.object_repr)[:MAX_NAME_LENGTH]
    return f"{translation.pk}-{title}.{translation.target_locale.language_code}.{suffix}"
