"""Reads and writes archives: a ZIP file or a folder with a manifest of checksums."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any

from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from sites.validation.incoming_text import refuse_control_characters

FORMAT = "department-archive"
FORMAT_VERSION = 1
MANIFEST_NAME = "manifest.json"
CHUNK_SIZE = 1024 * 1024
# Limits of bytes: of the manifest without its list of files, and of the entry of one file without its name.
MAXIMUM_MANIFEST_HEAD_SIZE = 64 * 1024
MAXIMUM_MANIFEST_ENTRY_SIZE = 160
# Limit of bytes of a part that is read whole: one row, or a small file of settings.
MAXIMUM_LINE_SIZE = 4 * 1024 * 1024
MAXIMUM_TOTAL_SIZE = 20 * 1024**3
# Content of pages has about twenty levels. Recursive functions process the values.
MAXIMUM_JSON_DEPTH = 100
# The earliest time of the ZIP format. A constant time makes archives of equal content equal.
ZIP_TIMESTAMP = (1980, 1, 1, 0, 0, 0)
SIGNATURE_SALT = "cms.archive"
COMPRESSED_EXTENSIONS = frozenset(
    {"jpg", "jpeg", "png", "webp", "gif", "avif", "mp4", "webm", "zip", "pdf", "docx", "xlsx", "pptx"}
)

# Raised by `zipfile` for damaged, encrypted and unknown entries.
READ_ERRORS = (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError)

JsonObject = dict[str, Any]


class ArchiveError(Exception):
    """Raised when an archive cannot be written, read or restored. The message is shown to the operator."""


class ControlCharacterError(ValueError):
    """Raised for a text of an archive with a control character. The message is shown to the operator."""


def to_json(value: Any) -> str:
    """Return the compact JSON of a value."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def from_json(text: str | bytes) -> Any:
    """Return the value of a JSON text.

    Raise ValueError for invalid JSON and more than MAXIMUM_JSON_DEPTH levels, and ControlCharacterError for a control
    character in a text, which forms refuse too.
    """
    try:
        value = json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    level = [value]
    for _depth in range(MAXIMUM_JSON_DEPTH + 1):
        for part in level:
            if isinstance(part, str):
                _refuse_control_characters(part)
        level = [child for part in level for child in _children(part)]
        if not level:
            return value
    raise ValueError("nested too deeply")


def _refuse_control_characters(text: str) -> None:
    try:
        refuse_control_characters(text)
    except ValidationError as error:
        raise ControlCharacterError(" ".join(error.messages)) from error


def _children(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


class ArchiveWriter:
    """A writer of one archive, used as a context manager.

    The archive is written under a temporary name and renamed when it is complete. A path that ends in `.zip` becomes
    one file, any other path a folder. Only the writing account may read it, because it holds personal data.
    Entering the context raises ArchiveError if the path exists.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._partial = path.with_name(path.name + ".partial")
        self._zip: zipfile.ZipFile | None = None
        self.files: dict[str, dict[str, Any]] = {}

    def __enter__(self) -> ArchiveWriter:
        if self.path.exists():
            raise ArchiveError(_("“%(path)s” is there already.") % {"path": self.path})
        _remove(self._partial)
        if self.path.suffix == ".zip":
            self._partial.parent.mkdir(parents=True, exist_ok=True)
            self._partial.touch(0o600)
            self._zip = zipfile.ZipFile(self._partial, "w", zipfile.ZIP_DEFLATED, allowZip64=True)
        else:
            self._partial.mkdir(parents=True, mode=0o700)
        return self

    def __exit__(self, kind: type[BaseException] | None, *details: object) -> None:
        if self._zip is not None:
            self._zip.close()
        if kind is None:
            self._partial.rename(self.path)
        else:
            _remove(self._partial)

    def write_rows(self, name: str, rows: Iterable[JsonObject]) -> int:
        """Write the rows as NDJSON, one JSON object per line; return their number."""
        count = 0
        with self._open(name) as write:
            for row in rows:
                write(to_json(row).encode() + b"\n")
                count += 1
        return count

    def write_text(self, name: str, parts: Iterable[str]) -> None:
        with self._open(name) as write:
            for part in parts:
                write(part.encode())

    def write_file(self, name: str, content: IO[bytes]) -> None:
        with self._open(name) as write:
            while chunk := content.read(CHUNK_SIZE):
                write(chunk)

    def finish(self, manifest: JsonObject) -> JsonObject:
        """Write the manifest with the signature of this instance, and return it."""
        manifest = {"format": FORMAT, "format_version": FORMAT_VERSION} | manifest | {"files": self.files}
        manifest["signature"] = signature_of(manifest)
        with self._open(MANIFEST_NAME, listed=False) as write:
            write(json.dumps(manifest, ensure_ascii=False, indent=1).encode())
        return manifest

    @contextmanager
    def _open(self, name: str, *, listed: bool = True) -> Iterator[Any]:
        if name in self.files or not is_safe_name(name):
            raise ArchiveError(_("“%(name)s” cannot be a file of an archive.") % {"name": name})
        digest, size = hashlib.sha256(), 0
        with self._entry(name) as entry:

            def write(chunk: bytes) -> None:
                nonlocal size
                entry.write(chunk)
                digest.update(chunk)
                size += len(chunk)

            yield write
        if listed:
            self.files[name] = {"size": size, "sha256": digest.hexdigest()}

    def _entry(self, name: str) -> IO[bytes]:
        if self._zip is None:
            file = self._partial / name
            file.parent.mkdir(parents=True, exist_ok=True)
            return file.open("xb")
        info = zipfile.ZipInfo(name, ZIP_TIMESTAMP)
        info.external_attr = (stat.S_IFREG | 0o600) << 16
        is_compressed = name.rpartition(".")[2].lower() in COMPRESSED_EXTENSIONS
        info.compress_type = zipfile.ZIP_STORED if is_compressed else zipfile.ZIP_DEFLATED
        return self._zip.open(info, "w", force_zip64=True)


class ArchiveReader:
    """A reader of one archive, used as a context manager. Call `verify` before any other method."""

    def __init__(self, path: Path, maximum_total: int = MAXIMUM_TOTAL_SIZE) -> None:
        self.path = path
        self._maximum_total = maximum_total
        self._zip: zipfile.ZipFile | None = None
        self.manifest: JsonObject = {}
        # Files and line numbers of the rows that are being processed, the innermost last.
        self._positions: list[list[Any]] = []

    def __enter__(self) -> ArchiveReader:
        if not self.path.exists():
            raise ArchiveError(_("There is no archive “%(path)s”.") % {"path": self.path})
        if not self.path.is_dir():
            try:
                self._zip = zipfile.ZipFile(self.path)
            except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
                raise ArchiveError(
                    _("“%(path)s” is not an archive: %(error)s") % _error_values(self.path, error)
                ) from error
        return self

    def __exit__(self, *details: object) -> None:
        if self._zip is not None:
            self._zip.close()

    def verify(self) -> JsonObject:
        """Check format, names, sizes and checksums; return the manifest. Raise ArchiveError for a difference."""
        present = self._list_files()
        if MANIFEST_NAME not in present:
            raise ArchiveError(_("The archive has no manifest.json."))
        manifest = self._read_manifest(present)
        listed: dict[str, JsonObject] = manifest["files"]
        unsafe = sorted(name for name in [*listed, *present] if not is_safe_name(name))
        if unsafe:
            raise ArchiveError(
                _("The archive has a file whose name leads out of it: “%(name)s”.") % {"name": unsafe[0]}
            )
        if unmatched := sorted(present.keys() ^ {MANIFEST_NAME, *listed}):
            raise ArchiveError(_("The archive and its manifest differ about “%(name)s”.") % {"name": unmatched[0]})
        if sum(present.values()) > self._maximum_total:
            raise ArchiveError(_("The archive is larger than %(size)s bytes.") % {"size": self._maximum_total})
        for name, entry in listed.items():
            if present[name] != entry["size"] or self._digest(name, entry["size"]) != entry["sha256"]:
                raise ArchiveError(_("“%(name)s” is not what the manifest says: it was changed.") % {"name": name})
        self.manifest = manifest
        return manifest

    @property
    def is_signed_by_this_instance(self) -> bool:
        """Return True if an instance with this SECRET_KEY signed the manifest, so that its data can be trusted."""
        signature = str(self.manifest.get("signature", ""))
        try:
            return constant_time_compare(signature, signature_of(self.manifest))
        except UnicodeEncodeError:  # JSON can escape half of a surrogate pair.
            return False

    @property
    def position(self) -> str:
        """The file and the line of the row that is being processed, or "" between two files."""
        if not self._positions:
            return ""
        name, number = self._positions[-1]
        return _("%(name)s, line %(number)s") % {"name": name, "number": number}

    def read_rows(self, name: str) -> Iterator[JsonObject]:
        """Yield the rows of an NDJSON file, or none if the file is missing. Raise ArchiveError for an invalid line.

        One row at a time is in memory. `position` names it while the caller processes it.
        """
        if name not in self.manifest["files"]:
            return
        position: list[Any] = [name, 0]
        self._positions.append(position)
        with self.open_file(name) as lines:
            while line := lines.readline(MAXIMUM_LINE_SIZE):
                position[1] += 1
                try:
                    row = from_json(line)
                except ControlCharacterError as error:
                    raise ArchiveError(str(error)) from error
                except ValueError:
                    row = None
                if not isinstance(row, dict):
                    raise ArchiveError(_("The line is not a JSON object, is too long or is nested too deeply."))
                yield row
        # Not in a `finally` block: after an error the position is that of the row at fault.
        self._positions.remove(position)

    def read_json(self, name: str) -> Any:
        """Return the value of a small JSON file. Raise ArchiveError if it is missing, too large or invalid."""
        if not self.has_file(name):
            raise ArchiveError(_("The archive has no %(name)s.") % {"name": name})
        with self.open_file(name) as content:
            text = content.read(MAXIMUM_LINE_SIZE + 1)
        try:
            return from_json(text if len(text) <= MAXIMUM_LINE_SIZE else b"")
        except ValueError as error:
            raise ArchiveError(_("“%(name)s” cannot be read.") % {"name": name}) from error

    def has_file(self, name: str) -> bool:
        return name in self.manifest["files"]

    def size_of(self, name: str) -> int:
        """Return the size of a file of the archive in bytes."""
        return int(self.manifest["files"][name]["size"])

    def open_file(self, name: str) -> IO[bytes]:
        if self._zip is None:
            return (self.path / name).open("rb")
        return self._zip.open(name)

    def _read_manifest(self, present: dict[str, int]) -> JsonObject:
        """Return the manifest. Its size, and so the memory that it needs, is limited by the number of present files."""
        maximum = MAXIMUM_MANIFEST_HEAD_SIZE + sum(
            len(to_json(name).encode()) + MAXIMUM_MANIFEST_ENTRY_SIZE for name in present
        )
        if present[MANIFEST_NAME] > maximum:
            raise ArchiveError(_("The manifest is larger than the list of the files in the archive."))
        try:
            with self.open_file(MANIFEST_NAME) as content:
                text = content.read(maximum + 1)
            manifest = from_json(text) if len(text) <= maximum else None
        except (ValueError, *READ_ERRORS):
            manifest = None
        if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
            raise ArchiveError(_("“%(path)s” is not the archive of a department.") % {"path": self.path})
        if manifest.get("format_version") != FORMAT_VERSION:
            raise ArchiveError(
                _("The archive has format version %(version)s; this instance reads %(known)s.")
                % {"version": manifest.get("format_version"), "known": FORMAT_VERSION}
            )
        files = manifest.get("files")
        is_complete = isinstance(files, dict) and all(
            isinstance(entry, dict) and isinstance(entry.get("size"), int) and isinstance(entry.get("sha256"), str)
            for entry in files.values()
        )
        if not is_complete:
            raise ArchiveError(_("The manifest does not list the files of the archive."))
        return manifest

    def _list_files(self) -> dict[str, int]:
        """Return file names and sizes. Raise ArchiveError for a symbolic link or a duplicate name."""
        files: dict[str, int] = {}
        if self._zip is None:
            entries = [(path, path.relative_to(self.path).as_posix()) for path in self.path.rglob("*")]
            links = [name for path, name in entries if path.is_symlink()]
            names = [name for path, name in entries if not path.is_dir()]
            sizes = [path.lstat().st_size for path, _name in entries if not path.is_dir()]
        else:
            infos = [info for info in self._zip.infolist() if not info.is_dir()]
            links = [info.filename for info in infos if stat.S_ISLNK(info.external_attr >> 16)]
            names, sizes = [info.filename for info in infos], [info.file_size for info in infos]
        for name, size in zip(names, sizes, strict=True):
            if name in links or name in files:
                raise ArchiveError(_("“%(name)s” is a link, or twice in the archive.") % {"name": name})
            files[name] = size
        return files

    def _digest(self, name: str, size: int) -> str:
        digest, read = hashlib.sha256(), 0
        try:
            with self.open_file(name) as content:
                while chunk := content.read(CHUNK_SIZE):
                    read += len(chunk)
                    if read > size:  # The entry is longer than its header declares.
                        return ""
                    digest.update(chunk)
        except READ_ERRORS:
            return ""
        return digest.hexdigest()


def is_safe_name(name: str) -> bool:
    """Return True if a file name is relative, normalised, and free of `..` and of characters that a system forbids."""
    parts = PurePosixPath(name).parts
    return (
        0 < len(name) <= 400
        and PurePosixPath(name).as_posix() == name
        and not name.startswith("/")
        and not {"..", "."} & set(parts)
        and not re.search(r'[\x00-\x1f\\:*?"<>|]', name)
    )


def signature_of(manifest: JsonObject) -> str:
    """Return the signature of a manifest by this instance. The checksums in the manifest cover the files."""
    signed = {key: value for key, value in manifest.items() if key != "signature"}
    return signing.Signer(salt=SIGNATURE_SALT).signature(json.dumps(signed, ensure_ascii=False, sort_keys=True))


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, or of the manifest of a folder, which covers the other files."""
    with (path / MANIFEST_NAME if path.is_dir() else path).open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _error_values(path: Path, error: Exception) -> dict[str, object]:
    return {"path": path, "error": error}
