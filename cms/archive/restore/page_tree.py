"""Restores the page tree of a department, with revisions, schedules and view restrictions."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Field
from django.utils.translation import gettext as _
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page, Revision

from cms.archive import tables
from cms.archive.archive_file import ArchiveError, JsonObject
from cms.archive.row_serialization import archived_fields, deserialize_row, local_content
from cms.pages.checks import page_types
from cms.pages.models import DepartmentHomePage
from sites.access.foreign_references import foreign_fields
from sites.validation.links import refuse_harmful_links

from .restore_context import RestoreContext
from .row_validation import create_restriction, validate_live_page

_TREE_PATH = re.compile(f"([0-9A-Z]{{{Page.steplen}}})+")
# `Page.path` has 255 characters.
_MAXIMUM_DEPTH = 60


class PageRestorer:
    """A restorer of pages in two passes: `create_pages` gives each page an id, `set_references` sets its references."""

    def __init__(self, context: RestoreContext) -> None:
        self._context = context
        self._models = {model._meta.label_lower: model for model in page_types()}
        self._container = Page.objects.get(pk=context.department.container_id)
        self._children: Counter[str] = Counter()
        self._homes: dict[int, Page] = {}

    def create_pages(self) -> None:
        """Create all pages without references. Raise ArchiveError for an existing page or an invalid tree path."""
        self._move_provisional_homes()
        slugs: set[tuple[str, str]] = set()
        known_paths: set[str] = {""}
        for row in self._context.read_rows(tables.PAGES):
            tree_path = str(row.get("place", ""))
            parent = tree_path[: -Page.steplen]
            if (
                not _TREE_PATH.fullmatch(tree_path)
                or parent not in known_paths
                or tree_path in known_paths
                or len(known_paths) > 10**7
            ):
                raise ArchiveError(_("Page %(id)s of the archive has no place in its tree.") % {"id": row.get("id")})
            if len(tree_path) // Page.steplen > _MAXIMUM_DEPTH or (parent, row.get("slug")) in slugs:
                raise ArchiveError(
                    _("Page %(id)s of the archive: the address “%(slug)s” is given twice.")
                    % {"id": row.get("id"), "slug": row.get("slug")}
                )
            known_paths.add(tree_path)
            slugs.add((parent, str(row.get("slug"))))
            self._children[parent] += 1
            self._create_page(row, tree_path)
        for tree_path, number in self._children.items():
            Page.objects.filter(path=self._container.path + tree_path).update(numchild=number)
        # Homes of languages without a page in the archive remain, after the others.
        number_of_homes = Page.objects.child_of(self._container).count()
        Page.objects.filter(pk=self._container.pk).update(numchild=number_of_homes)

    def set_references(self) -> None:
        """Set the fields of all pages that refer to other rows."""
        for row in self._context.reader.read_rows(tables.PAGES.file):
            page = self._page(row)
            fields = [field for field in _page_fields(type(page)) if not _has_no_reference(field)]
            values = deserialize_row(type(page), row, fields, self._context.natural_keys, self._context.map_reference)
            values["draft_title"] = str(row.get("draft_title") or page.title)
            for name in ("latest_revision", "live_revision"):
                values[f"{name}_id"] = self._context.mapped_id(Revision, row.get(name))
            for name, value in values.items():
                setattr(page, name, value)
            page.save(clean=False, update_fields=list(values))

    def restore_revisions(self) -> None:
        page_type = ContentType.objects.get_for_model(Page)
        for row in self._context.read_rows(tables.REVISIONS):
            page = self._page({"id": row.get("page")})
            user = Revision._meta.get_field("user").related_model
            to_datetime = Revision._meta.get_field("created_at").to_python
            revision = Revision(
                content_type=page.content_type,
                base_content_type=page_type,
                object_id=str(page.pk),
                object_str=str(row.get("object_str", "")),
                user_id=self._context.natural_keys.primary_key(user, row.get("user")),
                created_at=to_datetime(row.get("created_at")),
                approved_go_live_at=to_datetime(row.get("approved_go_live_at")),
                content=local_content(
                    page, row.get("content") or {}, self._context.natural_keys, self._context.map_reference
                ),
            )
            revision.save()
            self._context.map_id(Revision, row, revision.pk)

    def restore_restrictions(self) -> None:
        for row in self._context.read_rows(tables.RESTRICTIONS):
            groups = [each.group for each in self._context.department_groups(row.get("groups"))]
            page = Page.objects.get(pk=self._page({"id": row.get("page")}).pk)
            create_restriction(row, groups, page)

    def check_pages(self) -> None:
        """Raise ArchiveError or ValidationError for a page or draft with a harmful link or a foreign reference.

        Also for an alias that is none.
        """
        department = self._context.department
        for row in self._context.reader.read_rows(tables.PAGES.file):
            page = self._page(row)
            _check_alias(page)
            if page.live:
                validate_live_page(self._context, page)
            versions = [page, page.get_latest_revision_as_object()] if page.has_unpublished_changes else [page]
            for version in versions:
                refuse_harmful_links(version)
                if names := foreign_fields(version, department):
                    raise ArchiveError(
                        _("“%(page)s” refers to content of another department in: %(names)s")
                        % {"page": page, "names": ", ".join(names)}
                    )

    def _move_provisional_homes(self) -> None:
        """Move the homes that provisioning created away from the tree paths of the archive."""
        for number, home in enumerate(DepartmentHomePage.objects.child_of(self._container)):
            home.path = f"{self._container.path}ZZ{number:02}"
            Page.objects.filter(pk=home.pk).update(path=home.path)
            home.latest_revision = home.live_revision = None
            home.save(clean=False, update_fields=["latest_revision", "live_revision"])
            home.revisions.all().delete()
            self._homes[home.locale_id] = home

    def _create_page(self, row: JsonObject, tree_path: str) -> None:
        context = self._context
        model = self._models.get(str(row.get("type")))
        is_home = len(tree_path) == Page.steplen
        if model is None or is_home != (model is DepartmentHomePage):
            raise ArchiveError(
                _("Page %(id)s of the archive: there is no page of type “%(type)s” here.")
                % {"id": row.get("id"), "type": row.get("type")}
            )
        fields = [field for field in _page_fields(model) if _has_no_reference(field)]
        values = deserialize_row(model, row, fields, context.natural_keys, context.map_reference)
        values["locale_id"] = context.locale_id(row.get("locale"))
        if is_home and values.get("slug") != str(row.get("locale")):
            raise ArchiveError(_("The home page has the slug “%(slug)s” instead of its language.") % values)
        key = str(values.get("translation_key"))
        home = self._homes.pop(values["locale_id"], None) if is_home else None
        taken = Page.objects.filter(translation_key=key, locale=values["locale_id"])
        if taken.exclude(pk=home.pk if home else None).exists():
            raise ArchiveError(
                _("“%(title)s” (%(key)s) is on this instance already.") % {"title": values.get("title"), "key": key}
            )
        page: Any = home or model()
        for name, value in values.items():
            setattr(page, name, value)
        page.path, page.numchild = self._container.path + tree_path, 0
        page.depth = self._container.depth + len(tree_path) // Page.steplen
        if home is not None:
            # `save` looks up the parent by path.
            Page.objects.filter(pk=page.pk).update(path=page.path, numchild=0)
        page.save(clean=False, log_action=None)
        context.map_id(Page, row, page.pk)
        context.own_keys.add(key)
        context.known_keys.add(key)

    def _page(self, row: JsonObject) -> Any:
        pk = self._context.mapped_id(Page, row.get("id"))
        if pk is None:
            raise ArchiveError(_("The archive has no page %(id)s.") % {"id": row.get("id")})
        return Page.objects.get(pk=pk).specific


def _check_alias(page: Page) -> None:
    """Raise ArchiveError for an alias of itself, through any number of others, or of a page of another type.

    Wagtail follows aliases without end: such a page could be neither withdrawn nor deleted.
    """
    seen, original = {page.pk}, page
    while original.alias_of_id is not None:
        original = original.alias_of
        if original.pk in seen or original.content_type_id != page.content_type_id:
            raise ArchiveError(_("“%(page)s” is not an alias of a page of its type.") % {"page": page})
        seen.add(original.pk)


def _page_fields(model: type[Page]) -> tuple[Field, ...]:
    return archived_fields(model, tables.PAGE_EXCLUDED_FIELDS)


def _has_no_reference(field: Field) -> bool:
    """Return True if values of the field cannot refer to other rows."""
    return not (field.is_relation or isinstance(field, StreamField | RichTextField))
