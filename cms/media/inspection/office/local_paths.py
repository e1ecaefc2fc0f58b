"""Paths of the author's machine in documents: links, sources of pictures and of data, descriptions, and field codes.

Such a path often holds the name of an account. Nobody else can follow it, so only the name of the file is kept.
"""

from __future__ import annotations

import re

from lxml import etree

# Folders of Unix and macOS that hold those of people, and of disks.
_TOP_FOLDERS = ("home", "Users", "root", "Volumes", "media", "mnt", "private")
# The beginning of a path of Windows, of a share, of Unix or macOS, and of the URL of each. LibreOffice also writes
# paths that go up from the folder of the document, and PDF files write "/C/" for a drive.
_START = (
    r"(?:file:/*|[A-Za-z]:[\\/](?!/)|\\\\[\w.$-]+\\|/(?:" + "|".join(_TOP_FOLDERS) + r")/|/[A-Za-z]:?/"
    r"|(?:\.\./){2,})"
)
_PATH = re.compile(rf"{_START}(?:.*[\\/])?", re.DOTALL)
# In a field code (ECMA-376, part 1, 17.16), where a backslash is doubled, and in the settings of a connection.
_INNER_PATH = re.compile(rf"""(?<=["'\s=])(?:{_START}|[A-Za-z]:\\\\)(?:[^"';=]*[\\/])?""")
_TRACES = (b"file:/", b":\\", b"\\\\", b"../../", *(f"/{each}/".encode() for each in _TOP_FOLDERS))
_TRACES_OF_DRIVES = re.compile(rb"""["']/?[A-Za-z]:?/""")
_WITH_INNER_PATHS = frozenset(("instr", "connection", "command"))
_FIELD_CODES = frozenset(("instrText", "delInstrText"))
# In web pages and RTF files, where the path of a field code stands in quotation marks.
FOLDER = b"file:///C:/a"  # in place of a folder of the author's machine
_URL_FOLDER = re.compile(rb"""file:/{1,5}(?:[^\s"'<>{}]*/)?""", re.IGNORECASE)
_RTF_PATH = re.compile(
    rb'(?P<field>\\fldinst\b[^{}"]{0,200}"|\b(?:HYPERLINK|INCLUDEPICTURE|INCLUDETEXT|LINK)\s[^{}"]{0,200}")'
    rb"(?:file:/+|[A-Za-z]:(?:\\\\|/)|\\\\\\\\)(?:[^{}\"]*(?:\\\\|/))?"
)


def without_folder(path: str) -> str:
    """Return the name of the file at a path of a machine; any other text as it is."""
    return _PATH.sub("", path, count=1) if _PATH.match(path) else path


def has_local_path(data: bytes) -> bool:
    """Return True for each part of XML that `remove_local_paths` changes, and for some others."""
    return any(each in data for each in _TRACES) or _TRACES_OF_DRIVES.search(data) is not None


def remove_local_paths(root: etree._Element) -> bool:
    """Keep only the names of files in attributes and field codes of XML; return True if there are any paths.

    Visible text stays as it is.
    """
    is_changed = False
    for element in root.iter(etree.Element):
        for key, value in element.attrib.items():
            name = etree.QName(key).localname
            found = _INNER_PATH.sub("", value) if name in _WITH_INNER_PATHS else without_folder(value)
            if found != value:
                element.set(key, found)
                is_changed = True
        if element.text and etree.QName(element).localname in _FIELD_CODES:
            found = _INNER_PATH.sub("", element.text)
            if found != element.text:
                element.text, is_changed = found, True
    return is_changed


def without_folders_of_urls(page: bytes) -> bytes:
    """Return a web page whose URLs of local files all name the same folder, as those of web archives do."""
    return _URL_FOLDER.sub(FOLDER + b"/", page)


def without_folders_of_fields(text: bytes) -> bytes:
    """Return an RTF file whose field codes name local files without their folders."""
    return _RTF_PATH.sub(lambda found: found["field"], text)
