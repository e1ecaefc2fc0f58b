"""Values for URL parameters and form fields: objects of one department, shared objects, or no objects."""

from __future__ import annotations

from typing import Any

from wagtail.test.utils.form_data import rich_text

from sites.admin.access_control.url_table import ACCESS_BY_URL_NAME, Access

from .endpoints import Endpoint

SHARED = ("organisation", "person")
MISSING = 999_999_999
# Their URLs have the key of a department.
DEPARTMENT_SCREENS = ("department_settings", "department_languages", "department_language_remove")


class Nothing:
    """Stands for the objects of a department that does not exist: no key refers to a row."""

    def __getattr__(self, name: str) -> Any:
        return MISSING if name == "pk" or name.endswith("_id") else self

    def __call__(self) -> Nothing:
        return self

    def __str__(self) -> str:
        return "nothing"


def arguments_for(endpoint: Endpoint, side: Any, fixture_data: Any) -> dict[str, Any]:
    """Return values for the URL parameters of an endpoint that refer to one side of the fixture data.

    `side` is `fixture_data.ours`, `fixture_data.theirs`, or `Nothing()`. Raise KeyError for a parameter without a value
    in this module.
    """
    name = endpoint.name
    by_namespace = {
        "wagtailimages": side.image.pk,
        "wagtailimages_chooser": side.image.pk,
        "wagtailadmin_api:images": side.image.pk,
        "wagtaildocs": side.document.pk,
        "wagtaildocs_chooser": side.document.pk,
        "wagtailadmin_api:documents": side.document.pk,
        "wagtailadmin_collections": side.department.collection_id,
        "department_collections": side.department.collection_id,
        "department_workflows": side.department_workflow.pk,
        "wagtailusers_users": side.user.pk,
        "wagtailusers_groups": side.group.pk,
        "sharing": side.sharing.pk,
        "copies": side.sharing.pk,
        "promotions": side.promotion.pk,
        "glossary": side.term.pk,
        "search_synonyms": fixture_data.synonyms.pk,
        "wagtailsites": side.department.site_id,
        "wagtaillocales": fixture_data.french.pk,
        "wagtailadmin_workflows": side.task.pk if "task" in name else side.workflow.pk,
        "wagtailsnippets_cms_media_video": side.video.pk,
        "wagtailsnippetchoosers_cms_media_video": side.video.pk,
        "wagtailsnippets_cms_media_consent": side.consent.pk,
        "wagtailsnippetchoosers_cms_media_consent": side.consent.pk,
        "wagtailsnippets_pages_organisation": side.organisation.pk,
        "wagtailsnippetchoosers_pages_organisation": side.organisation.pk,
        "wagtailsnippets_pages_person": side.person.pk,
        "wagtailsnippetchoosers_pages_person": side.person.pk,
    }
    own = by_namespace.get(endpoint.namespace, side.page.pk)
    own = side.consent.pk if name == "consent_proof" else own
    own = side.department.pk if name in DEPARTMENT_SCREENS else own
    own = side.document.pk if name in ("document_text_retry", "document_file_retry") else own
    own = side.image.pk if name == "image_file_retry" else own
    own = side.video.pk if name == "video_file_retry" else own
    snippet = "snippet" in name
    known = {
        "pk": side.organisation.pk if snippet and name.startswith("wagtail_localize") else own,
        "page_id": _page_of(name, side).pk,
        "parent_page_id": side.department.site.root_page_id,
        "page_to_move_id": side.page.pk,
        "destination_id": fixture_data.ours.page.get_parent().pk,
        "page_pk": side.department.container_id,
        "workflow_pk": side.workflow.pk,
        "task_id": side.task.pk,
        "task_state_id": side.task_state.pk,
        "workflow_state_id": side.workflow_state.pk,
        "revision_id": side.revision.pk,
        "revision_id_a": "earliest",
        "revision_id_b": "latest",
        "image_id": side.image.pk,
        "document_id": side.document.pk,
        "doc_id": side.document.pk,
        "uploaded_file_id": side.uploaded_image.pk if "image" in name else side.uploaded_document.pk,
        "collection_id": side.department.collection_id,
        "redirect_id": side.redirect.pk,
        "translation_id": side.translation.pk,
        "translation_source_id": side.source.pk,
        "context_id": side.string_segment.context_id,
        "string_id": side.string_segment.string_id,
        "string_segment_id": side.string_segment.pk,
        "overridable_segment_id": side.overridable_segment.pk,
        "mode": "x",
        "action_name": "approve" if "workflow" in name else "publish",
        "filter_spec": "width-100",
        "app_name": "taggit",
        "app_label": "pages" if snippet else "wagtailcore",
        "model_name": "organisation" if snippet else "tag" if "tag" in name else "page",
        "content_type_app_name": "pages",
        "content_type_model_name": "standardpage",
        "object_id": side.page.pk,
        "session_id": MISSING,
        "action": "assign" if name == "translation_board_action" else "delete",
        "uidb64": "x",
        "token": "x",
        "address_part": "x",
        "department": side.department.slug,
        "language_code": "en",
        "file_format": "tmx" if name == "language_resource_download" else "po",
        "kind": "image",
        "item_id": side.image.pk,
        "user_id": side.user.pk,
        "invitation_id": side.invitation.pk,
    }
    if name.endswith("choose_parent"):
        known |= {"app_label": "pages", "model_name": "eventpage"}
    if "task" in name:
        known |= {"app_label": "wagtailcore", "model_name": "groupapprovaltask"}
    return {key: known[key] for key in endpoint.parameters}


def _page_of(name: str, side: Any) -> Any:
    if "workflow" in name:
        return side.draft
    if "alias" in name:
        return side.target if name.endswith("convert_to_alias") else side.alias
    return side.page


# Values that select an action, not an object.
NO_OBJECT = {
    "mode", "action_name", "filter_spec", "app_name", "app_label", "model_name", "content_type_app_name",
    "content_type_model_name", "session_id", "action", "uidb64", "token", "revision_id_a",
    "revision_id_b", "file_format", "language_code", "kind",
}  # fmt: skip


def names_object(endpoint: Endpoint) -> bool:
    """Return True if the path refers to an object that has an owner."""
    return bool(set(endpoint.parameters) - NO_OBJECT) or ACCESS_BY_URL_NAME.get(endpoint.name) in (
        Access.SELECTED_OBJECTS,
        Access.SELECTED_CELLS,
        Access.BULK_ACTION,
    )


def is_about_shared(endpoint: Endpoint) -> bool:
    """Return True if the endpoint is about shared objects: organisations, people, languages."""
    is_snippet = endpoint.namespace.endswith(tuple(f"_pages_{model}" for model in SHARED))
    return is_snippet or endpoint.namespace == "wagtaillocales" or endpoint.name in LOCALIZE_SNIPPETS


LOCALIZE_SNIPPETS = (
    "translation_submit_snippet",
    "wagtail_localize:submit_snippet_translation",
    "wagtail_localize:snippets_api_detail",
)


def form_for(fixture_data: Any, endpoint: Endpoint, relation: str) -> dict[str, Any]:
    """Return a form that tries to change the object of an endpoint and to refer to the other department."""
    if endpoint.name in ("wagtailadmin_account", "wagtailadmin_logout"):
        return {}  # The form contains no name of the requesting account: users may change their own account.
    theirs = fixture_data.theirs
    form = {
        "title": "changed", "name": "changed", "slug": "changed", "username": "changed", "is_superuser": "on",
        "action-publish": "x", "value": "javascript:alert(1)", "publish_translations": "on", "confirm": "on",
        "collection": "1", "hostname": "changed.example", "port": "80", "is_active": "",
        # Wagtail's forms fail for every user without these fields.
        "external-link-chooser-url": "https://example.org/", "introduction": rich_text(""), "body-count": "0",
        "comments-TOTAL_FORMS": "0", "comments-INITIAL_FORMS": "0",
        "captions-TOTAL_FORMS": "0", "captions-INITIAL_FORMS": "0",
        "locales": [fixture_data.english.pk],
        # These belong to the board of translations, whose cells are in the URL.
        "confirmed": "1", "due_on": "2099-12-31",
        "groups": [theirs.group.pk],
        "department": theirs.department.pk,
        "consent": theirs.consent.pk,
        "image": theirs.image.pk,
        "language": "fr", "words": "changed", "position": "1", "content_id": str(theirs.page.translation_key),
    }  # fmt: skip
    # The destination of own pages is an own page; otherwise the rest of the form would not be tested.
    target = fixture_data.ours if relation == "own" else theirs
    form |= dict.fromkeys(("new_parent_page", "chooser"), target.department.site.root_page_id)
    return form
