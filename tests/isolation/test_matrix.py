"""Every address of the admin, asked by every role for the other department's things: nothing read, nothing written."""

import re

import pytest
from django.contrib.auth.models import Group
from django.core.serializers import serialize
from django.db import connection
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import (
    Collection,
    GroupPagePermission,
    Locale,
    ModelLogEntry,
    Page,
    PageLogEntry,
    PageViewRestriction,
    Revision,
    Site,
    Task,
    TaskState,
    Workflow,
    WorkflowPage,
    WorkflowState,
)
from wagtail_localize.models import SegmentOverride, StringTranslation, Translation, TranslationSource

from cms.media.models import Consent, CustomDocument, CustomImage, Video
from cms.pages.models import EventPage, Organisation, Person, StandardPage
from cms.users.models import User
from sites.admin.table import ACCESS, TABLE, Access
from sites.models import Invitation
from tests.isolation.world import MARK, ROLES, make_actor, make_world

# Kinds of access whose address names an object, or is for superusers: for another department there is no such page.
HIDDEN = set(Access) - {Access.OPEN, Access.LIST, Access.FORM, Access.TAGS, Access.BROWSE, Access.EDITING}

FORM = {
    "title": "changed", "name": "changed", "slug": "changed", "username": "changed", "is_superuser": "on",
    "action-publish": "x", "value": "javascript:alert(1)", "publish_translations": "on", "confirm": "on",
    "collection": "1", "hostname": "changed.example", "port": "80", "is_active": "",
    # Without it Wagtail's own form fails, for whomever.
    "external-link-chooser-url": "https://example.org/",
}  # fmt: skip


def admin_patterns(resolver=None, namespaces=(), inside=False):
    """Yield (view name, pattern) for each address below /admin/."""
    for each in (resolver or get_resolver()).url_patterns:
        here = inside or str(each.pattern) == "admin/"
        if isinstance(each, URLPattern):
            if here:
                callback = each.callback
                named = each.name or f"{callback.__module__}.{getattr(callback, 'view_class', callback).__name__}"
                yield ":".join([*namespaces, named]), each
        else:
            yield from admin_patterns(each, [*namespaces, *filter(None, [each.namespace])], here)


def is_named(name):
    return ".views." not in name and not name.startswith("django.")


def test_the_table_classifies_every_address_of_the_admin_and_no_other():
    names = {name for name, _pattern in admin_patterns()}
    assert len(names) > 200
    assert names - set(ACCESS) == set(), "addresses that nobody has classified in sites/admin/table.py"
    assert set(ACCESS) - names == set(), "entries of sites/admin/table.py for which there is no address"


def test_no_address_is_classified_twice():
    listed = [name for _access, names in TABLE for name in names]
    assert sorted(listed) == sorted(set(listed))


def arguments_for(name, keys, world):
    """Values for an address's parameters, naming what belongs to the other department."""
    theirs = world.theirs
    by_namespace = {
        "wagtailimages": theirs.image.pk,
        "wagtailimages_chooser": theirs.image.pk,
        "wagtailadmin_api:images": theirs.image.pk,
        "wagtaildocs": theirs.document.pk,
        "wagtaildocs_chooser": theirs.document.pk,
        "wagtailadmin_api:documents": theirs.document.pk,
        "wagtailadmin_collections": theirs.department.collection_id,
        "wagtailusers_users": theirs.user.pk,
        "wagtailusers_groups": theirs.group.pk,
        "wagtailsites": theirs.department.site_id,
        "wagtaillocales": Locale.objects.get(language_code="fr").pk,
        "wagtailadmin_workflows": theirs.task.pk if "task" in name else theirs.workflow.pk,
        "wagtailsnippets_cms_media_video": theirs.video.pk,
        "wagtailsnippetchoosers_cms_media_video": theirs.video.pk,
        "wagtailsnippets_cms_media_consent": theirs.consent.pk,
        "wagtailsnippetchoosers_cms_media_consent": theirs.consent.pk,
        "wagtailsnippets_pages_organisation": world.organisation.pk,
        "wagtailsnippetchoosers_pages_organisation": world.organisation.pk,
        "wagtailsnippets_pages_person": world.person.pk,
        "wagtailsnippetchoosers_pages_person": world.person.pk,
    }
    own = by_namespace.get(name.rpartition(":")[0], theirs.page.pk)
    own = theirs.consent.pk if name == "consent_proof" else own
    snippet = "snippet" in name
    known = {
        "pk": world.organisation.pk if snippet and name.startswith("wagtail_localize") else own,
        "page_id": theirs.draft.pk if "workflow" in name else theirs.page.pk,
        "parent_page_id": theirs.department.site.root_page_id,
        "page_to_move_id": theirs.page.pk,
        "destination_id": world.ours.page.get_parent().pk,
        "page_pk": theirs.department.container_id,
        "workflow_pk": theirs.workflow.pk,
        "task_id": theirs.task.pk,
        "task_state_id": theirs.task_state.pk,
        "workflow_state_id": theirs.workflow_state.pk,
        "revision_id": theirs.revision.pk,
        "revision_id_a": "earliest",
        "revision_id_b": "latest",
        "image_id": theirs.image.pk,
        "document_id": theirs.document.pk,
        "doc_id": theirs.document.pk,
        "uploaded_file_id": 1,
        "collection_id": theirs.department.collection_id,
        "redirect_id": theirs.redirect.pk,
        "translation_id": theirs.translation.pk,
        "translation_source_id": theirs.source.pk,
        "string_segment_id": theirs.string_segment.pk,
        "overridable_segment_id": theirs.overridable_segment.pk,
        "mode": "x",
        "action_name": "approve" if "workflow" in name else "publish",
        "filter_spec": "width-100",
        "app_name": "taggit",
        "app_label": "pages" if snippet else "wagtailcore",
        "model_name": ("organisation" if snippet else "tag" if "tag" in name else "page"),
        "content_type_app_name": "pages",
        "content_type_model_name": "standardpage",
        "object_id": theirs.page.pk,
        "session_id": 1,
        "action": "delete",
        "uidb64": "x",
        "token": "x",
        "department": theirs.department.slug,
        "user_id": theirs.user.pk,
        "invitation_id": theirs.invitation.pk,
    }
    if name.endswith("choose_parent"):
        known |= {"app_label": "pages", "model_name": "eventpage"}
    if "task" in name:
        known |= {"app_label": "wagtailcore", "model_name": "groupapprovaltask"}
    return {key: known[key] for key in keys}


def addresses(world):
    """Return (name, address) for all addresses of the admin, with queries that name the other department's rows."""
    theirs = world.theirs
    found = []
    for name, pattern in admin_patterns():
        if not is_named(name):
            continue
        keys = pattern.pattern.converters or pattern.pattern.regex.groupindex
        if name == "wagtail_bulk_action":
            continue
        address = reverse(name, kwargs=arguments_for(name, keys, world))
        found.append((name, address))
        access = ACCESS[name]
        if access in (Access.LIST, Access.BROWSE):
            # `Secret` is part of the mark's words, `zqsecret` of the answer's only: an address is repeated in it.
            found.append((name, f"{address}?q=draft&search_all=1&p=1"))
        if access is Access.CHOSEN:
            model = "image" if "images" in name else "document" if "docs" in name else "page"
            model = "video" if "video" in name else "consent" if "consent" in name else model
            found[-1] = (name, f"{address}?id={getattr(theirs, model).pk}")
        if access is Access.TAGS:
            found.append((name, f"{address}?term=z"))
    bulk = {
        "wagtailcore/page": (theirs.page.pk, "move publish unpublish delete"),
        "pages/standardpage": (theirs.page.pk, "delete"),
        "cms_media/customimage": (theirs.image.pk, "add_tags add_to_collection delete"),
        "cms_media/customdocument": (theirs.document.pk, "add_tags add_to_collection delete"),
        "cms_media/video": (theirs.video.pk, "delete"),
        "cms_media/consent": (theirs.consent.pk, "delete"),
        "users/user": (theirs.user.pk, "delete assign_role set_active_state"),
    }
    for model, (pk, actions) in bulk.items():
        for action in actions.split():
            arguments = [*model.split("/"), action]
            address = reverse("wagtail_bulk_action", args=arguments)
            found += [("wagtail_bulk_action", f"{address}?id={pk}"), ("wagtail_bulk_action", f"{address}?id=all")]
    return found


def rows_of(world):
    """All that must not change: the other department's rows and the instance's own."""
    theirs = world.theirs.department
    collections = Collection.objects.filter(path__startswith=theirs.collection.path)
    pages = Page.objects.filter(path__startswith=theirs.container.path)
    keys = [str(pk) for pk in pages.values_list("pk", flat=True)]
    rows = {
        model: model.objects.filter(collection__in=collections)
        for model in (CustomImage, CustomDocument, Consent, Video)
    }
    rows |= {Page: pages, Revision: Revision.objects.filter(object_id__in=keys)}
    rows |= {model: model.objects.filter(pk__in=pages) for model in (StandardPage, EventPage)}
    rows |= {
        PageLogEntry: PageLogEntry.objects.filter(page__in=pages),
        PageViewRestriction: PageViewRestriction.objects.filter(page__in=pages),
        WorkflowState: WorkflowState.objects.filter(object_id__in=keys),
        TaskState: TaskState.objects.filter(revision__object_id__in=keys),
        WorkflowPage: WorkflowPage.objects.filter(page__in=pages),
        User: User.objects.filter(pk=world.theirs.user.pk),
    }
    everything = (
        Collection, Group, GroupPagePermission, Site, Locale, Redirect, Workflow, Task, Organisation, Person,
        TranslationSource, Translation, StringTranslation, SegmentOverride, ModelLogEntry, Invitation,
    )  # fmt: skip
    rows |= {model: model.objects.all() for model in everything}
    return {model.__name__: serialize("json", queryset.order_by("pk")) for model, queryset in rows.items()}


class WriteCounter:
    """Counts statements that write, so that rows are compared only after a request that wrote something."""

    def __init__(self):
        self.count = 0

    def __call__(self, execute, sql, *arguments):
        self.count += sql.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE"))
        return execute(sql, *arguments)


def fields_for(world, name):
    """A form that tries to change whatever the address is about."""
    posted = FORM | {
        "new_parent_page": world.theirs.department.site.root_page_id,
        "chooser": world.theirs.department.site.root_page_id,
        "locales": [Locale.objects.get(language_code="en").pk],
        "groups": [world.theirs.group.pk],
        "consent": world.theirs.consent.pk,
    }
    # No name of the account that asks is taken from the form: this is its own business.
    return {} if name in ("wagtailadmin_account", "wagtailadmin_logout") else posted


@pytest.mark.parametrize("role", ROLES)
def test_nothing_of_another_department_is_read_or_written(client, db, role, commits):
    with commits():
        world = make_world()
    client.force_login(make_actor(role))
    client.raise_request_exception = False
    before = rows_of(world)
    failures, requests = [], 0

    def examine(method, name, response):
        nonlocal requests, before
        requests += 1
        label = f"{method.upper()} {name} {response.wsgi_request.get_full_path()}: {response.status_code}"
        body = b"".join(response) if response.streaming else response.content
        if response.status_code >= 500:
            failures.append(f"{label} fails")
        if MARK in body.decode(errors="replace").lower() or MARK in response.get("Location", ""):
            place = re.search(rf".{{60}}{MARK}.{{40}}", body.decode(errors="replace").lower(), re.DOTALL)
            failures.append(f"{label} reads: {place and place.group()!r}")
        if ACCESS[name] in HIDDEN and "snippet" not in name and response.status_code != 404:
            failures.append(f"{label} is not hidden")
        if writes.count and (after := rows_of(world)) != before:
            changed = [model for model in before if before[model] != after[model]]
            failures.append(f"{label} writes: {changed}")
            before = after
        writes.count = 0

    asked = [(name, address) for name, address in addresses(world) if name != "wagtailadmin_logout"]
    writes = WriteCounter()
    with connection.execute_wrapper(writes):
        for name, address in asked:
            examine("get", name, client.get(address))
            examine("post", name, client.post(address, fields_for(world, name)))
            if name.startswith("wagtail_localize:edit_"):
                examine("put", name, client.put(address, "value=changed", "application/x-www-form-urlencoded"))
                examine("delete", name, client.delete(address))
        home = client.get(reverse("wagtailadmin_home"))
        examine("get", "wagtailadmin_home", home)  # Messages that earlier answers left for the next.

    assert home.status_code == 200
    assert requests > 500
    assert not failures, "\n".join(failures)


STOCK_READS = {
    "C1": ("wagtailusers_users:edit", "user"),
    "C2": ("wagtailusers_groups:edit", "group"),
    "C4": ("wagtailsnippets_cms_media_consent:edit", "consent"),
    "C5": ("wagtail_localize:update_translations", "source"),
    "H5": ("wagtailredirects:edit", "redirect"),
    "H7": ("wagtailadmin_choose_page_chosen_multiple", "page"),
    "H9": ("wagtail_bulk_action", "page"),
    "H10": ("wagtailadmin_workflows:edit", "workflow"),
    "M4": ("wagtailadmin_pages:confirm_workflow_cancellation", "draft"),
}


@pytest.mark.parametrize("finding", STOCK_READS)
def test_without_the_guard_wagtail_shows_it(db, settings, commits, finding):
    """What the matrix finds closed is open in Wagtail itself: the matrix would see it."""
    with commits():
        world = make_world()
    user = make_actor("overgranted")
    name, kind = STOCK_READS[finding]
    key = getattr(world.theirs, kind).pk
    address = f"{reverse(name)}?id={key}" if finding == "H7" else None
    if finding == "H9":
        address = f"{reverse(name, args=['wagtailcore', 'page', 'delete'])}?id={key}"
    address = address or reverse(name, args=[key])
    guarded, stock = Client(), Client()
    for client in (guarded, stock):
        client.force_login(user)
    assert guarded.get(address).status_code == 404
    guard = "sites.middleware.DepartmentGuardMiddleware"
    settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if each != guard]
    assert MARK in stock.get(address).content.decode().lower()
