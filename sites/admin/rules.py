"""What each kind of access of `sites.admin.table` asks of a request, before the view runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from django.apps import apps
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db.models import Model
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseRedirect,
    JsonResponse,
    QueryDict,
)
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.utils.translation import gettext as _
from taggit.models import Tag
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Collection, CollectionMember, Page, ReferenceIndex
from wagtail.permissions import policy_registry

from ..guard import is_visible, listed, may
from ..links import is_harmless_link
from ..models import Department, DepartmentLocale
from ..ownership import department_of_collection, department_of_page, is_shared
from ..roles import Duty
from .policies import DepartmentPermissionPolicy, rows_for
from .table import Access

PAGE_ARGUMENTS = ("page_id", "parent_page_id", "page_to_move_id", "destination_id", "page_pk", "pk")
OBJECT_ARGUMENTS = ("pk", "image_id", "document_id", "doc_id")
# Where forms that copy or move pages, alone or in bulk, say where to.
DESTINATION_FIELDS = ("new_parent_page", "chooser")
TAG_LIMIT = 10


@dataclass(frozen=True)
class Call:
    """A request for an address of the admin, with what the resolver found."""

    request: HttpRequest
    name: str
    arguments: dict[str, Any]
    view: Callable[..., HttpResponse]

    @property
    def user(self) -> Any:
        return self.request.user

    def require(self, model: type[Model], keys: Iterable[object]) -> None:
        """Raise Http404 unless the user may see each of the rows; the rest of a list of rows does not matter."""
        wanted = set(map(str, keys))
        if not all(is_visible(model, key, self.user) for key in wanted):
            raise Http404

    def editable(self, page: Model) -> Any:
        """Return the page, or the snippet, if it is one of the user's.

        Raises Http404 for another's, and PermissionDenied when the user may not edit the own page.
        """
        if not isinstance(page, Page):
            if not rows_for(type(page), self.user, "change").filter(pk=page.pk).exists():
                raise Http404
            return page
        self.require(Page, [page.pk])
        if not page.permissions_for_user(self.user).can_edit():
            raise PermissionDenied
        return page

    def translation(self) -> Any:
        """Return the Translation named in the address; raise Http404 without one."""
        model = apps.get_model("wagtail_localize", "Translation")
        found = model.objects.select_related("source", "target_locale").filter(pk=self.arguments["translation_id"])
        if not (translation := found.first()):
            raise Http404
        return translation

    def target(self) -> Any:
        """Return the page or snippet that the translation makes, if the user may edit it."""
        return self.editable(_existing(self.translation().get_target_instance))


Rule = Callable[[Call], HttpResponse | None]


def allow(call: Call) -> None:
    """Nothing to ask here."""


def refuse(call: Call) -> None:
    raise Http404


def pages(call: Call) -> None:
    keys = [call.arguments[name] for name in PAGE_ARGUMENTS if name in call.arguments]
    posted = [value for name in DESTINATION_FIELDS for value in call.request.POST.getlist(name) if value]
    call.require(Page, [*keys, *posted])


def pages_or_root(call: Call) -> None:
    if not Page.objects.filter(pk=call.arguments["parent_page_id"], depth=1).exists():
        pages(call)


def publisher_of_page(call: Call) -> None:
    pages(call)
    _require_publisher(call, Page.objects.get(pk=call.arguments["page_id"]))


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


def translated_page(call: Call) -> None:
    call.target()


def translated_strings(call: Call) -> None:
    target = call.target()
    is_locked = isinstance(target, Page) and target.permissions_for_user(call.user).page_locked()
    if call.request.method != "GET" and is_locked:
        raise PermissionDenied


def override(call: Call) -> HttpResponse | None:
    translated_strings(call)
    if call.request.method != "PUT":
        return None
    value = form_data(call.request).get("value")
    model = apps.get_model("wagtail_localize", "OverridableSegment")
    segment = model.objects.filter(pk=call.arguments["overridable_segment_id"]).first()
    if segment is None:
        raise Http404
    if value is None or not _may_override(call, segment, value):
        return HttpResponseBadRequest()
    return None


def publisher_of_translation(call: Call) -> None:
    _require_publisher(call, call.target())


def submission(call: Call) -> None:
    pages(call)
    page = Page.objects.get(pk=call.arguments["page_id"])
    department = department_of_page(page)
    if department is None or page.pk == department.container_id or not may(call.user, Duty.TRANSLATION, department):
        raise Http404
    call.editable(page)
    _require_language(call, page, department)


def submission_of_snippet(call: Call) -> None:
    """Only an owner sends a shared snippet to translation: the instance's own are for superusers."""
    try:
        model = apps.get_model(call.arguments["app_label"], call.arguments["model_name"])
    except LookupError:
        raise Http404 from None
    owned = rows_for(model, call.user, "change")
    snippet = owned.filter(pk=unquote(call.arguments["pk"])).first() if is_shared(model) else None
    if snippet is None or not may(call.user, Duty.TRANSLATION, snippet.owner):
        raise Http404
    _require_language(call, snippet, snippet.owner)


def _require_language(call: Call, source: Any, department: Department) -> None:
    """Raise Http404 unless the source is in the language the department writes in, and the others are its own too."""
    known = DepartmentLocale.objects.filter(department=department).values_list("locale_id", "is_source")
    if (source.locale_id, True) not in known:
        raise Http404
    if not {str(pk) for pk, _is_source in known}.issuperset(call.request.POST.getlist("locales")):
        raise Http404


def synchronisation(call: Call) -> None:
    model = apps.get_model("wagtail_localize", "TranslationSource")
    source = model.objects.filter(pk=call.arguments["translation_source_id"]).first()
    if source is None:
        raise Http404
    instance = call.editable(_existing(source.get_source_instance))
    department = department_of_page(instance) if isinstance(instance, Page) else instance.owner
    if department is None or not may(call.user, Duty.TRANSLATION, department):
        raise Http404
    if call.request.POST.get("publish_translations"):
        for translation in source.translations.filter(enabled=True):
            _require_publisher(call, call.editable(_existing(translation.get_target_instance)))


def duty(required: Duty) -> Rule:
    """Make the rule of our own screens; what they show and take, they narrow with `sites.guard`."""

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
}

RULES: dict[Access, Rule] = {
    Access.OPEN: allow,
    Access.LIST: allow,
    Access.SUPERUSER: refuse,
    Access.PAGE: pages,
    Access.BROWSE: pages_or_root,
    Access.PUBLISHER: publisher_of_page,
    Access.OWNED: owned_object,
    Access.OBJECT: named_object,
    Access.FORM: form_of_media,
    Access.CHOSEN: chosen,
    Access.BULK: bulk_action,
    Access.EDITING: being_edited,
    Access.TAGS: tags,
    Access.TRANSLATION: translated_page,
    Access.STRINGS: translated_strings,
    Access.OVERRIDE: override,
    Access.TRANSLATION_PUBLISHER: publisher_of_translation,
    Access.SUBMIT: submission,
    Access.SUBMIT_SNIPPET: submission_of_snippet,
    Access.SYNCHRONISE: synchronisation,
    Access.REPLACED: refuse,
    **{access: duty(required) for access, required in DUTIES.items()},
}


def _may_override(call: Call, segment: Any, value: str) -> bool:
    """Whether the value may stand for the segment: a link for a link, an own object for an object."""
    original = segment.data
    if isinstance(original, str) and not original.isdigit():
        return is_harmless_link(value)
    # A number names an object: the source's references tell of which model.
    source = _existing(segment.source.get_source_instance)
    place = segment.context.path
    targets = {
        content_type_id
        for content_type_id, pk, _model_path, content_path in ReferenceIndex._extract_references_from_object(source)
        if pk == str(original) and content_path.startswith(place)
    }
    models = [_model_of_content_type(pk) for pk in targets]
    return bool(models) and all(is_visible(model, value, call.user) for model in models)


def _model_of_content_type(pk: int) -> type[Model]:
    model = ContentType.objects.get_for_id(pk).model_class()
    if model is None:
        raise Http404
    return model


def model_of(call: Call) -> type[Model]:
    """Return the model that an address is about: its view says so, or else its namespace does."""
    if call.name == "consent_proof":
        return apps.get_model("cms_media", "Consent")
    if call.name.startswith("wagtailadmin_choose_page"):
        return Page
    if call.name.startswith(("wagtailadmin_collections", "department_collections")):
        return Collection
    if call.name.startswith(("wagtailimages", "wagtailadmin_api:images")):
        return get_image_model()
    if call.name.startswith(("wagtaildocs", "wagtailadmin_api:documents")):
        return get_document_model()
    model: type[Model] = call.view.view_initkwargs["model"]  # type: ignore[attr-defined]
    return model


def _existing(find: Callable[[], Model]) -> Model:
    try:
        return find()
    except ObjectDoesNotExist:
        raise Http404 from None


def _require_publisher(call: Call, page: Any) -> None:
    """Raise PermissionDenied unless the user may publish the page; snippets are public once they are saved."""
    if not isinstance(page, Page):
        return
    if page.permissions_for_user(call.user).page_locked():
        raise PermissionDenied
    if not page.permissions_for_user(call.user).can_publish():
        raise PermissionDenied


def form_data(request: HttpRequest) -> QueryDict:
    """Return the form of a request that Django reads for POST only; an empty one when it cannot be read."""
    if request.content_type != "multipart/form-data":
        return QueryDict(request.body, encoding=request.encoding)
    try:
        body = BytesIO(request.body)
        return MultiPartParser(request.META, body, request.upload_handlers, request.encoding).parse()[0]
    except MultiPartParserError:
        return QueryDict()
