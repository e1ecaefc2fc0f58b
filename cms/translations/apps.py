"""Django application of the translations (label `translations`)."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TranslationsConfig(AppConfig):
    name = "cms.translations"
    label = "translations"
    verbose_name = _("translations")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from sites.access.ownership import AnyLookup, FieldLookup, TreeLookup, register_ownership
        from sites.rate_limits.limited_urls import add_limit, add_secret_limit

        from . import signals
        from .digest.digest_mail import register_digest_mail
        from .guests.guest_mail import register_guest_mail
        from .guests.link_limits import count_new_link, count_review
        from .overrides.copied_pages import refuse_copies
        from .overrides.draft_sources import translate_drafts_of_releases
        from .overrides.refreshed_segments import store_segments_in_batches
        from .overrides.stored_texts import show_faulty_texts_unparsed
        from .overrides.translated_pages import write_translated_pages_in_one_transaction
        from .overrides.translated_snippets import leave_out_foreign_related_objects
        from .overrides.translation_screen import show_translations_without_texts

        register_ownership(self.get_model("TranslationAssignment"), TreeLookup("page__path"))
        register_ownership(self.get_model("PlannedRelease"), TreeLookup("page__path"))
        register_ownership(self.get_model("GlossaryTerm"), FieldLookup("department"))
        register_ownership(self.get_model("MemoryPair"), FieldLookup("department"))
        register_ownership(
            self.get_model("MediaText"),
            AnyLookup(*(TreeLookup(f"{each}__collection__path", "collection") for each in ("image", "document"))),
        )
        for name in ("MachineDraft", "MachineKey", "MachineUsage"):
            register_ownership(self.get_model(name), FieldLookup("department"))
        register_ownership(self.get_model("MachineLanguage"), FieldLookup("language__department"))
        register_ownership(self.get_model("MemoryBand"), FieldLookup("pair__department"))
        leave_out_foreign_related_objects()
        store_segments_in_batches()
        translate_drafts_of_releases()
        write_translated_pages_in_one_transaction()
        refuse_copies()
        show_faulty_texts_unparsed()
        show_translations_without_texts()
        register_digest_mail()
        register_guest_mail()
        add_limit("translation_guests", count_new_link)
        add_secret_limit("guest_review", count_review)
        signals.connect()
