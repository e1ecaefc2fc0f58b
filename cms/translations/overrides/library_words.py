"""Catalogues of messages that libraries lack in a language of the interface, or translate wrongly.

The catalogues in `library_catalogues/` are written by hand; `settings.LOCALE_PATHS` names them, also for the texts of
scripts (`djangojs.po`). The script `translations/library_words.js` translates what libraries write in English only.

Replaces: messages without a translation (Django shows them in the language of the instance instead), English words in
    Italian, and words that say “region” or “localisation” for “locale”: “région”, “maa-asetusto”, “localizzazione”.
Why no hook serves: a library has one catalogue for each language; `LOCALE_PATHS` is what precedes it.
Written for: Wagtail 8.0, wagtail-localize 1.14, Django 5.2 and django-taggit 6.1.
Upstream issue: none found; the catalogues are translated on Transifex between releases.
Test that fails when upstream changes: tests/translations/test_library_words.py.
"""

from __future__ import annotations

from pathlib import Path

from django.conf import settings


def own_catalogues() -> list[Path]:
    """Return the folders of `LOCALE_PATHS` that hold messages of this product."""
    return [Path(path) for path in settings.LOCALE_PATHS if Path(path) != settings.LIBRARY_CATALOGUES]
