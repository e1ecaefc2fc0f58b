"""What each kind of access of `sites.admin.access_control.url_table` asks of a request, before the view runs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.translation import gettext as _
from taggit.models import Tag
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Collection, CollectionMember, Page
from wagtail.permissions import policy_registry

from sites.access.capabilities import may, may_on_page
from sites.access.current_department import listed
from sites.access.ownership import department_of_collection
from sites.access.permission_policies import DepartmentPermissionPolicy, rows_for
from sites.roles import Duty

from . import translation_rules
from .admin_request import OBJECT_ARGUMENTS, PAGE_ARGUMENTS, Call, Rule, model_of, require_publisher
from .url_table import Access

# Where forms that copy or move pages, alone or in bulk, say where to.
DESTINATION_FIELDS = ("new_parent_page", "chooser")
TAG_LIMIT = 10
AUTHORS_BULK_ACTIONS = frozenset(("delete", "move"))


def allow(call: Call) -> None:
    """Nothing to ask here."""


def refuse(call: Call) -> None:
    raise Http404


def pages(call: Call) -> None:
    keys = [call.arguments[name] for name in PAGE_ARGUMENTS if name in call.arguments]
    posted = [value for name in DESTINATION_FIELDS for value in call.request.POST.getlist(name) if value]
    call.require(Page, [*keys, *posted])


def author_of_page(call: Call) -> None:
    """Partners change the words of a page, not where it stands, whether it stays, or which version holds."""
    pages(call)
    keys = [call.arguments[name] for name in PAGE_ARGUMENTS if name in call.arguments]
    require_author(call, keys)


def require_author(call: Call, keys: Iterable[object]) -> None:
    """Raise PermissionDenied unless the user has the duty in the department of each of the pages."""
    if not all(may_on_page(call.user, Duty.PAGES, page) for page in Page.objects.filter(pk__in=list(keys))):
        raise PermissionDenied


def pages_or_root(call: Call) -> None:
    if not Page.objects.filter(pk=call.arguments["parent_page_id"], depth=1).exists():
        pages(call)


def publisher_of_page(call: Call) -> None:
    pages(call)
    require_publisher(call, Page.objects.get(pk=call.arguments["page_id"]))


def named_object(call: Call) -> HttpResponse | None:
    model = model_of(call)
    keys = [unquote(str(call.arguments[name])) for name in OBJECT_ARGUMENTS if name in call.arguments]
    call.require(model, keys)
    form_of_media(call)
    return stays_in_department(call, model, keys)


def owned_object(call: Call) -> HttpResponse | None:
    model, key = model_of(call), unquote(str(call.arguments["pk"]))
    if not rows_for(model, call.user, "change").filter(pk=key).exists():
        raise Http404
    form_of_media(call)
    return stays_in_department(call, model, [key])


def stays_in_department(call: Call, model: type[Model], keys: Iterable[str]) -> HttpResponse | None:
    """Refuse to move files to a collection of another department, though both be the user's: pages show them."""
    posted = [value for name, value in call.request.POST.items() if value and f"-{name}".endswith("-collection")]
    if not posted or not issubclass(model, CollectionMember):
        return None
    collections = Collection.objects.filter(pk__in=[value for value in posted if str(value).isdecimal()])
    places = {department_of_collection(collection) for collection in collections}
    members: list[Any] = list(model._default_manager.filter(pk__in=list(keys)).select_related("collection"))
    if all(places <= {department_of_collection(each.collection)} for each in members):
        return None
    message = _("Nothing was changed: a file stays in its department, whose pages show it.")
    if call.request.headers.get("X-Requested-With") == "XMLHttpRequest":
        return JsonResponse({"success": False, "message": message}, status=400)
    messages.error(call.request, message)
    return HttpResponseRedirect(call.request.get_full_path())


def form_of_media(call: Call) -> None:
    """Ask of each foreign key of the form; the error page of a chooser would show what the key leads to."""
    for field in model_of(call)._meta.get_fields():
        target: Any = field.related_model
        if not field.many_to_one or not issubclass(target, Page | CollectionMember):
            continue
        # Media forms are prefixed when there are several on one screen.
        posted = call.request.POST.items()
        keys = [value for name, value in posted if value and f"-{name}".endswith(f"-{field.name}")]
        call.require(target, keys)


def chosen(call: Call) -> None:
    call.require(model_of(call), call.request.GET.getlist("id"))


def bulk_action(call: Call) -> HttpResponse | None:
    try:
        model = apps.get_model(call.arguments["app_label"], call.arguments["model_name"])
    except LookupError:
        raise Http404 from None
    model = Page if issubclass(model, Page) else model
    keys = call.request.GET.getlist("id")
    if isinstance(policy_registry.get_by_type(model), DepartmentPermissionPolicy):
        changeable = rows_for(model, call.user, "change")
        if not all(key.isdecimal() and changeable.filter(pk=key).exists() for key in keys):
            raise Http404
        return None
    if model not in (Page, get_image_model(), get_document_model()):
        raise Http404
    if "all" in keys:
        # Every row of the instance, unless it is the children of one page.
        if model is not Page or not (parent := call.request.GET.get("childOf")):
            raise Http404
        call.require(Page, [parent])
        keys = [key for key in keys if key != "all"]
    call.require(model, keys)
    call.require(Page, [value for name in DESTINATION_FIELDS for value in call.request.POST.getlist(name) if value])
    if model is Page and call.arguments["action"] in AUTHORS_BULK_ACTIONS:
        require_author(call, keys)
    return None if model is Page else stays_in_department(call, model, keys)


def being_edited(call: Call) -> None:
    try:
        model = apps.get_model(call.arguments["app_label"], call.arguments["model_name"])
    except LookupError:
        raise Http404 from None
    call.require(model, [unquote(str(call.arguments["object_id"]))])


def tags(call: Call) -> HttpResponse:
    """Answer as Wagtail's own view does, from the tags that the user's departments use."""
    term = call.request.GET.get("term", "")
    names = listed(Tag.objects.all(), call.request).filter(name__istartswith=term).order_by("name")
    return JsonResponse(list(names.values_list("name", flat=True)[:TAG_LIMIT]) if term else [], safe=False)


def duty(required: Duty) -> Rule:
    """Make the rule of our own screens; what they show and take, they narrow with `sites.access.guard`."""

    def require_duty(call: Call) -> None:
        if not may(call.user, required):
            raise Http404

    return require_duty


DUTIES: dict[Access, Duty] = {
    Access.DUTY_ACCOUNTS: Duty.ACCOUNTS,
    Access.DUTY_SETTINGS: Duty.SETTINGS,
    Access.DUTY_WORKFLOWS: Duty.WORKFLOWS,
    Access.DUTY_PRIVACY: Duty.PRIVACY,
    Access.DUTY_REDIRECTS: Duty.REDIRECTS,
    Access.DUTY_SHARING: Duty.SHARING,
    Access.DUTY_SNIPPETS: Duty.SNIPPETS,
    Access.DUTY_DRAFTS: Duty.DRAFTS,
    Access.DUTY_REPORTS: Duty.REPORTS,
    Access.DUTY_SEARCH: Duty.SEARCH,
}

RULES: dict[Access, Rule] = {
    Access.OPEN: allow,
    Access.LIST: allow,
    Access.SUPERUSER: refuse,
    Access.PAGE: pages,
    Access.AUTHOR: author_of_page,
    Access.BROWSE: pages_or_root,
    Access.PUBLISHER: publisher_of_page,
    Access.OWNED: owned_object,
    Access.OBJECT: named_object,
    Access.FORM: form_of_media,
    Access.CHOSEN: chosen,
    Access.BULK: bulk_action,
    Access.EDITING: being_edited,
    Access.TAGS: tags,
    Access.TRANSLATION: translation_rules.translated_page,
    Access.STRINGS: translation_rules.translated_strings,
    Access.OVERRIDE: translation_rules.override,
    Access.TRANSLATION_PUBLISHER: translation_rules.publisher_of_translation,
    Access.SUBMIT: translation_rules.submission,
    Access.SUBMIT_SNIPPET: translation_rules.submission_of_snippet,
    Access.SYNCHRONISE: translation_rules.synchronisation,
    Access.REPLACED: refuse,
    **{access: duty(required) for access, required in DUTIES.items()},
}
