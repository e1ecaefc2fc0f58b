"""Removes all rows of a department that leaves; other departments keep theirs, and the change feed tells of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, Model, OuterRef, ProtectedError, Q
from django.utils.translation import gettext as _
from taggit.models import Tag, TaggedItem
from wagtail.admin.models import EditingSession, FormState
from wagtail.models import Collection, ModelLogEntry, Page, PageLogEntry, ReferenceIndex, Site, Task, Workflow
from wagtail_localize.models import String, StringSegment, Template, TemplateSegment

from cms.delivery.models import FeedCounter, Placement
from cms.delivery.publisher import refresh_pages, withdraw_department
from cms.media.models import Consent, CustomDocument, CustomImage, CustomRendition, Video, VideoCaption
from cms.pages.models import CopyOrigin, Organisation
from sites.lifecycle.deletion_protection import retirement
from sites.models import Department

from .archive_file import Refused, Row
from .selection import MEDIA, SNIPPETS, Selection, chunks


def remove_rows(department: Department) -> tuple[Row, list[tuple[str, str]]]:
    """Remove everything that the department owns; return how many of each, and the files to delete after the commit.

    Runs in the caller's transaction. Raises Refused when something of another department stands on this one's.
    """
    # Held, or a department that is made meanwhile could move the collections whose media are removed.
    # Not their keys: other departments go on uploading.
    list(Collection.objects.select_for_update(no_key=True).order_by("path").values_list("pk"))
    selection = Selection(department)
    files = list(_files(selection))
    try:
        with retirement(department):
            return _remove(department, selection), files
    except ProtectedError as error:
        names = ", ".join(sorted(f"{type(each).__name__} {each.pk}" for each in error.protected_objects)[:10])
        raise Refused(_("Something else stands on what is to be removed: %(names)s") % {"names": names}) from error


def _remove(department: Department, selection: Selection) -> Row:
    counter = FeedCounter.locked()
    page_ids = selection.page_ids()
    pages = Page.objects.filter(path__startswith=selection.container_path)
    keys = list(pages.values_list("translation_key", flat=True))
    snippets = {model: set(_owned(model, department)) for model in SNIPPETS}
    groups = list(department.department_groups.values_list("group", flat=True))
    accounts = list(selection.accounts().filter(is_superuser=False))
    texts = _texts(keys)
    removed: Row = {
        "documents": withdraw_department(department, counter),
        "log": selection.model_log().exclude(content_type__in=snippet_types()).delete()[0],
        # Before the sharings, whose end would take the pages offline one by one.
        "copies": _forget_copies(department, selection),
        "detached_copies": selection.copies_of_others().count(),
        "sharings": _end_sharing(department, selection, counter),
        "workflows": _remove_workflows(selection),
        "redirects": selection.redirects().count(),
        "promotions": selection.promotions().count(),
        "pages": len(page_ids),
        "groups": len(groups),
        "collections": selection.collections().count(),
    }
    for organisation in Organisation.objects.filter(department=department):
        organisation.department = None
        organisation.save(update_fields=["department"])
    selection.media_copied_from().delete()
    _remove_unsaved(page_ids)
    container, collection, site = department.container_id, department.collection_id, department.site_id
    department.delete()
    Site.objects.get(pk=site).delete()
    Page.objects.get(pk=container).delete()
    for chunk in chunks([container, *page_ids]):  # After the pages: Wagtail logs their deletion.
        removed["log"] += PageLogEntry.objects.filter(page_id__in=chunk).delete()[0]
    removed["snippets"] = _remove_snippets(snippets)
    tags = _tags(selection)
    for model in MEDIA:
        removed[model._meta.model_name or ""] = _remove_media(model, selection)
    Collection.objects.get(pk=collection).delete()
    Group.objects.filter(pk__in=groups).delete()
    removed["deactivated_accounts"] = _deactivate(accounts)
    _remove_unused(texts, tags)
    return removed


def _forget_copies(department: Department, selection: Selection) -> int:
    """Forget where the department's copies came from, and what copies that are gone were made of; return how many."""
    versions = Page.objects.filter(translation_key=OuterRef("content_key"))
    gone = Q(sharing__owner=department) & ~Exists(versions)
    count: int = CopyOrigin.objects.filter(gone | Q(sharing__department=department)).delete()[0]
    return count + selection.copies().delete()[0]


def _end_sharing(department: Department, selection: Selection, counter: FeedCounter) -> int:
    """End what is shared with others; take their documents off the site that goes, and their copies offline.

    A copy that has lost its origin stays with its department as a draft and names the one that left no more.
    """
    others = Placement.objects.filter(department=department)
    page_ids = set(others.values_list("document__page_id", flat=True))
    copies = selection.copies_of_others().values("content_key")
    page_ids |= set(Page.objects.filter(translation_key__in=copies).values_list("pk", flat=True))
    shared = selection.sharings()
    count = shared.count()
    shared.delete()
    for chunk in chunks(sorted(page_ids)):
        refresh_pages(set(chunk), counter)
    others.delete()  # Of a document that could not be made again.
    return count


def _remove_unsaved(page_ids: list[int]) -> None:
    """Remove what editors' browsers sent of forms that were not saved, and who has a page open."""
    types = [
        ContentType.objects.get_for_model(model, for_concrete_model=False)
        for model in apps.get_models()
        if issubclass(model, Page)
    ]
    for chunk in chunks(page_ids):
        keys = list(map(str, chunk))
        new_below = Q(object_id="", parent_object_id__in=keys)
        FormState.objects.filter(Q(object_id__in=keys) | new_below, content_type__in=types).delete()
        EditingSession.objects.filter(content_type__in=types, object_id__in=keys).delete()


def _remove_workflows(selection: Selection) -> int:
    """Remove the workflows that no other department's pages use, with their tasks that no other workflow uses."""
    own = [
        workflow
        for workflow in selection.workflows()
        if not workflow.workflow_pages.exclude(page__path__startswith=selection.container_path).exists()
    ]
    tasks = list(Task.objects.filter(workflow_tasks__workflow__in=own).values_list("pk", flat=True))
    Workflow.objects.filter(pk__in=[workflow.pk for workflow in own]).delete()
    for task in Task.objects.filter(pk__in=tasks, workflow_tasks=None):
        task.delete()
    return len(own)


def snippet_types() -> list[ContentType]:
    return list(ContentType.objects.get_for_models(*SNIPPETS).values())


def _owned(model: type[Any], department: Department) -> Iterator[int]:
    yield from model._default_manager.filter(owner=department).values_list("pk", flat=True)


def _remove_snippets(owned: dict[type[Any], set[int]]) -> int:
    """Remove the snippets that were the department's and that nobody names; the others are the instance's now."""
    count = 0
    for model in SNIPPETS:
        content_type = ContentType.objects.get_for_model(model)
        named = ReferenceIndex.objects.filter(
            to_content_type=content_type, to_object_id__in=list(map(str, owned[model]))
        )
        unused = owned[model] - {int(pk) for pk in named.values_list("to_object_id", flat=True)}
        for snippet in model._default_manager.filter(pk__in=unused):
            snippet.delete()
        ModelLogEntry.objects.filter(content_type=content_type, object_id__in=list(map(str, unused))).delete()
        count += len(unused)
    return count


def _remove_media(model: type[Any], selection: Selection) -> int:
    keys = list(selection.members(model).values_list("pk", flat=True))
    for chunk in chunks(keys):
        model._default_manager.filter(pk__in=chunk).delete()
    return len(keys)


def _deactivate(accounts: list[Any]) -> int:
    """Close the accounts that belong to no department any more; return how many."""
    closed = [user for user in accounts if user.is_active and not user.groups.exists()]
    for user in closed:
        user.is_active = False
        user.save(update_fields=["is_active"])
    for unsaved in (FormState, EditingSession):
        unsaved.objects.filter(user__in=closed).delete()
    return len(closed)


def _files(selection: Selection) -> Iterator[tuple[str, str]]:
    """Yield the storage and the name of every file of the department."""
    columns: tuple[tuple[type[Model], str, str], ...] = (
        (CustomRendition, "image__in", "file"),
        (VideoCaption, "video__in", "file"),
    )
    owners = {CustomRendition: CustomImage, VideoCaption: Video}
    for model, lookup, column in columns:
        keys = selection.members(owners[model]).values("pk")
        rows = model._default_manager.filter(**{lookup: keys}).values_list(column, flat=True)
        yield from (("default", name) for name in rows.iterator() if name)
    for model in MEDIA:
        storage, column = ("private", "proof") if model is Consent else ("default", "file")
        rows = selection.members(model).values_list(column, flat=True)
        yield from ((storage, name) for name in rows.iterator() if name)


def _texts(keys: list[Any]) -> dict[type[Model], set[int]]:
    """Return the texts that translations of these contents share with those of others, who may go on using them."""
    return {
        String: set(StringSegment.objects.filter(context__object__in=keys).values_list("string", flat=True)),
        Template: set(TemplateSegment.objects.filter(context__object__in=keys).values_list("template", flat=True)),
    }


def _tags(selection: Selection) -> set[int]:
    found: set[int] = set()
    for model in (CustomImage, CustomDocument):
        items = TaggedItem.objects.filter(
            content_type__app_label=model._meta.app_label,
            content_type__model=model._meta.model_name,
            object_id__in=selection.members(model).values("pk"),
        )
        found.update(items.values_list("tag", flat=True))
    return found


def _remove_unused(texts: dict[type[Model], set[int]], tags: set[int]) -> None:
    """Remove the texts and tags that nobody else uses."""
    for chunk in chunks(sorted(texts[String])):
        String.objects.filter(pk__in=chunk, segments=None, translations=None).delete()
    for chunk in chunks(sorted(texts[Template])):
        Template.objects.filter(pk__in=chunk, segments=None).delete()
    Tag.objects.filter(pk__in=tags, taggit_taggeditem_items=None).delete()
