"""The table of access rules by URL name: every URL of Wagtail, of its packages and of this product.

A URL whose name is missing is refused to everybody but superusers, and a test fails: so a new version of Wagtail
cannot add a URL that nobody has classified.
"""

from __future__ import annotations

from enum import Enum


class Access(Enum):
    """The condition that a user who is not a superuser must meet; Wagtail's own permission checks hold as well."""

    OPEN = "the screen shows no data of a department"
    SUPERUSER = "instance administrators only"
    CLOSED = "nobody, administrators of the instance included: the product does not use the screen"
    REPLACED = "never reached: a screen of this product has the same URL and comes first"
    LIST = "a list, which hooks, filters and viewsets limit to the user's departments"
    PAGE = "the user may view every page that the URL or the form names"
    PAGE_TASK = "as PAGE, and the step of approval, or its state, is one of this page"
    PAGE_AUTHOR = "as PAGE, and the user has the capability PAGES in the department of each page"
    PAGE_OR_ROOT = "as PAGE, or the page is Root, whose list shows the user's departments only"
    PAGE_PUBLISHER = "as PAGE, and the user may publish the page"
    CHANGEABLE_OBJECT = "the user may change the object that the URL names, as its permission policy says"
    VIEWABLE_OBJECT = "the user may view the image, document or snippet that the URL names"
    FORM_OBJECTS = "the user may view every consent, image and document that the form names"
    UPLOADED_FILE = "as FORM_OBJECTS, and the user has uploaded the file that waits for its details"
    SELECTED_OBJECTS = "the user may view every object that the query string selects"
    BULK_ACTION = "as SELECTED_OBJECTS; snippets must be changeable, models other than these are refused"
    SELECTED_CELLS = "the view finds the selected contents and languages among those that the user sees on the board"
    EDITING_SESSION = "the user may view the object that is being edited"
    TAGS = "the rule answers with tags that the user's departments use"
    TRANSLATION = "the user may edit the translated page or snippet"
    TRANSLATION_STRINGS = "as TRANSLATION, and nobody else has locked the page"
    TRANSLATION_OVERRIDE = "as TRANSLATION_STRINGS, and the value is a safe link or an object that the user may view"
    TRANSLATION_PUBLISHER = "the user may publish the translated page"
    PAGE_SUBMISSION = "the user may send the page to translation, between languages of its department"
    SNIPPET_SUBMISSION = "as PAGE_SUBMISSION, for a shared snippet that a department of the user owns"
    TRANSLATION_SYNCHRONISATION = "as a submission; publishing needs the permission to publish each translation"
    # Screens of this product: one role of the user has the capability (`sites.roles`). The screen limits its querysets.
    CAPABILITY_ACCOUNTS = "the user manages the accounts of a department"
    CAPABILITY_SETTINGS = "the user edits a department's contact and appearance"
    CAPABILITY_WORKFLOWS = "the user decides who approves pages of a department"
    CAPABILITY_PRIVACY = "the user restricts who may read a department's pages and files"
    CAPABILITY_REDIRECTS = "the user redirects addresses of a department's site"
    CAPABILITY_SHARING = "the user shares a department's content with others"
    CAPABILITY_SNIPPETS = "the user writes a department's snippets"
    CAPABILITY_DRAFTS = "the user reads a department's drafts"
    CAPABILITY_AUDIT = "the user reads a department's audit log"
    CAPABILITY_REPORTS = "the user reads a department's reports"
    CAPABILITY_TRANSLATION = "the user manages the translations of a department"
    CAPABILITY_SEARCH = "the user decides what the search of a department shows first"


def _in(namespace: str, names: str) -> tuple[str, ...]:
    """Return the URL names of a namespace from names separated by spaces."""
    return tuple(f"{namespace}:{name}" for name in names.split())


SHARED_SNIPPETS = ("wagtailsnippets_pages_organisation", "wagtailsnippets_pages_person")
SHARED_CHOOSERS = ("wagtailsnippetchoosers_pages_organisation", "wagtailsnippetchoosers_pages_person")
OWNED_SNIPPETS = ("wagtailsnippets_cms_media_video", "wagtailsnippets_cms_media_consent")
OWNED_CHOOSERS = ("wagtailsnippetchoosers_cms_media_video", "wagtailsnippetchoosers_cms_media_consent")

ACCESS_TABLE: tuple[tuple[Access, tuple[str, ...]], ...] = (
    (
        Access.OPEN,
        (
            "wagtailadmin_home",
            "wagtailadmin_account",
            # The link belongs to the account that is logged in.
            "email_change",
            # The view checks that the user may select the department.
            "department_switch",
            "wagtailadmin_login",
            "wagtailadmin_logout",
            "wagtailadmin_password_reset",
            "wagtailadmin_password_reset_done",
            "wagtailadmin_password_reset_confirm",
            "wagtailadmin_password_reset_complete",
            "wagtailadmin_dismissibles",
            "wagtailadmin_sprite",
            "wagtailadmin_javascript_catalog",
            "wagtailadmin_block_preview",
            # They concern the account of the session only, and serve sessions that lack a step (`cms.users`).
            "account_security",
            "account_security_app",
            "account_security_challenge",
            "account_security_confirm",
            "account_security_leave",
            "account_security_passkey",
            "account_security_passkey_options",
            "account_security_recovery",
            "account_security_remove",
            "account_security_sessions",
            "account_security_verify",
            "single_sign_on_accept",
            "single_sign_on_required",
            "single_sign_on_return",
            "single_sign_on_start",
            # Open to everybody who holds the link, with an account or without.
            "invitation",
            "invitation_link",
            # The view finds pages that the user may view.
            "choose_external_link",
            "wagtailadmin_choose_page_email_link",
            "wagtailadmin_choose_page_phone_link",
            "wagtailadmin_choose_page_anchor_link",
            # It ends sessions of the user only.
            "wagtailadmin_editing_sessions:release",
            "wagtail_localize:javascript_catalog",
            # Wagtail's two not-found pages, which have no URL name.
            "django.views.generic.base.TemplateView",
            "wagtail.admin.views.home.default",
        ),
    ),
    # --- Pages ----------------------------------------------------------------------------------------------
    (
        Access.LIST,
        (
            "wagtailadmin_explore_root",
            "wagtailadmin_choose_page",
            "wagtailadmin_choose_page_search",
            *_in("wagtailadmin_pages", "search search_results type_use type_use_results choose_parent"),
            *_in("department_reports", "aging_pages aging_pages_results"),
            *_in("wagtailadmin_api:pages", "listing find"),
        ),
    ),
    (Access.PAGE_OR_ROOT, ("wagtailadmin_explore", "wagtailadmin_explore_results", "wagtailadmin_choose_page_child")),
    (
        Access.PAGE,
        (
            *_in("wagtailadmin_pages", "add add_subpage preview_on_add edit preview_on_edit view_draft"),
            *_in("wagtailadmin_pages", "unpublish lock unlock"),
            *_in("wagtailadmin_pages", "usage history history_results revisions_index revisions_view"),
            *_in("wagtailadmin_pages", "revisions_unschedule revisions_compare"),
            *_in("wagtailadmin_pages", "confirm_workflow_cancellation workflow_history workflow_history_detail"),
            *_in("wagtailadmin_api:pages", "detail"),
        ),
    ),
    (
        Access.PAGE_TASK,
        _in("wagtailadmin_pages", "workflow_action collect_workflow_action_data workflow_preview"),
    ),
    (
        Access.PAGE_AUTHOR,
        (
            *_in(
                "wagtailadmin_pages", "copy delete move move_confirm set_page_position convert_alias revisions_revert"
            ),
            *_in("wagtailadmin_api:pages", "action"),
        ),
    ),
    # The view asks for the capability in the page's own department.
    (Access.CAPABILITY_PRIVACY, ("wagtailadmin_pages:set_privacy",)),
    (Access.SELECTED_OBJECTS, ("wagtailadmin_choose_page_chosen_multiple",)),
    (Access.BULK_ACTION, ("wagtail_bulk_action",)),
    (Access.EDITING_SESSION, ("wagtailadmin_editing_sessions:ping",)),
    # --- Media ----------------------------------------------------------------------------------------------
    # They make images of any size. The product shows the sizes of `cms.media.renditions.specs` only.
    (Access.CLOSED, _in("wagtailimages", "url_generator url_generator_output preview")),
    (
        Access.LIST,
        (
            *_in("wagtailimages", "index index_results"),
            *_in("wagtaildocs", "index index_results"),
            *_in("wagtailimages_chooser", "choose choose_results"),
            *_in("wagtaildocs_chooser", "choose choose_results"),
            *_in("wagtailadmin_api:images", "listing find"),
            *_in("wagtailadmin_api:documents", "listing find"),
        ),
    ),
    (
        Access.VIEWABLE_OBJECT,
        (
            *_in("wagtailimages", "edit delete image_usage"),
            *_in("wagtailimages", "edit_multiple delete_multiple"),
            *_in("wagtaildocs", "edit delete document_usage edit_multiple delete_multiple"),
            *_in("wagtailimages_chooser", "chosen select_format"),
            *_in("wagtaildocs_chooser", "chosen"),
            *_in("wagtailadmin_api:images", "detail"),
            *_in("wagtailadmin_api:documents", "detail"),
            "consent_proof",
        ),
    ),
    (
        Access.FORM_OBJECTS,
        (
            *_in("wagtailimages", "add add_multiple"),
            *_in("wagtaildocs", "add add_multiple"),
            *_in("wagtailimages_chooser", "create"),
            *_in("wagtaildocs_chooser", "create"),
        ),
    ),
    (
        Access.UPLOADED_FILE,
        (
            *_in("wagtailimages", "create_multiple_from_uploaded_image delete_upload_multiple"),
            *_in("wagtaildocs", "create_multiple_from_uploaded_document delete_upload_multiple"),
        ),
    ),
    (
        Access.SELECTED_OBJECTS,
        (*_in("wagtailimages_chooser", "chosen_multiple"), *_in("wagtaildocs_chooser", "chosen_multiple")),
    ),
    (Access.TAGS, ("wagtailadmin_tag_autocomplete", "wagtailadmin_tag_model_autocomplete")),
    # --- Collections: one tree for the whole instance ---------------------------------------------------------
    (Access.LIST, ("department_collections:index", "wagtailadmin_collections:add")),
    (Access.VIEWABLE_OBJECT, ("department_collections:edit", "wagtailadmin_collections:delete")),
    (Access.CAPABILITY_PRIVACY, ("department_collections:set_privacy",)),
    (Access.REPLACED, _in("wagtailadmin_collections", "index edit set_privacy")),
    # --- Snippets -------------------------------------------------------------------------------------------
    *(
        entry
        for namespace in (*SHARED_SNIPPETS, *OWNED_SNIPPETS)
        for entry in (
            (Access.LIST, _in(namespace, "list list_results")),
            (Access.FORM_OBJECTS, _in(namespace, "add")),
            (Access.CHANGEABLE_OBJECT, _in(namespace, "edit delete usage history history_results")),
        )
    ),
    *(
        entry
        for namespace in (*SHARED_CHOOSERS, *OWNED_CHOOSERS)
        for entry in (
            (Access.LIST, _in(namespace, "choose choose_results")),
            (Access.VIEWABLE_OBJECT, _in(namespace, "chosen")),
            (Access.SELECTED_OBJECTS, _in(namespace, "chosen_multiple")),
        )
    ),
    *((Access.FORM_OBJECTS, _in(namespace, "create")) for namespace in SHARED_CHOOSERS),
    (Access.SUPERUSER, ("wagtailsnippets:index",)),
    # --- Translation ----------------------------------------------------------------------------------------
    (Access.PAGE_SUBMISSION, ("translation_submit_page", "translation_release")),
    (Access.SNIPPET_SUBMISSION, ("translation_submit_snippet",)),
    (Access.REPLACED, _in("wagtail_localize", "submit_page_translation submit_snippet_translation upload_pofile")),
    (Access.TRANSLATION_SYNCHRONISATION, ("wagtail_localize:update_translations",)),
    (
        Access.TRANSLATION,
        (
            *_in("wagtail_localize", "download_pofile preview_translation"),
            # The views handle locks: a page that waits for approval is locked for the person who submits it again,
            # and may be commented on.
            "translation_approval",
            "translation_editor",
            "translation_export",
            "translation_suggestions",
            "translation_guests",
        ),
    ),
    (
        Access.TRANSLATION_STRINGS,
        ("translation_import", "translation_machine_draft"),
    ),
    # Texts are written in the product's own editor, and drafted in the background.
    (Access.CLOSED, _in("wagtail_localize", "edit_string_translation machine_translate")),
    (Access.TRANSLATION_OVERRIDE, ("wagtail_localize:edit_override",)),
    # The board shows the languages of the user in the current department.
    (Access.LIST, ("translation_board", "translation_board_results", "media_board")),
    # So does the glossary.
    (Access.LIST, _in("glossary", "index index_results")),
    (
        Access.CAPABILITY_TRANSLATION,
        (*_in("glossary", "add"), "language_resources", "language_resource_download"),
    ),
    (Access.CHANGEABLE_OBJECT, _in("glossary", "edit delete history history_results usage")),
    (Access.SELECTED_CELLS, ("translation_board_action", "media_text")),
    # The translator gets the whole page: structure, images and slug.
    (Access.TRANSLATION_PUBLISHER, ("wagtail_localize:stop_translation",)),
    (Access.PAGE_PUBLISHER, ("wagtail_localize:convert_to_alias", "publication_retry")),
    (
        Access.SUPERUSER,
        (*_in("wagtail_localize", "snippets_api_listing snippets_api_detail"),),
    ),
    # --- Screens of this product ------------------------------------------------------------------------------------
    (Access.CAPABILITY_SHARING, (*_in("sharing", "index given detail propose"), *_in("copies", "take changes"))),
    (Access.CAPABILITY_ACCOUNTS, _in("team", "index members members_results invite resend revoke edit remove")),
    (
        Access.CAPABILITY_SETTINGS,
        ("department_settings", "current_department_settings", "department_languages", "machine_settings"),
    ),
    (Access.CAPABILITY_SEARCH, _in("promotions", "index index_results add")),
    (
        Access.CHANGEABLE_OBJECT,
        ("document_text_retry", "image_file_retry", "document_file_retry", "video_file_retry"),
    ),
    (Access.CHANGEABLE_OBJECT, _in("promotions", "edit delete history history_results usage")),
    # --- The instance ---------------------------------------------------------------------------------------
    (
        Access.SUPERUSER,
        (
            "account_sessions_end",
            "department_language_remove",
            "search_index_retry",
            "wagtailadmin_error_test",
            *_in("wagtailusers_users", "index index_results add edit delete history history_results usage copy"),
            *_in("wagtailusers_groups", "index index_results add edit delete history history_results usage"),
            *_in("wagtailsites", "index index_results add edit delete history history_results usage copy"),
            *_in("wagtaillocales", "index index_results add edit delete history history_results usage"),
            *_in("wagtailredirects", "start_import process_import"),
            *_in("search_synonyms", "index index_results add edit delete history history_results usage"),
            *_in("wagtailadmin_workflows", "index index_results add enable disable edit usage usage_results remove"),
            *_in("wagtailadmin_workflows", "add_task select_task_type task_index task_index_results edit_task"),
            *_in("wagtailadmin_workflows", "disable_task enable_task task_chosen"),
            *_in("wagtailadmin_workflows", "task_chooser task_chooser_results task_chooser_create"),
        ),
    ),
    # --- Administration by a department ----------------------------------------------------------------------
    (Access.CAPABILITY_REDIRECTS, _in("department_redirects", "index index_results add edit delete")),
    (Access.REPLACED, ("wagtailadmin_choose_page_external_link",)),
    (Access.REPLACED, _in("wagtailredirects", "index index_results add edit delete")),
    (Access.CAPABILITY_WORKFLOWS, _in("department_workflows", "index edit")),
    (Access.CAPABILITY_AUDIT, _in("department_reports", "audit_log audit_log_results")),
    (
        Access.CAPABILITY_REPORTS,
        (
            *_in("department_reports", "locked_pages locked_pages_results workflow workflow_results"),
            *_in("department_reports", "workflow_tasks workflow_tasks_results site_history site_history_results"),
            *_in("department_reports", "page_types_usage page_types_usage_results"),
            *_in("department_reports", "translations_report translations_report_results"),
            *_in("searches", "index index_results"),
        ),
    ),
    (
        Access.REPLACED,
        (
            *_in("wagtailadmin_reports", "aging_pages aging_pages_results"),
            *_in("wagtailadmin_reports", "locked_pages locked_pages_results workflow workflow_results"),
            *_in("wagtailadmin_reports", "workflow_tasks workflow_tasks_results site_history site_history_results"),
            *_in("wagtailadmin_reports", "page_types_usage page_types_usage_results"),
            *_in("wagtail_localize", "translations_report translations_report_results"),
        ),
    ),
)

ACCESS_BY_URL_NAME: dict[str, Access] = {name: access for access, names in ACCESS_TABLE for name in names}
"""Access rule by URL name; a URL without a name has the dotted path of its view."""
