"""The rule of each member of `sites.admin.access_control.url_table.Access`, applied before the view runs.

A rule returns None to let the view answer, returns a response in its place, or raises Http404 or PermissionDenied.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.translation import gettext as _
from taggit.models import Tag
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Collection, CollectionMember, Page, TaskState, UploadedFile
from wagtail.permissions import policy_registry

from sites.access.capabilities import has_capability, has_capability_on_page
from sites.access.current_department import listed_for
from sites.access.ownership import department_of_collection
from sites.access.permission_policies import DepartmentPermissionPolicy, instances_with_permission
from sites.access.querysets import is_viewable_by
from sites.access.references.named_objects import is_key
from sites.roles import Capability

from . import translation_rules
from .admin_request import OBJECT_ARGUMENTS, PAGE_ARGUMENTS, AdminRequest, Rule, model_of_view, require_publisher
from .url_table import Access

# Fields that name the new parent page in the forms that copy or move pages, alone or in bulk.
DESTINATION_FIELDS = ("new_parent_page", "chooser")
TAG_LIMIT = 10
AUTHORS_BULK_ACTIONS = frozenset(("delete", "move"))


def allow(admin_request: AdminRequest) -> None:
    """Let every user pass."""


def refuse(admin_request: AdminRequest) -> None:
    """Raise Http404."""
    raise Http404


def require_viewable_pages(admin_request: AdminRequest) -> None:
    """Raise Http404 unless the user may view every page that the URL or the form names."""
    keys = [admin_request.url_arguments[name] for name in PAGE_ARGUMENTS if name in admin_request.url_arguments]
    posted = [value for name in DESTINATION_FIELDS for value in admin_request.request.POST.getlist(name) if value]
    admin_request.require_viewable(Page, [*keys, *posted])


def require_task_of_page(admin_request: AdminRequest) -> None:
    """Raise Http404 unless the user may view the page and the step, or its state, is one of the page's approval.

    Wagtail's views load the step by its id alone.
    """
    require_viewable_pages(admin_request)
    arguments = admin_request.url_arguments
    states = TaskState.objects.filter(
        workflow_state__base_content_type=ContentType.objects.get_for_model(Page),
        workflow_state__object_id=str(arguments["page_id"]),
    )
    names = {"task_state_id": "pk", "task_id": "task"}
    lookups = {names[name]: arguments[name] for name in names if name in arguments}
    if not states.filter(**lookups).exists():
        raise Http404


def require_page_author(admin_request: AdminRequest) -> None:
    """Raise Http404 or PermissionDenied unless the user may view the pages and is an author in their departments.

    Partners, who translate or review, change the text of a page, but do not move, delete or revert it.
    """
    require_viewable_pages(admin_request)
    keys = [admin_request.url_arguments[name] for name in PAGE_ARGUMENTS if name in admin_request.url_arguments]
    require_authorship(admin_request, keys)


def require_authorship(admin_request: AdminRequest, keys: Iterable[object]) -> None:
    """Raise PermissionDenied unless the user has the capability PAGES in the department of each page."""
    if not all(
        has_capability_on_page(admin_request.user, Capability.PAGES, page)
        for page in Page.objects.filter(pk__in=list(keys))
    ):
        raise PermissionDenied


def require_moved_pages(admin_request: AdminRequest) -> None:
    """Raise Http404 unless the user may view the pages for which the page chooser looks for a new place."""
    admin_request.require_viewable(Page, admin_request.request.GET.getlist("target_pages[]"))


def require_pages_or_root(admin_request: AdminRequest) -> None:
    """Raise Http404 unless the parent page is the root of all trees or the user may view it, and the pages to move."""
    require_moved_pages(admin_request)
    if not Page.objects.filter(pk=admin_request.url_arguments["parent_page_id"], depth=1).exists():
        require_viewable_pages(admin_request)


def require_page_publisher(admin_request: AdminRequest) -> None:
    """Raise Http404 or PermissionDenied unless the user may publish the page that the URL names."""
    require_viewable_pages(admin_request)
    require_publisher(admin_request, Page.objects.get(pk=admin_request.url_arguments["page_id"]))


def require_viewable_object(admin_request: AdminRequest) -> HttpResponse | None:
    """Raise Http404 unless the user may view the object of the URL and the objects of the form."""
    model = model_of_view(admin_request)
    keys = [
        unquote(str(admin_request.url_arguments[name]))
        for name in OBJECT_ARGUMENTS
        if name in admin_request.url_arguments
    ]
    admin_request.require_viewable(model, keys)
    require_viewable_form_objects(admin_request)
    return refuse_other_departments_collection(admin_request, model, keys)


def require_changeable_object(admin_request: AdminRequest) -> HttpResponse | None:
    """Raise Http404 unless the user may change the object of the URL and view the objects of the form."""
    model, key = model_of_view(admin_request), unquote(str(admin_request.url_arguments["pk"]))
    if not instances_with_permission(model, admin_request.user, "change").filter(pk=key).exists():
        raise Http404
    require_viewable_form_objects(admin_request)
    return refuse_other_departments_collection(admin_request, model, [key])


def refuse_other_departments_collection(
    admin_request: AdminRequest, model: type[Model], keys: Iterable[str]
) -> HttpResponse | None:
    """Return an error response if the form moves files to a collection of another department, else None.

    This also holds for a user who manages both departments: pages of the first one show the files. A collection that
    the user may not view is left to the form, which answers as for one that does not exist.
    """
    posted = [
        value for name, value in admin_request.request.POST.items() if value and f"-{name}".endswith("-collection")
    ]
    if not posted or not issubclass(model, CollectionMember):
        return None
    viewable = [value for value in posted if is_viewable_by(Collection, value, admin_request.user)]
    collections = Collection.objects.filter(pk__in=viewable)
    target_departments = {department_of_collection(collection) for collection in collections}
    members: list[Any] = list(model._default_manager.filter(pk__in=list(keys)).select_related("collection"))
    if all(target_departments <= {department_of_collection(member.collection)} for member in members):
        return None
    message = _("Nothing was changed: a file stays in its department, whose pages show it.")
    if admin_request.request.headers.get("X-Requested-With") == "XMLHttpRequest":
        return JsonResponse({"success": False, "message": message}, status=400)
    messages.error(admin_request.request, message)
    return HttpResponseRedirect(admin_request.request.get_full_path())


def require_viewable_form_objects(admin_request: AdminRequest) -> None:
    """Raise Http404 unless the user may view every page and file that the foreign keys of the form name.

    The form drawn again with errors would show the title of the object.
    """
    for field in model_of_view(admin_request)._meta.get_fields():
        target: Any = field.related_model
        if not field.many_to_one or not issubclass(target, Page | CollectionMember):
            continue
        # Wagtail prefixes the field names when one screen has several media forms.
        posted = admin_request.request.POST.items()
        keys = [value for name, value in posted if value and f"-{name}".endswith(f"-{field.name}")]
        admin_request.require_viewable(target, keys)


def require_own_upload(admin_request: AdminRequest) -> None:
    """Raise Http404 unless the user has uploaded the file and may view the objects of the form.

    Wagtail answers 403 for a file of somebody else.
    """
    uploads = UploadedFile.objects.filter(uploaded_by_user=admin_request.user)
    if not uploads.filter(pk=admin_request.url_arguments["uploaded_file_id"]).exists():
        raise Http404
    require_viewable_form_objects(admin_request)


def require_selected_objects(admin_request: AdminRequest) -> None:
    """Raise Http404 unless the user may view every object that the query string selects."""
    admin_request.require_viewable(model_of_view(admin_request), admin_request.request.GET.getlist("id"))


def require_bulk_objects(admin_request: AdminRequest) -> HttpResponse | None:
    """Raise Http404 or PermissionDenied unless the bulk action is allowed on every selected object.

    Pages, images and documents must be viewable, snippets changeable; other models are refused.
    """
    try:
        model = apps.get_model(admin_request.url_arguments["app_label"], admin_request.url_arguments["model_name"])
    except LookupError:
        raise Http404 from None
    model = Page if issubclass(model, Page) else model
    keys = admin_request.request.GET.getlist("id")
    if isinstance(policy_registry.get_by_type(model), DepartmentPermissionPolicy):
        changeable = instances_with_permission(model, admin_request.user, "change")
        wanted = set(keys)
        if not all(map(is_key, wanted)) or changeable.filter(pk__in=wanted).count() != len(wanted):
            raise Http404
        return None
    if model not in (Page, get_image_model(), get_document_model()):
        raise Http404
    if "all" in keys:
        # "all" selects every object of the instance, or with `childOf` the children of one page.
        if model is not Page or not (parent := admin_request.request.GET.get("childOf")):
            raise Http404
        admin_request.require_viewable(Page, [parent])
        keys = [key for key in keys if key != "all"]
    admin_request.require_viewable(model, keys)
    admin_request.require_viewable(
        Page, [value for name in DESTINATION_FIELDS for value in admin_request.request.POST.getlist(name) if value]
    )
    if model is Page and admin_request.url_arguments["action"] in AUTHORS_BULK_ACTIONS:
        require_authorship(admin_request, keys)
    return None if model is Page else refuse_other_departments_collection(admin_request, model, keys)


def require_edited_object(admin_request: AdminRequest) -> None:
    """Raise Http404 unless the user may view the object that the editing session is about."""
    try:
        model = apps.get_model(admin_request.url_arguments["app_label"], admin_request.url_arguments["model_name"])
    except LookupError:
        raise Http404 from None
    admin_request.require_viewable(model, [unquote(str(admin_request.url_arguments["object_id"]))])


def answer_tags(admin_request: AdminRequest) -> HttpResponse:
    """Return the JSON of Wagtail's view, limited to ten tags that the user's departments use."""
    term = admin_request.request.GET.get("term", "")
    names = listed_for(Tag.objects.all(), admin_request.request).filter(name__istartswith=term).order_by("name")
    return JsonResponse(list(names.values_list("name", flat=True)[:TAG_LIMIT]) if term else [], safe=False)


def require_capability(required: Capability) -> Rule:
    """Return a rule that raises Http404 unless the user has the capability in one department at least.

    The screen limits its own querysets with `sites.access.querysets`.
    """

    def rule(admin_request: AdminRequest) -> None:
        if not has_capability(admin_request.user, required):
            raise Http404

    return rule


REQUIRED_CAPABILITIES: dict[Access, Capability] = {
    Access.CAPABILITY_ACCOUNTS: Capability.ACCOUNTS,
    Access.CAPABILITY_SETTINGS: Capability.SETTINGS,
    Access.CAPABILITY_WORKFLOWS: Capability.WORKFLOWS,
    Access.CAPABILITY_PRIVACY: Capability.PRIVACY,
    Access.CAPABILITY_REDIRECTS: Capability.REDIRECTS,
    Access.CAPABILITY_SHARING: Capability.SHARING,
    Access.CAPABILITY_SNIPPETS: Capability.SNIPPETS,
    Access.CAPABILITY_DRAFTS: Capability.DRAFTS,
    Access.CAPABILITY_AUDIT: Capability.AUDIT,
    Access.CAPABILITY_REPORTS: Capability.REPORTS,
    Access.CAPABILITY_SEARCH: Capability.SEARCH,
    Access.CAPABILITY_TRANSLATION: Capability.TRANSLATION,
}

RULES: dict[Access, Rule] = {
    Access.OPEN: allow,
    Access.LIST: require_moved_pages,
    Access.SELECTED_CELLS: allow,
    Access.SUPERUSER: refuse,
    Access.PAGE: require_viewable_pages,
    Access.PAGE_TASK: require_task_of_page,
    Access.PAGE_AUTHOR: require_page_author,
    Access.PAGE_OR_ROOT: require_pages_or_root,
    Access.PAGE_PUBLISHER: require_page_publisher,
    Access.CHANGEABLE_OBJECT: require_changeable_object,
    Access.VIEWABLE_OBJECT: require_viewable_object,
    Access.FORM_OBJECTS: require_viewable_form_objects,
    Access.UPLOADED_FILE: require_own_upload,
    Access.SELECTED_OBJECTS: require_selected_objects,
    Access.BULK_ACTION: require_bulk_objects,
    Access.EDITING_SESSION: require_edited_object,
    Access.TAGS: answer_tags,
    Access.TRANSLATION: translation_rules.require_editable_translation,
    Access.TRANSLATION_STRINGS: translation_rules.require_unlocked_translation,
    Access.TRANSLATION_OVERRIDE: translation_rules.check_override,
    Access.TRANSLATION_PUBLISHER: translation_rules.require_translation_publisher,
    Access.PAGE_SUBMISSION: translation_rules.require_page_submission,
    Access.SNIPPET_SUBMISSION: translation_rules.require_snippet_submission,
    Access.TRANSLATION_SYNCHRONISATION: translation_rules.require_synchronisation,
    Access.CLOSED: refuse,
    Access.REPLACED: refuse,
    **{access: require_capability(required) for access, required in REQUIRED_CAPABILITIES.items()},
}
