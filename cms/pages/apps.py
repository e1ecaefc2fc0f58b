"""Django application of the page models."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PagesConfig(AppConfig):
    name = "cms.pages"
    label = "pages"
    verbose_name = _("pages")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from cms.translations.media_texts.shown_media import register_shown_media
        from sites.access.ownership import FieldLookup, register_ownership
        from sites.sharing.shared_content import register_contents_without_consent

        for snippet in ("Organisation", "Person"):
            register_ownership(self.get_model(snippet), FieldLookup("owner"))

        register_ownership(self.get_model("CopyOrigin"), FieldLookup("sharing__department"))
        register_ownership(self.get_model("CopiedMedium"), FieldLookup("department"))

        from cms.content_types import checks as content_type_checks  # noqa: F401 (registers the system checks)

        from .forms import ContentPageForm
        from .models.base import ContentPage
        from .overrides.index_tasks import end_tasks_of_deleted_objects
        from .overrides.tree_changes import lock_tree_changes

        end_tasks_of_deleted_objects()
        lock_tree_changes()
        ContentPage.base_form_class = ContentPageForm

        from . import checks  # noqa: F401 (registers the system checks)
        from .board_media import media_shown_by_pages, snippets_of
        from .consents import contents_without_consent  # Its import connects the signal handlers.

        register_contents_without_consent(contents_without_consent)
        register_shown_media(media_shown_by_pages, snippets_of)
