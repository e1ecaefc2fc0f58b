"""Restores collections, consents, images, documents and videos with their files."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any

from django.conf import settings
from django.core.files.storage import Storage
from django.core.validators import FileExtensionValidator
from django.db.models import Model
from django.utils.translation import gettext as _
from wagtail.models import Collection
from wagtail.utils.file import hash_filelike

from cms.archive import tables
from cms.archive.archive_file import ArchiveError, JsonObject
from cms.archive.row_serialization import deserialize_row
from cms.media.inspection import refusal
from cms.media.inspection.inspector import FileRefused, inspect_stored_file
from cms.media.models import Consent, CustomDocument, CustomImage, CustomRendition, Video, VideoCaption
from cms.media.renditions.file_checks import queue_check, record
from cms.media.uploads.file_paths import has_token, unguessable_path
from cms.media.uploads.stored_files import stored_file_of
from cms.translations.models import MediaText
from sites.models import Department
from sites.validation.overrides.tag_fields import MAX_TAG_LENGTH, MAX_TAGS

from .restore_context import RestoreContext, restore_automatic_times
from .row_validation import create_restriction, validate_file, validate_file_size, validate_row

# Reasons for which an upload is refused, but not a restore.
ACCEPTED_REASONS = (refusal.DAMAGED, refusal.ENCRYPTED, refusal.UNPLAYABLE, refusal.NO_PICTURE)

# The foreign keys by which a rendition, captions or a translated text belong to a medium.
OWNERS_OF_PARTS: dict[str, type[Model]] = {"image": CustomImage, "document": CustomDocument, "video": Video}

IMAGE_EXTENSIONS = ["avif", "gif", "jpg", "jpeg", "png", "webp"]


def restore_media(context: RestoreContext) -> None:
    """Restore the collections, then the media models in an order in which references come first."""
    _restore_collections(context)
    for table in (tables.CONSENTS, tables.IMAGES, tables.RENDITIONS, tables.DOCUMENTS, tables.VIDEOS, tables.CAPTIONS):
        assert table.model is not None  # noqa: S101 (for mypy: these tables have one)
        for row in context.read_rows(table):
            _restore_medium(context, table, table.model, row)
    _restore_texts(context)


def _restore_texts(context: RestoreContext) -> None:
    """Restore the translated texts of media. Raises ArchiveError for a language that the department does not have.

    Those of media that the instance had before are left out.
    """
    languages = set(context.department.department_locales.values_list("locale", flat=True))
    table = tables.MEDIA_TEXTS
    for row in context.read_rows(table):
        values = deserialize_row(MediaText, row, table.fields, context.natural_keys, context.map_reference)
        if values.get("locale_id") not in languages:
            raise ArchiveError(_("The language “%(code)s” is not known here.") % {"code": row.get("locale")})
        text = MediaText(**values)
        if _changes_shared_medium(context, text):
            continue
        text.full_clean()
        text.save()


def _restore_collections(context: RestoreContext) -> None:
    for number, row in enumerate(context.read_rows(tables.COLLECTIONS)):
        # The first row is the collection of the department, which provisioning has created.
        parent = context.mapped_id(Collection, row.get("parent")) or context.department.collection_id
        collection = Collection.objects.get(pk=parent)
        if number:
            collection = collection.add_child(name=str(row.get("name", ""))[:255])
        context.map_id(Collection, row, collection.pk)
        if restriction := row.get("restriction"):
            groups = [each.group for each in context.department_groups(restriction.get("groups"))]
            create_restriction(restriction, groups, collection)


def _restore_medium(context: RestoreContext, table: tables.Table, model: type[Model], row: JsonObject) -> None:
    values = deserialize_row(model, row, table.fields, context.natural_keys, context.map_reference)
    if row.get("shared"):
        existing = _matching_shared_medium(model, values)
        if existing is not None:
            context.map_id(model, row, existing)
            context.shared_media.add((model, existing))
            return
        values["collection_id"] = Collection.get_first_root_node().pk
    if model is CustomRendition and _has_rendition(values):
        return
    if model in (CustomRendition, VideoCaption) and _changes_shared_medium(context, model(**values)):
        return
    if model is CustomDocument and not _is_token_free(values.get("token")):
        values.pop("token", None)
    name, is_lost = stored_file_of(model).field, bool(row.get("is_lost"))
    stored_as = values.pop(name, "") or ""
    instance: Any = model(**values)
    problem = ""
    if stored_as and not is_lost:
        storage, folder = _storage_and_folder(model)
        _check_extension(model, stored_as)
        if context.reader.has_file(folder + stored_as):
            validate_file_size(model, name, stored_as, context.reader.size_of(folder + stored_as))
        target = stored_as if model is CustomRendition or has_token(stored_as) else _path_with_token(model, stored_as)
        saved_as = context.save_file(storage, folder, stored_as, upload_folder(model), target)
        with storage.open(saved_as) as content:
            validate_file(model, name, stored_as, content)
        problem, seconds = _inspect(model, storage, saved_as, stored_as)
        if isinstance(instance, Video):
            instance.take_duration(seconds)
        setattr(instance, name, saved_as)
        if hasattr(instance, "file_size"):
            instance.file_size = storage.size(saved_as)
        if hasattr(instance, "file_hash"):
            # Search finds extracted texts by hash, so the hash of the archive is not trusted.
            with storage.open(instance.file.name) as stored:
                instance.file_hash = hash_filelike(stored)
    elif stored_as:
        # Not the name in the archive, which may be that of a file of another department.
        setattr(instance, name, _path_with_token(model, stored_as))
    if isinstance(instance, CustomImage):
        # The archive has the sizes that documents show, with their URLs. The background makes the others.
        instance.makes_renditions = False
    validate_row(context, instance, excluded={name, "collection"} if stored_as else {"collection"})
    instance.save()
    restore_automatic_times(instance, table.fields, values)
    if "tags" in table.extra_members and row.get("tags"):
        _restore_tags(context, instance, row["tags"])
    if problem:
        record(instance, problem)
    if isinstance(instance, CustomImage):
        queue_check(instance)
    context.map_id(model, row, instance.pk)


def _restore_tags(context: RestoreContext, instance: Any, tags: list[Any]) -> None:
    """Set the tags of an image or a document, as many as its form takes; a note names the object if it had more."""
    names = list(dict.fromkeys(str(tag)[:MAX_TAG_LENGTH] for tag in tags))
    instance.tags.set(names[:MAX_TAGS])
    if len(names) > MAX_TAGS:
        text = _("“%(object)s” has only the first %(number)d of its tags. The archive has all of them.")
        context.add_note(text % {"object": instance, "number": MAX_TAGS})


def _changes_shared_medium(context: RestoreContext, part: Model) -> bool:
    """Return True if a rendition, captions or a text belong to a medium that the instance had before.

    The pages of all departments show them; a trusted archive completes them.
    """
    owners = {(model, getattr(part, f"{name}_id", None)) for name, model in OWNERS_OF_PARTS.items()}
    return not context.is_trusted and bool(owners & context.shared_media)


def _path_with_token(model: type[Model], name: str) -> str:
    return unguessable_path(upload_folder(model).rstrip("/"), PurePosixPath(name).name)


def _has_rendition(values: JsonObject) -> bool:
    """Return True if the image has the rendition: a shared image that the instance had before."""
    names = ("image_id", "filter_spec", "focal_point_key")
    return CustomRendition.objects.filter(**{name: values.get(name) for name in names}).exists()


def _inspect(model: type[Model], storage: Storage, name: str, name_in_archive: str) -> tuple[str, float | None]:
    """Remove the metadata of a restored file; return why it cannot be shown, or "", and the duration of a video.

    A file that was damaged before the export stays so, and the dashboard names it. Raises ArchiveError for a file that
    is not what its name says or that may be an attack.
    """
    if model is VideoCaption:
        return "", None
    kinds = {Consent: "proof", CustomDocument: "document", Video: "video"}
    try:
        inspection = inspect_stored_file(storage, name, kinds.get(model, "image"), replace=True)
    except FileRefused as error:
        if error.reason not in ACCEPTED_REASONS:
            raise ArchiveError(f"“{name_in_archive}”: {' '.join(error.messages)}") from error
        return error.reason if model in kinds and model is not Consent else "", None
    return "", inspection.seconds


def _is_token_free(token: Any) -> bool:
    """Return True if a document of the archive can keep its token, which is a part of its URL."""
    is_token = isinstance(token, str) and re.fullmatch(r"[A-Za-z0-9_-]{20,32}", token)
    return bool(is_token) and not CustomDocument.objects.filter(token=token).exists()


def upload_folder(model: type[Model]) -> str:
    """Return the upload folder of a model, with a trailing slash."""
    return f"{stored_file_of(model).folder}/"


def _storage_and_folder(model: type[Model]) -> tuple[Storage, str]:
    field: Any = model._meta.get_field(stored_file_of(model).field)
    return field.storage, tables.PRIVATE_FOLDER if model is Consent else tables.MEDIA_FOLDER


def _matching_shared_medium(model: type[Model], values: dict[str, Any]) -> int | None:
    """Return the id of a medium of the instance with the same file hash and title, or None."""
    if not values.get("file_hash"):
        return None
    owned = Department.objects.values_list("collection__path", flat=True)
    same = model._default_manager.filter(title=values["title"], file_hash=values["file_hash"])
    for pk, path in same.order_by("pk").values_list("pk", "collection__path"):
        if not path.startswith(tuple(owned)):
            return int(pk)
    return None


def _allowed_extensions(model: type[Model]) -> list[str]:
    if model in (CustomImage, CustomRendition):
        return IMAGE_EXTENSIONS
    if model is CustomDocument:
        return list(settings.WAGTAILDOCS_EXTENSIONS)
    field: Any = model._meta.get_field(stored_file_of(model).field)
    validator = next(each for each in field.validators if isinstance(each, FileExtensionValidator))
    return list(validator.allowed_extensions or ())


def _check_extension(model: type[Model], name: str) -> None:
    if name.rpartition(".")[2].lower() not in _allowed_extensions(model):
        raise ArchiveError(_("“%(name)s” is not a file of a kind that is taken here.") % {"name": name})
