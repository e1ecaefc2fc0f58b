"""The warnings of a translation that reviewers have dismissed."""

from __future__ import annotations

from collections import defaultdict

from wagtail_localize.models import Translation

from cms.translations.file_service.current_texts import CurrentText
from cms.translations.models import DismissedWarning

from .typed_texts import text_digest


def digest_of_texts(text: CurrentText) -> str:
    """Return the digest of an original and its translation, to which a dismissal belongs."""
    return text_digest(f"{text.unit.source}\0{text.unit.target}")


def load_dismissals(translation: Translation) -> dict[int, dict[str, str]]:
    """Return the digests of the texts by the name of the check, by key of the translated text. One query."""
    rows = DismissedWarning.objects.filter(
        string_translation__context__object_id=translation.source.object_id,
        string_translation__locale=translation.target_locale_id,
    )
    found: defaultdict[int, dict[str, str]] = defaultdict(dict)
    for key, check, digest in rows.values_list("string_translation", "check_name", "texts_digest"):
        found[key][check] = digest
    return found
