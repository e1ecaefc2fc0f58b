"""Admin URLs, dashboard panels, and checks before wagtail-localize changes a translated page."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, include, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.staticfiles import versioned_static
from wagtail.admin.ui.components import Component
from wagtail.models import Page
from wagtail_localize.models import Translation

from sites.access.capabilities import is_unrestricted
from sites.access.current_department import current_department
from sites.dashboard.layout import AFTER_DEPARTMENTS

from .board.accepted_changes import accepted_change_actions
from .board.cells import board_languages
from .board.dashboard_panels import translation_panels
from .board.views import urlpatterns as board_urls
from .digest.digest_settings import DigestPanel
from .drafts.draft_panel import draft_panel
from .drafts.draft_views import MachineDraftView
from .editor.file_views import ImportTranslation, export_translation
from .editor.suggestion_views import TextSuggestions
from .editor.views import TranslationEditor, submit_for_approval
from .glossary.resource_views import LanguageResourcesView, download_resource
from .glossary.views import GlossaryViewSet
from .guests.guest_decisions import guest_log_actions
from .guests.link_views import GuestLinksView
from .machine.settings_views import MachineSettingsView, machine_log_actions, may_choose_services
from .media_texts.media_board import MediaBoardView
from .media_texts.text_changes import media_log_actions
from .media_texts.text_screen import MediaTextView
from .releases.release_links import release_buttons, show_planned_release
from .releases.release_plans import release_log_actions
from .releases.views import ReleaseView
from .submission import SubmitPageView, SubmitSnippetView
from .subtrees.preparation_panel import preparation_panel
from .withdrawn_sources import effect_on_translations, with_descendants

# Order of hooks that have to run before those of wagtail-localize.
BEFORE_LOCALIZE = -1


@hooks.register("register_admin_urls", order=BEFORE_LOCALIZE)
def translation_urls() -> list[URLPattern | URLResolver]:
    """Return the admin URLs. Those of submission and import replace wagtail-localize's, which have the same paths."""
    return [
        path("localize/submit/page/<int:page_id>/", SubmitPageView.as_view(), name="translation_submit_page"),
        path(
            "localize/submit/snippet/<slug:app_label>/<slug:model_name>/<str:pk>/",
            SubmitSnippetView.as_view(),
            name="translation_submit_snippet",
        ),
        # The URL of wagtail-localize's upload, whose form posts to it.
        path(
            "localize/translate/<int:translation_id>/pofile/upload/",
            ImportTranslation.as_view(),
            name="translation_import",
        ),
        path(
            "translations/<int:translation_id>/export/<str:file_format>/",
            export_translation,
            name="translation_export",
        ),
        path("translations/<int:translation_id>/", TranslationEditor.as_view(), name="translation_editor"),
        path(
            "translations/<int:translation_id>/texts/<int:context_id>/<int:string_id>/suggestions/",
            TextSuggestions.as_view(),
            name="translation_suggestions",
        ),
        path("translations/<int:translation_id>/guests/", GuestLinksView.as_view(), name="translation_guests"),
        path(
            "translations/<int:translation_id>/machine-draft/",
            MachineDraftView.as_view(),
            name="translation_machine_draft",
        ),
        path("translations/machine/", MachineSettingsView.as_view(), name="machine_settings"),
        path("translations/files/", LanguageResourcesView.as_view(), name="language_resources"),
        path(
            "translations/files/<str:language_code>/<str:file_format>/",
            download_resource,
            name="language_resource_download",
        ),
        path("translations/releases/<int:page_id>/", ReleaseView.as_view(), name="translation_release"),
        path("translations/<int:translation_id>/approval/", submit_for_approval, name="translation_approval"),
        path("translations/media/", MediaBoardView.as_view(), name="media_board"),
        path(
            "translations/media/<slug:kind>/<int:item_id>/<str:language_code>/",
            MediaTextView.as_view(),
            name="media_text",
        ),
        path("translations/", include(board_urls)),
    ]


class BoardMenuItem(MenuItem):
    """A menu entry for users who have a language on the board."""

    def is_shown(self, request: HttpRequest) -> bool:
        return bool(board_languages(request))


@hooks.register("register_admin_menu_item")
def board_menu_item() -> MenuItem:
    return BoardMenuItem(
        _("Translations"),
        reverse("translation_board"),
        name="translation-board",
        icon_name="wagtail-localize-language",
        order=210,  # After the pages.
    )


@hooks.register("insert_global_admin_js")
def library_words() -> str:
    """Return the script that translates what libraries write in English only."""
    return format_html('<script src="{}"></script>', versioned_static("translations/library_words.js"))


hooks.register("register_log_actions", guest_log_actions)
hooks.register("register_log_actions", accepted_change_actions)
hooks.register("register_log_actions", machine_log_actions)
hooks.register("register_log_actions", media_log_actions)
hooks.register("register_log_actions", release_log_actions)
hooks.register("register_page_header_buttons", release_buttons)
hooks.register("before_edit_page", show_planned_release)


class MachineSettingsMenuItem(MenuItem):
    """A menu entry for users who choose the translation services of the current department."""

    def is_shown(self, request: HttpRequest) -> bool:
        return may_choose_services(request)


@hooks.register("register_settings_menu_item")
def machine_settings_menu_item() -> MenuItem:
    return MachineSettingsMenuItem(
        _("Machine translation"),
        reverse("machine_settings"),
        name="machine-translation",
        icon_name="wagtail-localize-language",
        order=60,  # After the department.
    )


@hooks.register("register_admin_menu_item")
def glossary_menu_item() -> MenuItem:
    return BoardMenuItem(
        _("Glossary"), reverse("glossary:index"), name="translation-glossary", icon_name="openquote", order=211
    )


@hooks.register("register_admin_viewset")
def glossary_screens() -> GlossaryViewSet:
    return GlossaryViewSet()


@hooks.register("register_account_settings_panel")
def digest_panel(request: HttpRequest, user: Any, profile: Any) -> DigestPanel:
    return DigestPanel(request, user, profile)


@hooks.register("construct_homepage_panels", order=AFTER_DEPARTMENTS)
def show_translations(request: HttpRequest, panels: list[Component]) -> None:
    # Without a department the user has nothing to translate, and only the panel that says so.
    if current_department(request) is not None or is_unrestricted(request.user):
        panels += translation_panels(request)
    panels += filter(None, (preparation_panel(request), draft_panel(request)))


@hooks.register("before_delete_page")
def show_effect_on_translations(request: HttpRequest, page: Page) -> None:
    """Show above the confirmation what happens to the translations. Wagtail's template has no block for it."""
    if request.method == "GET":
        for sentence in effect_on_translations(with_descendants([page])):
            messages.warning(request, sentence)


@hooks.register("before_edit_page", order=BEFORE_LOCALIZE)
def check_translation_request(request: HttpRequest, page: Page) -> None:
    """Raise PermissionDenied for a POST that changes a locked translated page, or restarts a translation.

    Users who may publish may restart translations. wagtail-localize checks neither permission nor lock.
    """
    if request.method != "POST":
        return
    translations = Translation.objects.filter(source__object_id=page.translation_key, target_locale=page.locale_id)
    is_restart = "localize-restart-translation" in request.POST
    if not translations.filter(enabled=not is_restart).exists():
        return
    permissions = page.permissions_for_user(request.user)
    if permissions.page_locked():
        raise PermissionDenied
    if is_restart and not permissions.can_publish():
        # A restart overwrites the edits made since the translation was stopped.
        raise PermissionDenied
    # wagtail-localize publishes after the commit. RefusedChangeMiddleware reads this to say that the draft is saved.
    transaction.on_commit(lambda: setattr(request, "is_draft_saved", True))
