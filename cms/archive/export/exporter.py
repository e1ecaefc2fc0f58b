"""Exports a department to an archive."""

from __future__ import annotations

import csv
import datetime
import io
import json
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.files.storage import Storage
from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _
from tqdm import tqdm
from wagtail.models import CollectionMember, Page, Revision

from cms.archive import tables
from cms.archive.archive_file import ArchiveError, ArchiveWriter, JsonObject
from cms.archive.row_serialization import archived_fields, portable_content, serialize_row
from cms.archive.schema_document import schema_text
from cms.archive.selection import MEDIA_MODELS, chunks
from cms.media.models import Consent, CustomDocument, CustomImage, CustomRendition, Video, VideoCaption
from cms.pages.models import Organisation, Person
from sites.audit_log.recording import Action, record_for_department
from sites.lifecycle.language_fallbacks import fallback_codes
from sites.models import Department, DepartmentGroup
from sites.validation.spreadsheet_cells import without_formulas

from .copy_rows import copied_media_rows, copy_rows
from .export_context import ExportContext
from .external_references import external_reference_rows
from .permission_rows import group_key, restriction_row, workflow_row
from .snippet_rows import referenced_snippet_rows
from .translation_rows import TranslationExporter

CSV_COLUMNS = ("id", "person_name", "scope", "scope_note", "starts_on", "expires_on", "withdrawn_on", "proof")


def export_department(department: Department, path: Path, *, progress: Any = None) -> JsonObject:
    """Write the archive of a department to `path` (a `.zip`, or else a folder); return its manifest.

    All rows are read in one transaction, from one snapshot of the database. Files are copied after it, because that
    can take hours. The audit log records the export. Raise ArchiveError, and leave no file, if the path exists or a
    media file was deleted meanwhile.
    """
    with ArchiveWriter(path) as writer:
        with transaction.atomic():
            _read_one_snapshot()
            exporter = Exporter(department, writer)
            exporter.write_rows()
        exporter.copy_files(progress)
        manifest = writer.finish(exporter.manifest())
        with transaction.atomic():  # Before the archive has its name: none is there without an entry.
            record_for_department(Action.DEPARTMENT_EXPORTED, department)
    return manifest


def _read_one_snapshot() -> None:
    """Use one snapshot for the whole transaction on PostgreSQL. SQLite does so by default."""
    is_outermost_transaction = len(connection.savepoint_ids) == 0
    if is_outermost_transaction and connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


class Exporter(ExportContext):
    """An exporter that writes the rows and files of one archive."""

    def __init__(self, department: Department, writer: ArchiveWriter) -> None:
        super().__init__(department, writer)
        self._files: dict[str, tuple[Storage, str]] = {}
        self._exported_at = timezone.now()
        self._last_change = 0

    def write_rows(self) -> None:
        """Write all rows. Referenced rows follow the content that refers to them."""
        self.write_table(tables.PAGES, self._page_rows())
        self.write_table(tables.REVISIONS, self._revision_rows())
        self.write_table(tables.RESTRICTIONS, map(restriction_row, self.selection.restrictions()))
        self.write_table(tables.SHARINGS, self._serialized_rows(tables.SHARINGS, self.selection.sharings()))
        self.write_table(tables.REDIRECTS, self._serialized_rows(tables.REDIRECTS, self.selection.redirects()))
        self.write_table(tables.PROMOTIONS, self._serialized_rows(tables.PROMOTIONS, self.selection.promotions()))
        self.write_table(tables.WORKFLOWS, (workflow_row(each, self.selection) for each in self.selection.workflows()))
        self._record_own_media()
        settings_row = self._department_settings()
        snippets = referenced_snippet_rows(self)
        for table, model in ((tables.ORGANISATIONS, Organisation), (tables.PEOPLE, Person)):
            self.write_table(table, snippets[model])
        keys = {row["translation_key"] for rows in snippets.values() for row in rows}
        TranslationExporter(self).write(keys)
        # Referring media first: a video before its poster, an image before its consent.
        self.write_table(tables.VIDEOS, self._media_rows(Video))
        self.write_table(tables.CAPTIONS, self._caption_rows())
        self.write_table(tables.MEDIA_TEXTS, self._serialized_rows(tables.MEDIA_TEXTS, self.selection.media_texts()))
        self.write_table(tables.DOCUMENTS, self._media_rows(CustomDocument))
        self.write_table(tables.IMAGES, self._media_rows(CustomImage))
        self.write_table(tables.RENDITIONS, self._rendition_rows())
        self.write_table(tables.CONSENTS, self._media_rows(Consent))
        self.writer.write_text("consents.csv", self._consent_register())
        self.write_table(tables.COLLECTIONS, self._collection_rows())
        # Last, because the references of an origin belong to its owner and are only listed in outside.ndjson.
        self.write_table(tables.COPIES, copy_rows(self))
        self.write_table(tables.COPIED_MEDIA, copied_media_rows(self))
        self._last_change = self.selection.last_sequence()
        self.write_table(tables.PUBLISHED, self._published_document_rows())
        self.write_table(tables.ACCOUNTS, self._account_rows())
        self.write_table(tables.GROUPS, self._group_rows())
        self.write_table(tables.LOG, self._log_rows())
        self.write_table(tables.EXTERNAL_REFERENCES, external_reference_rows(self.referenced_ids, self.exported_ids))
        self.writer.write_text("department.json", [json.dumps(settings_row, ensure_ascii=False, indent=1)])
        self.writer.write_text("SCHEMA.md", schema_text())

    def copy_files(self, progress: Any = None) -> None:
        """Copy all queued files into the archive."""
        with tqdm(total=len(self._files), unit="file", file=progress, disable=progress is None) as bar:
            for name, (storage, stored_as) in self._files.items():
                try:
                    with storage.open(stored_as) as content:
                        self.writer.write_file(name, content)
                except OSError as error:
                    raise ArchiveError(
                        _("The file “%(name)s” cannot be read any more: %(error)s")
                        % {"name": stored_as, "error": error}
                    ) from error
                bar.update()

    def manifest(self) -> JsonObject:
        department = self.department
        return {
            "product": "multilingual-department-cms",
            "product_version": product_version(),
            "exported_at": self._exported_at.astimezone(datetime.UTC).isoformat(),
            "department": {"code": department.code, "name": department.name, "slug": department.slug},
            # The highest feed sequence number of the department.
            "last_change": self._last_change,
            "counts": self.counts,
        }

    def queue_file(self, storage: Storage, folder: str, name: str) -> bool:
        """Queue a file for `copy_files`. Return False if the storage does not have it."""
        if not name or not storage.exists(name):
            return False
        self._files[folder + name] = (storage, name)
        return True

    def _serialized_rows(self, table: tables.Table, instances: Iterable[Model]) -> Iterator[JsonObject]:
        for instance in instances:
            yield serialize_row(instance, table.fields, self.natural_keys, self.record_reference)

    def _page_rows(self) -> Iterator[JsonObject]:
        for pages in self.selection.pages():
            for page in pages:
                self.exported_ids[Page].add(page.pk)
                yield {
                    **serialize_row(
                        page,
                        archived_fields(type(page), tables.PAGE_EXCLUDED_FIELDS),
                        self.natural_keys,
                        self.record_reference,
                    ),
                    "type": page._meta.label_lower,
                    "place": page.path[len(self.selection.container_path) :],
                    "latest_revision": page.latest_revision_id,
                    "live_revision": page.live_revision_id,
                }

    def _revision_rows(self) -> Iterator[JsonObject]:
        for pages in self.selection.pages():
            models = {str(page.pk): type(page) for page in pages}
            for revision in self.selection.revisions(pages):
                self.exported_ids[Revision].add(revision.pk)
                content = portable_content(
                    models[revision.object_id], revision.content, self.natural_keys, self.record_reference
                )
                go_live_at = revision.approved_go_live_at
                yield {
                    "id": revision.pk,
                    "page": int(revision.object_id),
                    "user": self.natural_keys.natural_key(
                        revision._meta.get_field("user").related_model, revision.user_id
                    ),
                    "created_at": revision.created_at.astimezone(datetime.UTC).isoformat(),
                    "object_str": revision.object_str,
                    "approved_go_live_at": go_live_at and go_live_at.astimezone(datetime.UTC).isoformat(),
                    "content": content,
                }

    def _department_settings(self) -> JsonObject:
        department, site = self.department, self.department.site
        languages = department.department_locales.select_related("locale").order_by("pk")
        return {
            "code": department.code,
            "name": department.name,
            "slug": department.slug,
            "hostname": site.hostname,
            "port": site.port,
            "locales": [row.locale.language_code for row in languages],
            "source": department.source_locale.language_code,
            "fallbacks": {code: following for code, following in fallback_codes(list(languages)).items() if following},
            **{name: getattr(department, name) for name in tables.TRANSLATION_RULES},
            "contact_email": department.contact_email,
            "contact_phone": department.contact_phone,
            "contact_address": department.contact_address,
            "primary_colour": department.primary_colour,
            "accent_colour": department.accent_colour,
            "logo": department.logo_id and self.record_reference(CustomImage, department.logo_id),
        }

    def _record_own_media(self) -> None:
        for model in MEDIA_MODELS:
            self.exported_ids[model].update(self.selection.media(model).values_list("pk", flat=True))

    def _media_rows(self, model: type[CollectionMember]) -> Iterator[JsonObject]:
        """Yield the department's media, then the shared media of the instance that its content uses."""
        owned_by_others = self._collections_of_others()
        table = {Video: tables.VIDEOS, CustomDocument: tables.DOCUMENTS, CustomImage: tables.IMAGES}.get(
            model, tables.CONSENTS
        )
        own = sorted(self.exported_ids[model])
        shared = model._default_manager.filter(pk__in=self.referenced_ids[model] - self.exported_ids[model])
        shared_keys = [
            pk
            for pk, path in shared.order_by("pk").values_list("pk", "collection__path")
            if not path.startswith(owned_by_others)
        ]
        self.exported_ids[model].update(shared_keys)
        for keys, is_shared in ((own, False), (shared_keys, True)):
            for chunk in chunks(keys):
                for medium in model._default_manager.filter(pk__in=chunk).order_by("pk"):
                    row = serialize_row(medium, table.fields, self.natural_keys, self.record_reference) | {
                        "shared": is_shared
                    }
                    if is_shared:
                        row["collection"] = None
                    if hasattr(medium, "tags"):
                        row["tags"] = sorted(medium.tags.names())
                    yield row | {"is_lost": self._file_is_lost(medium)}

    def _collections_of_others(self) -> tuple[str, ...]:
        others = Department.objects.exclude(pk=self.department.pk)
        return tuple(others.values_list("collection__path", flat=True))

    def _file_is_lost(self, medium: Any) -> bool:
        """Queue the file of a medium; return True if the storage does not have it."""
        is_proof = isinstance(medium, Consent)
        file = medium.proof if is_proof else medium.file
        folder = tables.PRIVATE_FOLDER if is_proof else tables.MEDIA_FOLDER
        return bool(file.name) and not self.queue_file(file.storage, folder, file.name)

    def _caption_rows(self) -> Iterator[JsonObject]:
        for captions in VideoCaption.objects.filter(video__in=self.exported_ids[Video]).order_by("pk"):
            row = serialize_row(captions, tables.CAPTIONS.fields, self.natural_keys, self.record_reference)
            yield row | {"is_lost": self._file_is_lost(captions)}

    def _rendition_rows(self) -> Iterator[JsonObject]:
        for chunk in chunks(sorted(self.exported_ids[CustomImage])):
            sizes = CustomRendition.objects.filter(image__in=chunk, filter_spec__in=tables.PUBLISHED_SIZES)
            for rendition in sizes.order_by("pk"):
                if not self._file_is_lost(rendition):
                    yield serialize_row(rendition, tables.RENDITIONS.fields, self.natural_keys, self.record_reference)

    def _consent_register(self) -> Iterator[str]:
        line = io.StringIO()
        writer = csv.writer(line)
        writer.writerow(CSV_COLUMNS)
        for chunk in chunks(sorted(self.exported_ids[Consent])):
            for consent in Consent.objects.filter(pk__in=chunk).order_by("pk"):
                writer.writerow([_csv_cell(getattr(consent, name)) for name in CSV_COLUMNS])
            yield line.getvalue()
            line.seek(0)
            line.truncate()
        yield line.getvalue()

    def _collection_rows(self) -> Iterator[JsonObject]:
        by_path = {}
        for collection in self.selection.collections():
            by_path[collection.path] = collection.pk
            if collection.pk == self.department.collection_id:
                by_path[collection.path] = None
            restriction = collection.view_restrictions.first()
            yield {
                "id": collection.pk,
                "parent": by_path.get(collection.path[: -collection.steplen]),
                "name": collection.name,
                "restriction": restriction and restriction_row(restriction),
            }

    def _published_document_rows(self) -> Iterator[JsonObject]:
        documents = self.selection.published_documents().prefetch_related("placements__department")
        for document in documents.iterator(chunk_size=500):
            yield {
                **serialize_row(document, tables.PUBLISHED.fields, self.natural_keys, lambda _model, pk: pk),
                "page": document.page_id,
                "document": document.data or None,
                "placements": [
                    {"department": each.department.code, "path": each.path, "is_canonical": each.is_canonical}
                    for each in sorted(document.placements.all(), key=lambda each: (not each.is_canonical, each.path))
                ],
            }

    def _account_rows(self) -> Iterator[JsonObject]:
        rows = DepartmentGroup.objects.filter(department=self.department).select_related("locale")
        keys = {row.group_id: group_key(row) for row in rows}
        for user in self.selection.accounts().prefetch_related("groups"):
            row = {name: getattr(user, name) for name in ("email", "username", "first_name", "last_name", "is_active")}
            yield row | {"roles": sorted(keys[group.pk] for group in user.groups.all() if group.pk in keys)}

    def _group_rows(self) -> Iterator[JsonObject]:
        rows = DepartmentGroup.objects.filter(department=self.department).select_related("group", "locale")
        for row in rows.order_by("pk"):
            yield {
                "role": row.role,
                "locale": row.locale.language_code if row.locale else None,
                "name": row.group.name,
            }

    def _log_rows(self) -> Iterator[JsonObject]:
        for entries, key in ((self.selection.page_log(), "page_id"), (self.selection.model_log(), "object_id")):
            for entry in entries.iterator(chunk_size=500):
                yield {
                    "timestamp": entry.timestamp.astimezone(datetime.UTC).isoformat(),
                    "action": entry.action,
                    "user": self.natural_keys.natural_key(entry._meta.get_field("user").related_model, entry.user_id),
                    "type": self.natural_keys.natural_key(ContentType, entry.content_type_id),
                    "object": str(getattr(entry, key)),
                    "label": entry.label,
                    "data": entry.data,
                }


def product_version() -> str:
    """Return the version of the product, from pyproject.toml."""
    with (settings.BASE_DIR / "pyproject.toml").open("rb") as content:
        return str(tomllib.load(content)["project"]["version"])


def _csv_cell(value: Any) -> str:
    return "" if value is None else without_formulas(str(value))
