"""Deletes the rows of a department. Rows of other departments stay, and the change feed gets tombstones."""

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
from cms.users.models import User
from sites.lifecycle.deletion_protection import retirement
from sites.models import Department

from .archive_file import ArchiveError, JsonObject
from .selection import MEDIA_MODELS, SNIPPET_MODELS, DepartmentSelection, chunks


def delete_department_rows(department: Department) -> tuple[JsonObject, list[tuple[str, str]]]:
    """Delete all rows of a department; return the number of rows by kind, and (storage, name) of the files to delete.

    Runs in the caller's transaction; delete the files after its commit. Raise ArchiveError if a row of another
    department protects a row of this one.
    """
    # Lock the collections, because a department created meanwhile would change their paths. `no_key` does not
    # block uploads.
    list(Collection.objects.select_for_update(no_key=True).order_by("path").values_list("pk"))
    selection = DepartmentSelection(department)
    files = list(_stored_files(selection))
    try:
        with retirement(department):
            return _delete_rows(department, selection), files
    except ProtectedError as error:
        names = ", ".join(sorted(f"{type(each).__name__} {each.pk}" for each in error.protected_objects)[:10])
        raise ArchiveError(_("Other rows depend on the rows to be deleted: %(names)s") % {"names": names}) from error


def _delete_rows(department: Department, selection: DepartmentSelection) -> JsonObject:
    counter = FeedCounter.locked()
    page_ids = selection.page_ids()
    pages = Page.objects.filter(path__startswith=selection.container_path)
    keys = list(pages.values_list("translation_key", flat=True))
    snippets = {model: set(_owned_ids(model, department)) for model in SNIPPET_MODELS}
    groups = list(department.department_groups.values_list("group", flat=True))
    accounts = list(selection.accounts().filter(is_superuser=False))
    texts = _localize_text_ids(keys)
    removed: JsonObject = {
        "documents": withdraw_department(department, counter),
        "log": selection.model_log().exclude(content_type__in=_snippet_content_types()).delete()[0],
        # Before the sharings, because deleting a sharing unpublishes its copies one by one.
        "copies": _delete_copy_origins(department, selection),
        "detached_copies": selection.copy_origins_of_others().count(),
        "sharings": _delete_sharings(department, selection, counter),
        "workflows": _delete_workflows(selection),
        "redirects": selection.redirects().count(),
        "promotions": selection.promotions().count(),
        "pages": len(page_ids),
        "groups": len(groups),
        "collections": selection.collections().count(),
    }
    for organisation in Organisation.objects.filter(department=department):
        organisation.department = None
        organisation.save(update_fields=["department"])
    selection.media_copied_by_others().delete()
    _delete_form_states(page_ids)
    container, collection, site = department.container_id, department.collection_id, department.site_id
    department.delete()
    Site.objects.get(pk=site).delete()
    Page.objects.get(pk=container).delete()
    for chunk in chunks([container, *page_ids]):  # After the pages, because Wagtail logs their deletion.
        removed["log"] += PageLogEntry.objects.filter(page_id__in=chunk).delete()[0]
    removed["snippets"] = _delete_unused_snippets(snippets)
    tags = _tag_ids(selection)
    for model in MEDIA_MODELS:
        removed[model._meta.model_name or ""] = _delete_media(model, selection)
    Collection.objects.get(pk=collection).delete()
    Group.objects.filter(pk__in=groups).delete()
    removed["deactivated_accounts"] = _deactivate_accounts(accounts)
    _delete_unused(texts, tags)
    return removed


def _delete_copy_origins(department: Department, selection: DepartmentSelection) -> int:
    """Delete the origins of the department's copies and of deleted copies of its content; return their number."""
    versions = Page.objects.filter(translation_key=OuterRef("content_key"))
    deleted_copies = Q(sharing__owner=department) & ~Exists(versions)
    count: int = CopyOrigin.objects.filter(deleted_copies | Q(sharing__department=department)).delete()[0]
    return count + selection.copy_origins().delete()[0]


def _delete_sharings(department: Department, selection: DepartmentSelection, counter: FeedCounter) -> int:
    """Delete the department's sharings; return their number.

    Documents of other departments lose their placement on its site. Copies of its content become drafts without origin.
    """
    others = Placement.objects.filter(department=department)
    page_ids = set(others.values_list("document__page_id", flat=True))
    copies = selection.copy_origins_of_others().values("content_key")
    page_ids |= set(Page.objects.filter(translation_key__in=copies).values_list("pk", flat=True))
    shared = selection.sharings()
    count = shared.count()
    shared.delete()
    for chunk in chunks(sorted(page_ids)):
        refresh_pages(set(chunk), counter)
    others.delete()  # Placements of documents that could not be refreshed.
    return count


def _delete_form_states(page_ids: list[int]) -> None:
    """Delete unsaved form states and editing sessions of the pages, and of new pages below them."""
    types = [
        ContentType.objects.get_for_model(model, for_concrete_model=False)
        for model in apps.get_models()
        if issubclass(model, Page)
    ]
    for chunk in chunks(page_ids):
        keys = list(map(str, chunk))
        new_children = Q(object_id="", parent_object_id__in=keys)
        FormState.objects.filter(Q(object_id__in=keys) | new_children, content_type__in=types).delete()
        EditingSession.objects.filter(content_type__in=types, object_id__in=keys).delete()


def _delete_workflows(selection: DepartmentSelection) -> int:
    """Delete the workflows that no other department uses, and their tasks that no other workflow uses."""
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


def _snippet_content_types() -> list[ContentType]:
    return list(ContentType.objects.get_for_models(*SNIPPET_MODELS).values())


def _owned_ids(model: type[Any], department: Department) -> Iterator[int]:
    yield from model._default_manager.filter(owner=department).values_list("pk", flat=True)


def _delete_unused_snippets(owned: dict[type[Any], set[int]]) -> int:
    """Delete the department's snippets that no content references; return their number.

    The deletion of the department has set the owner of the other snippets to the instance.
    """
    count = 0
    for model in SNIPPET_MODELS:
        content_type = ContentType.objects.get_for_model(model)
        references = ReferenceIndex.objects.filter(
            to_content_type=content_type, to_object_id__in=list(map(str, owned[model]))
        )
        unused = owned[model] - {int(pk) for pk in references.values_list("to_object_id", flat=True)}
        for snippet in model._default_manager.filter(pk__in=unused):
            snippet.delete()
        ModelLogEntry.objects.filter(content_type=content_type, object_id__in=list(map(str, unused))).delete()
        count += len(unused)
    return count


def _delete_media(model: type[Any], selection: DepartmentSelection) -> int:
    keys = list(selection.media(model).values_list("pk", flat=True))
    for chunk in chunks(keys):
        model._default_manager.filter(pk__in=chunk).delete()
    return len(keys)


def _deactivate_accounts(accounts: list[Any]) -> int:
    """Deactivate the accounts that no longer belong to a department; return their number.

    The accounts stay locked until the transaction ends, so that no department accepts one as a member meanwhile.
    """
    keys = sorted(user.pk for user in accounts)
    locked = User._default_manager.select_for_update().filter(pk__in=keys).order_by("pk")
    deactivated = [user for user in locked if user.is_active and not user.groups.exists()]
    for user in deactivated:
        user.is_active = False
        user.save(update_fields=["is_active"])
    for unsaved in (FormState, EditingSession):
        unsaved.objects.filter(user__in=deactivated).delete()
    return len(deactivated)


def _stored_files(selection: DepartmentSelection) -> Iterator[tuple[str, str]]:
    """Yield (storage alias, name) of every file of the department."""
    columns: tuple[tuple[type[Model], str, str], ...] = (
        (CustomRendition, "image__in", "file"),
        (VideoCaption, "video__in", "file"),
    )
    owners = {CustomRendition: CustomImage, VideoCaption: Video}
    for model, lookup, column in columns:
        keys = selection.media(owners[model]).values("pk")
        rows = model._default_manager.filter(**{lookup: keys}).values_list(column, flat=True)
        yield from (("default", name) for name in rows.iterator() if name)
    for model in MEDIA_MODELS:
        storage, column = ("private", "proof") if model is Consent else ("default", "file")
        rows = selection.media(model).values_list(column, flat=True)
        yield from ((storage, name) for name in rows.iterator() if name)


def _localize_text_ids(keys: list[Any]) -> dict[type[Model], set[int]]:
    """Return the ids of wagtail-localize's strings and templates of these contents; other contents may use them too."""
    return {
        String: set(StringSegment.objects.filter(context__object__in=keys).values_list("string", flat=True)),
        Template: set(TemplateSegment.objects.filter(context__object__in=keys).values_list("template", flat=True)),
    }


def _tag_ids(selection: DepartmentSelection) -> set[int]:
    found: set[int] = set()
    for model in (CustomImage, CustomDocument):
        items = TaggedItem.objects.filter(
            content_type__app_label=model._meta.app_label,
            content_type__model=model._meta.model_name,
            object_id__in=selection.media(model).values("pk"),
        )
        found.update(items.values_list("tag", flat=True))
    return found


def _delete_unused(texts: dict[type[Model], set[int]], tags: set[int]) -> None:
    """Delete the strings, templates and tags that are no longer used."""
    for chunk in chunks(sorted(texts[String])):
        String.objects.filter(pk__in=chunk, segments=None, translations=None).delete()
    for chunk in chunks(sorted(texts[Template])):
        Template.objects.filter(pk__in=chunk, segments=None).delete()
    Tag.objects.filter(pk__in=tags, taggit_taggeditem_items=None).delete()
