"""Imports a department from its archive in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction
from django.utils.translation import gettext as _
from tqdm import tqdm
from wagtail.models import Page, Site

from cms.archive.archive_file import MAXIMUM_TOTAL_SIZE, ArchiveError, ArchiveReader, JsonObject
from cms.archive.tables import TRANSLATION_RULES
from cms.delivery.publisher import process_refresh_requests
from cms.media.models import CustomImage
from cms.media.uploads.storage_quota import counted_before
from sites.lifecycle.deletion_protection import retirement
from sites.lifecycle.language_fallbacks import set_fallbacks
from sites.lifecycle.provisioning import create_department
from sites.models import Department

from .localize_state import restore_translations
from .media_files import restore_media
from .own_copies import restore_copies
from .page_tree import PageRestorer
from .permissions_and_workflows import (
    restore_accounts,
    restore_promotions,
    restore_redirects,
    restore_sharings,
    restore_workflows,
)
from .published_documents import differing_documents, restore_documents
from .restore_context import RestoreContext
from .row_validation import shorten_texts, validation_message
from .shared_snippets import restore_snippets
from .storage_demand import refuse_too_many_bytes

SETTINGS_NAME = "department.json"
# Raised by functions and databases for values of another type or range.
UNEXPECTED_VALUES = (
    AttributeError,
    KeyError,
    TypeError,
    ValueError,
    OverflowError,
    RecursionError,
    DataError,
    IntegrityError,
)
CONTACT_FIELDS = ("contact_email", "contact_phone", "contact_address", "primary_colour", "accent_colour")


@dataclass(frozen=True)
class ImportResult:
    """The result of an import.

    `invitations` are the links, by e-mail address, with which people get their roles. `notes` are messages about data
    that could not be restored unchanged. `differing` lists the paths of documents that differ from the archive.
    """

    department: Department
    invitations: dict[str, str]
    notes: list[str]
    differing: list[str]


def import_department(
    path: Path,
    *,
    hostname: str = "",
    port: int | None = None,
    trust: bool = False,
    maximum_total: int = MAXIMUM_TOTAL_SIZE,
    progress: Any = None,
) -> ImportResult:
    """Restore a department and return the result. `hostname` and `port` replace those of the archive.

    Sharings with other departments are restored only if this instance signed the archive, or with `trust`.

    Raise ArchiveError, and create no row and no file, if the archive was changed, conflicts with this instance (code,
    slug, host name, language), has too many bytes of files for the quota or the disk, or has a reference to a row that
    it neither contains nor declares as external.
    """
    with ArchiveReader(path, maximum_total) as reader:
        manifest = reader.verify()
        settings = _read_settings(reader)
        settings["hostname"] = hostname or settings["hostname"]
        settings["port"] = port or settings["port"]
        with tqdm(total=_total_rows(manifest), unit="row", file=progress, disable=progress is None) as bar:
            context = RestoreContext(reader, bar, is_trusted=trust or reader.is_signed_by_this_instance)
            commits: list[bool] = []
            try:
                with transaction.atomic(), counted_before():
                    transaction.on_commit(lambda: commits.append(True))
                    invitations = _restore(context, settings)
            except BaseException:
                # Work after the commit may fail too: then the rows are stored, and name these files.
                if not commits:
                    context.delete_saved_files()
                raise
        process_refresh_requests(retry_failed=True)
        same_address = not hostname and port is None
        differing = differing_documents(context) if same_address else []
        return ImportResult(context.department, invitations, context.notes, differing)


def _restore(context: RestoreContext, settings: JsonObject) -> dict[str, str]:
    try:
        context.read_external_references()
        _check_conflicts(settings)
        refuse_too_many_bytes(context.reader, is_trusted=context.is_trusted)
        logo, fallbacks = settings.pop("logo", None), settings.pop("fallbacks")
        context.set_department(create_department(**settings))
        shorten_texts(context, context.department)
        context.department.save()
        set_fallbacks(context.department, fallbacks)
        invitations = restore_accounts(context)
        restore_media(context)
        if logo is not None:
            context.department.logo_id = context.map_reference(CustomImage, logo)
            context.department.save(update_fields=["logo"])
        restore_snippets(context)
        pages = PageRestorer(context)
        # Deletion protection would refuse a home that is offline; `check_departments` reports it.
        with retirement(context.department):
            pages.create_pages()
        restore_sharings(context)
        pages.restore_revisions()
        restore_translations(context)
        pages.set_references()
        restore_copies(context)
        pages.restore_restrictions()
        restore_redirects(context)
        restore_promotions(context)
        restore_workflows(context)
        pages.check_pages()
        restore_documents(context)
    except ArchiveError as error:
        raise _at_position(context, str(error)) from error
    except ValidationError as error:
        raise _at_position(context, validation_message(error)) from error
    except UNEXPECTED_VALUES as error:
        raise _at_position(context, _("The archive cannot be read: %(error)r") % {"error": error}) from error
    return invitations


def _at_position(context: RestoreContext, message: str) -> ArchiveError:
    """Return an error that names the file and the line of the row that was processed."""
    position = context.reader.position
    return ArchiveError(f"{position}: {message}" if position else message)


def _read_settings(reader: ArchiveReader) -> JsonObject:
    loaded = reader.read_json(SETTINGS_NAME)
    texts = ("code", "name", "slug", "hostname", "source", *CONTACT_FIELDS)
    wanted = dict.fromkeys(texts, str) | {"port": int, "locales": list}
    for name, kind in wanted.items():
        value = loaded.get(name) if isinstance(loaded, dict) else None
        # A boolean is an integer in Python.
        if not isinstance(value, kind) or isinstance(value, bool):
            raise ArchiveError(
                _("“%(name)s” lacks “%(what)s”, or has it in another form.") % {"name": SETTINGS_NAME, "what": name}
            )
    # Archives of older versions have no fallbacks.
    fallbacks = loaded.get("fallbacks", {})
    if not isinstance(fallbacks, dict) or not all(isinstance(code, str) for code in fallbacks.values()):
        raise ArchiveError(
            _("“%(name)s” lacks “%(what)s”, or has it in another form.") % {"name": SETTINGS_NAME, "what": "fallbacks"}
        )
    rules = {name: loaded.get(name) is True for name in TRANSLATION_RULES}
    return {name: loaded[name] for name in wanted} | rules | {"logo": loaded.get("logo"), "fallbacks": fallbacks}


def _check_conflicts(settings: JsonObject) -> None:
    taken = {
        "code": Department.objects.filter(code=settings["code"]),
        "slug": Department.objects.filter(slug=settings["slug"]),
        "hostname": Site.objects.filter(hostname=settings["hostname"], port=settings["port"]),
    }
    for name, rows in taken.items():
        if rows.exists():
            raise ArchiveError(
                _("%(name)s “%(value)s” is taken on this instance.") % {"name": name, "value": settings[name]}
            )
    if Page.objects.filter(depth=2, slug=settings["slug"]).exists():
        raise ArchiveError(
            _("%(name)s “%(value)s” is taken on this instance.") % {"name": "slug", "value": settings["slug"]}
        )


def _total_rows(manifest: JsonObject) -> int:
    counts = manifest.get("counts")
    return sum(number for number in counts.values() if isinstance(number, int)) if isinstance(counts, dict) else 0
