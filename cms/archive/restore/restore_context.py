"""The state that the steps of an import share: the archive, the department, and the id map."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.core.files import File
from django.core.files.storage import Storage
from django.core.management.color import no_style
from django.db import connection
from django.db.models import Field, Model
from django.utils.translation import gettext as _
from wagtail.models import Locale, Page

from cms.archive.archive_file import ArchiveError, ArchiveReader, JsonObject
from cms.archive.export.permission_rows import group_key
from cms.archive.reference_rewriting import reference_kind
from cms.archive.row_serialization import NaturalKeys
from cms.archive.tables import EXTERNAL_REFERENCES, Table
from sites.models import Department, DepartmentGroup, Sharing


class RestoreContext:
    """The state of one import. `notes` are messages about data that could not be restored unchanged."""

    def __init__(self, reader: ArchiveReader, progress: Any, *, is_trusted: bool) -> None:
        self.reader = reader
        # True if sharings with other departments are restored.
        self.is_trusted = is_trusted
        self.natural_keys = NaturalKeys()
        self.notes: list[str] = []
        self.department: Department
        self.groups: dict[str, DepartmentGroup] = {}
        # Translation keys of content that this import created, and of all content in the archive.
        self.own_keys: set[str] = set()
        self.known_keys: set[str] = set()
        # Media that the instance had before, and the archive names too.
        self.shared_media: set[tuple[type[Model], int | None]] = set()
        self._ids: defaultdict[str, dict[int, int]] = defaultdict(dict)
        self._saved_files: list[tuple[Storage, str]] = []
        self._progress = progress
        self._external_references: dict[tuple[str, int], JsonObject] = {}
        self._noted: set[tuple[str, int]] = set()

    def read_rows(self, table: Table) -> Iterator[JsonObject]:
        for row in self.reader.read_rows(table.file):
            self._progress.update()
            yield row

    def read_external_references(self) -> None:
        """Read the declared references to rows that the archive does not contain."""
        self._external_references = {
            (str(row.get("kind")), int(row.get("id", 0))): row for row in self.read_rows(EXTERNAL_REFERENCES)
        }

    def set_department(self, department: Department) -> None:
        """Set the department that is being restored, and its groups."""
        self.department = department
        rows = department.department_groups.select_related("group", "locale")
        self.groups = {group_key(row): row for row in rows}

    def map_id(self, model: type[Model], row: JsonObject, pk: int) -> None:
        """Map the id of an archived row to the new primary key. Raise ArchiveError for an invalid or duplicate id."""
        known, number = self._ids[reference_kind(model)], row.get("id")
        if not isinstance(number, int) or number in known:
            raise ArchiveError(
                _("The archive has %(model)s %(id)s twice, or without a number.")
                % {"model": reference_kind(model), "id": number}
            )
        known[number] = pk

    def mapped_id(self, model: type[Model], number: Any) -> int | None:
        """Return the new primary key of an archived id, or None."""
        return self._ids[reference_kind(model)].get(number)

    def external_reference(self, model: type[Model], number: Any) -> JsonObject | None:
        """Return the archive's description of a referenced row that it does not contain, or None."""
        return self._external_references.get((reference_kind(model), number))

    def resolve_reference(self, model: type[Model], number: int) -> int | None:
        """Return the new primary key of a reference, or None.

        A page outside the archive is found on this instance if the department co-holds it.
        """
        found = self.mapped_id(model, number)
        declared = self.external_reference(model, number)
        if found is None and declared is not None and issubclass(model, Page):
            return self._co_held_page(declared)
        return found

    def map_reference(self, model: type[Model], number: int) -> int | None:
        """Return the new primary key of a reference, or None (with a note) if it is declared as external.

        Raise ArchiveError for a reference that is neither in the archive nor declared.
        """
        reference, declared = (reference_kind(model), number), self.external_reference(model, number)
        found = self.resolve_reference(model, number)
        if found is None and declared is None:
            raise ArchiveError(
                _("The archive refers to %(kind)s %(number)s, which it does not hold.")
                % {"kind": reference[0], "number": number}
            )
        if found is None and declared is not None and reference not in self._noted:
            self._noted.add(reference)
            self.add_note(
                _("A reference to %(kind)s %(number)s of department %(code)s was taken out: it is not shared here.")
                % {"kind": reference[0], "number": number, "code": declared.get("department") or "–"}
            )
        return found

    def add_note(self, text: str) -> None:
        self.notes.append(text)

    def department_groups(self, keys: Any) -> list[DepartmentGroup]:
        """Return the groups of the department by their keys. Raise ArchiveError for an unknown role."""
        try:
            return [self.groups[key] for key in keys or []]
        except (KeyError, TypeError):
            raise ArchiveError(
                _("The archive names a role that is not known here: %(roles)s") % {"roles": keys}
            ) from None

    def locale_id(self, code: Any) -> int:
        """Return the primary key of a locale. Raise ArchiveError for an unknown language."""
        pk = self.natural_keys.primary_key(Locale, code)
        if pk is None:
            raise ArchiveError(_("The language “%(code)s” is not known here.") % {"code": code})
        return int(pk)

    def save_file(self, storage: Storage, folder: str, name: str, allowed_folder: str, target: str) -> str:
        """Copy a file of the archive to `target` in a storage; return its name there, another one if that is taken."""
        if not name.startswith(allowed_folder) or not self.reader.has_file(folder + name):
            raise ArchiveError(_("The archive does not hold the file “%(name)s”.") % {"name": name})
        with self.reader.open_file(folder + name) as content:
            saved_as = storage.save(target, File(content))
        self._saved_files.append((storage, saved_as))
        if saved_as != target:
            self.add_note(
                _("The file “%(name)s” is called “%(new)s” here: the name was taken.") % {"name": name, "new": saved_as}
            )
        return saved_as

    def delete_saved_files(self) -> None:
        """Delete the files that a failed import saved."""
        for storage, name in self._saved_files:
            storage.delete(name)

    def _co_held_page(self, declared: JsonObject) -> int | None:
        """Return the id of another department's page if the restored department co-holds it."""
        key, locale = declared.get("translation_key"), self.natural_keys.primary_key(Locale, declared.get("locale"))
        if key is None or locale is None:
            return None
        held = Sharing.objects.placed().filter(department=self.department, content_key=key)
        page = Page.objects.filter(translation_key__in=held.values("content_key"), locale=locale)
        return page.values_list("pk", flat=True).first()


def reset_id_sequence(model: type[Model]) -> None:
    """Reset the id sequence of a table, so that new rows get ids above the imported ones."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [model]):
            cursor.execute(statement)


def restore_automatic_times(instance: Model, fields: tuple[Field, ...], values: dict[str, Any]) -> None:
    """Set the `auto_now` and `auto_now_add` fields of a saved row to their archived values."""
    times = {
        field.name: values[field.attname]
        for field in fields
        if (getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False))
        and values.get(field.attname) is not None
    }
    if times:
        type(instance)._default_manager.filter(pk=instance.pk).update(**times)
