"""Reads a TOML manifest of departments and provisions them."""

from __future__ import annotations

import copy
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.validators import validate_email
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.images.forms import get_image_form
from wagtail.utils.file import hash_filelike

from cms.media.models import CustomImage
from sites.lifecycle.inventory import inventory
from sites.lifecycle.provisioning import create_department
from sites.members import membership
from sites.models import Department
from sites.validation.incoming_text import decode_utf8, refuse_control_characters_in
from sites.validation.unreadable_files import reason_of

REQUIRED_KEYS: dict[str, type] = {"code": str, "name": str, "host": str, "locales": list}
OPTIONAL_KEYS: dict[str, type] = {
    "slug": str,
    "port": int,
    "source": str,
    "contact_email": str,
    "contact_phone": str,
    "contact_address": str,
    "primary_colour": str,
    "accent_colour": str,
    "logo": str,
    "administrators": list,
}
EXPECTED = {
    str: gettext_lazy("a text is expected"),
    int: gettext_lazy("a number is expected"),
    list: gettext_lazy("a list is expected"),
}
KEYS = REQUIRED_KEYS | OPTIONAL_KEYS
HTTPS = 443
# Larger than a manifest of all départements.
MAXIMUM_SIZE = 1024 * 1024
# Manifest keys of fields that provisioning names differently.
MANIFEST_KEY_NAMES = {"hostname": "host"}


TOML_LINE = re.compile(r"at line (\d+)")


class ManifestError(Exception):
    """Raised for an invalid manifest or value. The message names the key or the line, and the reason."""


@dataclass
class ProvisioningResult:
    """The parts of a department that were created and removed, the number of kept parts, and invitation links."""

    department: Department
    created: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    kept: int = 0
    links: dict[str, str] = field(default_factory=dict)


def read_manifest(path: Path) -> list[dict[str, Any]]:
    """Return the records of a manifest. Raise ManifestError that names the file, the department and the key."""
    try:
        with path.open("rb") as stream:
            data = stream.read(MAXIMUM_SIZE + 1)
        if len(data) > MAXIMUM_SIZE:
            reason = _("the file is larger than %(number)s bytes") % {"number": MAXIMUM_SIZE}
            raise ManifestError(f"{path}: {reason}")
        text = decode_utf8(data)
        content = tomllib.loads(text)
        refuse_control_characters_in(content)
    except OSError as error:
        raise ManifestError(f"{path}: {reason_of(error)}") from error
    except ValidationError as error:
        raise ManifestError(f"{path}: {' '.join(error.messages)}") from error
    except tomllib.TOMLDecodeError as error:
        raise ManifestError(f"{path}: {_toml_message(error, text)}") from error
    except RecursionError:
        raise ManifestError(f"{path}: " + _("the values are nested too deeply")) from None
    records = content.pop("department", None)
    if content:
        raise ManifestError(f"{path}: {_unknown_key(next(iter(content)), ['department'])}")
    if not isinstance(records, list) or not records or not all(isinstance(each, dict) for each in records):
        raise ManifestError(f"{path}: " + _("there is no [[department]]"))
    for number, record in enumerate(records, start=1):
        if problem := _record_error(record):
            raise ManifestError(f"{path}: {_in_department(record.get('code', number), problem)}")
        if "logo" in record:
            record["logo"] = path.parent / record["logo"]
    codes = [record["code"] for record in records]
    if duplicate := next((code for code in codes if codes.count(code) > 1), None):
        problem = _("code: it is there twice")
        raise ManifestError(f"{path}: {_in_department(duplicate, problem)}")
    return records


@transaction.atomic
def provision_departments(records: list[dict[str, Any]], manifest: Path | None = None) -> list[ProvisioningResult]:
    """Create or complete the departments of the records, all of them or none.

    Raise ManifestError for an invalid value. The message names the key and, if the path of a manifest is given, the
    manifest and the department.
    """
    results = []
    for record in records:
        try:
            results.append(_provision_department(record))
        except ManifestError as error:
            if manifest is None:
                raise
            raise ManifestError(f"{manifest}: {_in_department(record['code'], str(error))}") from error
    return results


def _provision_department(record: dict[str, Any]) -> ProvisioningResult:
    values = {name: value for name, value in record.items() if name not in {"host", "logo", "administrators"}}
    known = Department.objects.filter(code=record["code"]).select_related("site").first()
    port = known.site.port if known else HTTPS
    values = {"slug": slugify(record["name"]), "port": port, "source": record["locales"][0]} | values
    before = inventory(known)
    for email in record.get("administrators", []):
        try:
            validate_email(email)
        except ValidationError:
            message = _("administrators: “%(email)s” is no e-mail address")
            raise ManifestError(message % {"email": email}) from None
    try:
        department = create_department(hostname=record["host"], **values)
        if "logo" in record:
            _ensure_logo(department, record["logo"])
    except ValidationError as refusal:
        raise ManifestError(_validation_message(refusal)) from refusal
    after = inventory(department)
    links = {email: link for email in record.get("administrators", []) if (link := _invite(department, email))}
    return ProvisioningResult(
        department,
        created=[line for line in after if line not in before],
        removed=[line for line in before if line not in after],
        kept=len([line for line in after if line in before]),
        links=links,
    )


def _record_error(record: dict[str, Any]) -> str:
    for key, value in record.items():
        if key not in KEYS:
            return _unknown_key(key, KEYS)
        # A boolean is an integer in Python.
        if not isinstance(value, KEYS[key]) or isinstance(value, bool):
            return f"{key}: {EXPECTED[KEYS[key]]}"
        if isinstance(value, list) and not all(isinstance(each, str) for each in value):
            return f"{key}: " + _("a list of texts is expected")
    if missing := next((key for key in REQUIRED_KEYS if not record.get(key)), ""):
        return f"{missing}: " + _("it is missing")
    return ""


def _unknown_key(key: str, known: Iterable[str]) -> str:
    return _("unknown key “%(key)s”; known: %(keys)s") % {"key": key, "keys": ", ".join(known)}


def _in_department(code: object, problem: str) -> str:
    """Return the problem with the department, which is named by its code or by its number in the manifest."""
    return _("department %(code)s: %(problem)s") % {"code": code, "problem": problem}


def _toml_message(error: tomllib.TOMLDecodeError, text: str) -> str:
    """Return the line that the parser names with our reason: the parser's own reasons are for programmers."""
    match = TOML_LINE.search(str(error))
    line = int(match[1]) if match else len(text.rstrip().splitlines())
    if "overwrite" in str(error) or "twice" in str(error):
        return _("line %(line)s: this key is there twice.") % {"line": line}
    return _(
        "line %(line)s is not TOML. Each line is [[department]] or key = value, texts are in quotation marks, and each "
        "bracket is closed."
    ) % {"line": line}


def _validation_message(refusal: ValidationError) -> str:
    if not hasattr(refusal, "error_dict"):
        return " ".join(refusal.messages)
    return "; ".join(
        f"{MANIFEST_KEY_NAMES.get(key, key)}: {' '.join(texts)}" for key, texts in refusal.message_dict.items()
    )


def _ensure_logo(department: Department, path: Path) -> None:
    """Set the logo of the department from a file, unless its logo has the same bytes."""
    try:
        with path.open("rb") as stream:
            title = f"Logo {department.name}"
            image = CustomImage(title=title, description=title, collection=department.collection)
            image.file = File(stream, name=path.name)
            image.full_clean()
            copy.deepcopy(get_image_form(CustomImage).base_fields["file"]).clean(image.file)
            stream.seek(0)
            if department.logo is not None and department.logo.get_file_hash() == hash_filelike(stream):
                return
            image.save()
    except OSError as error:
        raise ValidationError({"logo": f"{path}: {reason_of(error)}"}) from error
    except ValidationError as error:
        raise ValidationError({"logo": f"{path}: {' '.join(error.messages)}"}) from error
    department.logo = image
    department.save()


def _invite(department: Department, email: str) -> str:
    """Invite an administrator and return the link, or "" for a member or an open invitation."""
    administrators = department.department_groups.filter(role=membership.ADMINISTRATOR)
    existing = membership.members_of(department).filter(
        email__iexact=email, groups__department_group__in=administrators
    )
    if existing.exists() or department.invitations.open().filter(email=email.lower()).exists():
        return ""
    _invitation, link = membership.invite(department, email, [each.group for each in administrators])
    return link
