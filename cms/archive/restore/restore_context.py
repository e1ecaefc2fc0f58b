"""What the steps of an import share: the archive, the new department, and which row here each row there became."""

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
    """One import. `notes` is what could not be restored as it was, for whoever runs it."""

    def __init__(self, reader: ArchiveReader, progress: Any, *, is_trusted: bool) -> None:
        self.reader = reader
        # Whether what the archive says of content shared with other departments is believed.
        self.is_trusted = is_trusted
        self.natural_keys = NaturalKeys()
        self.notes: list[str] = []
        self.department: Department
        self.groups: dict[str, DepartmentGroup] = {}
        # Keys of the contents that this import makes; nothing may be said of any other.
        self.own_keys: set[str] = set()
        self.known_keys: set[str] = set()
        self._ids: defaultdict[str, dict[int, int]] = defaultdict(dict)
        self._saved_files: list[tuple[Storage, str]] = []
        self._progress = progress
        self._outside: dict[tuple[str, int], JsonObject] = {}
        self._noted: set[tuple[str, int]] = set()

    def read_rows(self, table: Table) -> Iterator[JsonObject]:
        for row in self.reader.read_rows(table.file):
            self._progress.update()
            yield row

    def read_external_references(self) -> None:
        """Read what the archive says that it refers to and does not hold."""
        self._outside = {
            (str(row.get("kind")), int(row.get("id", 0))): row for row in self.read_rows(EXTERNAL_REFERENCES)
        }

    def set_department(self, department: Department) -> None:
        """Say which department is being restored."""
        self.department = department
        rows = department.department_groups.select_related("group", "locale")
        self.groups = {group_key(row): row for row in rows}

    def map_id(self, model: type[Model], row: JsonObject, pk: int) -> None:
        """Say which row here an archive's row has become. Raises an error for a number that is none, or given twice."""
        known, number = self._ids[reference_kind(model)], row.get("id")
        if not isinstance(number, int) or number in known:
            raise ArchiveError(
                _("The archive has %(model)s %(id)s twice, or without a number.")
                % {"model": reference_kind(model), "id": number}
            )
        known[number] = pk

    @staticmethod
    def is_id_free(model: type[Model], number: Any) -> bool:
        """Whether a row here can have a number of the archive."""
        is_number = isinstance(number, int) and 0 < number < 2**53
        return is_number and not model._default_manager.filter(pk=number).exists()

    def mapped_id(self, model: type[Model], number: Any) -> int | None:
        """Return what a number of the archive has become here, or None."""
        return self._ids[reference_kind(model)].get(number)

    def external_reference(self, model: type[Model], number: Any) -> JsonObject | None:
        """Return what the archive says of something that it refers to and does not hold, or None."""
        return self._outside.get((reference_kind(model), number))

    def resolve_reference(self, model: type[Model], number: int) -> int | None:
        """Return the key here of what the archive refers to; None when that is neither restored nor held here."""
        found = self.mapped_id(model, number)
        declared = self.external_reference(model, number)
        if found is None and declared is not None and issubclass(model, Page):
            return self._co_held_page(declared)
        return found

    def map_reference(self, model: type[Model], number: int) -> int | None:
        """Return the key here of what the archive refers to; None when it is declared as outside and is not here.

        Raises ArchiveError, naming it, for a reference to anything that is neither in the archive nor declared.
        """
        place, declared = (reference_kind(model), number), self.external_reference(model, number)
        found = self.resolve_reference(model, number)
        if found is None and declared is None:
            raise ArchiveError(
                _("The archive refers to %(kind)s %(number)s, which it does not hold.")
                % {"kind": place[0], "number": number}
            )
        if found is None and declared is not None and place not in self._noted:
            self._noted.add(place)
            self.add_note(
                _("A reference to %(kind)s %(number)s of department %(code)s was taken out: it is not shared here.")
                % {"kind": place[0], "number": number, "code": declared.get("department") or "–"}
            )
        return found

    def add_note(self, text: str) -> None:
        self.notes.append(text)

    def department_groups(self, keys: Any) -> list[DepartmentGroup]:
        """Return the new department's groups. Raises ArchiveError for a role that it does not have."""
        try:
            return [self.groups[key] for key in keys or []]
        except (KeyError, TypeError):
            raise ArchiveError(
                _("The archive names a role that is not known here: %(roles)s") % {"roles": keys}
            ) from None

    def locale_id(self, code: Any) -> int:
        """Return the key of a language. Raises ArchiveError for one that the instance does not have."""
        pk = self.natural_keys.primary_key(Locale, code)
        if pk is None:
            raise ArchiveError(_("The language “%(code)s” is not known here.") % {"code": code})
        return int(pk)

    def save_file(self, storage: Storage, folder: str, name: str, allowed_folder: str) -> str:
        """Copy a file of the archive into a storage; return the name that it got there, its own unless taken."""
        if not name.startswith(allowed_folder) or not self.reader.has_file(folder + name):
            raise ArchiveError(_("The archive does not hold the file “%(name)s”.") % {"name": name})
        with self.reader.open_file(folder + name) as content:
            saved_as = storage.save(name, File(content))
        self._saved_files.append((storage, saved_as))
        if saved_as != name:
            self.add_note(
                _("The file “%(name)s” is called “%(new)s” here: the name was taken.") % {"name": name, "new": saved_as}
            )
        return saved_as

    def delete_saved_files(self) -> None:
        """Take away the files of an import that failed."""
        for storage, name in self._saved_files:
            storage.delete(name)

    def _co_held_page(self, declared: JsonObject) -> int | None:
        """Return another department's page if the restored one holds it together with its owner."""
        key, locale = declared.get("translation_key"), self.natural_keys.primary_key(Locale, declared.get("locale"))
        if key is None or locale is None:
            return None
        held = Sharing.objects.placed().filter(department=self.department, content_key=key)
        page = Page.objects.filter(translation_key__in=held.values("content_key"), locale=locale)
        return page.values_list("pk", flat=True).first()


def reset_id_sequence(model: type[Model]) -> None:
    """Have the database give new rows numbers above those that an import has kept."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [model]):
            cursor.execute(statement)


def restore_automatic_times(instance: Model, fields: tuple[Field, ...], values: dict[str, Any]) -> None:
    """Give a saved row the times that Django sets by itself at saving."""
    times = {
        field.name: values[field.attname]
        for field in fields
        if (getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False))
        and values.get(field.attname) is not None
    }
    if times:
        type(instance)._default_manager.filter(pk=instance.pk).update(**times)
