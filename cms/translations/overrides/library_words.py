"""Words of Wagtail and wagtail-localize that our catalogues translate, because theirs say “region” for language.

Replaces: the French (“région”) and Finnish (“maa-asetusto”) translations of “locale” in both libraries, in favour of
    “language”. The catalogues in `locale/` precede those of applications.
Why no hook serves: `makemessages` writes the strings of our sources only, so they must stand in one.
Written for: Wagtail 8.0 and wagtail-localize 1.14.
Upstream issue: none found.
Test that fails when upstream changes: tests/translations/test_library_words.py.
"""

from django.utils.translation import gettext_noop

LIBRARY_WORDS = (
    gettext_noop("locale"),
    gettext_noop("Locale"),
    gettext_noop("Locale: "),
    gettext_noop("Locales"),
    gettext_noop("{} locales"),
    gettext_noop("Available in %(translations_total)s locales"),
    gettext_noop("Switch locales"),
    gettext_noop("Wagtail locales"),
    gettext_noop("Add a locale"),
    gettext_noop("Add locale"),
    gettext_noop("Locale '%(object)s' created."),
    gettext_noop("Locale '%(object)s' updated."),
    gettext_noop("Locale '%(object)s' deleted."),
    gettext_noop("The locale could not be saved due to errors."),
    gettext_noop("Delete locale"),
    gettext_noop("Are you sure you want to delete this locale?"),
    gettext_noop("This locale cannot be deleted because there are no other locales."),
    gettext_noop("This locale cannot be deleted because there are pages and/or other objects using it."),
    gettext_noop("This locale's language code is not supported"),
    gettext_noop(
        "This locale's current language code is not supported. Please choose a new language or delete this locale."
    ),
    gettext_noop("This locale cannot be synced into itself."),
    gettext_noop("Synchronise content from another locale"),
    gettext_noop(
        "Choose a locale to synchronise content from. Any existing and future content authored in the selected locale"
        " will be automatically copied to this one."
    ),
)
