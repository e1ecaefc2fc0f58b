"""A writer of small OLE compound files (MS-CFB, version 3), and objects of which such files and RTF files consist."""

import struct
from pathlib import Path

SECTOR, MINI_SECTOR, CUTOFF = 512, 64, 4096
END, FREE, FAT_SECTOR, NONE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD, 0xFFFFFFFF
ENTRY = "<64sHBBIII16sIQQIII"
# Made by LibreOffice 7.4 from a text with a comment and a tracked change, and a sheet with a note, all by MARK.
SAMPLES = Path(__file__).parent / "samples"


def compound_file(streams):
    """Return a compound file with streams, by name; the unused sector at its end holds the bytes of `streams[None]`."""
    streams = dict(streams)
    unused = streams.pop(None, b"").ljust(SECTOR, b"\0")
    sectors, fat, mini, mini_fat, placed = [], [], b"", [], {}

    def store(data):
        """Write data into new sectors and return the number of the first one."""
        first, number = len(sectors), -(-len(data) // SECTOR)
        sectors.extend(data[at : at + SECTOR].ljust(SECTOR, b"\0") for at in range(0, len(data), SECTOR))
        fat.extend([*range(first + 1, first + number), END])
        return first

    for name, data in streams.items():
        if len(data) >= CUTOFF:
            placed[name] = store(data)
            continue
        first, number = len(mini_fat), -(-len(data) // MINI_SECTOR)
        placed[name] = first
        mini += data.ljust(number * MINI_SECTOR, b"\0")
        mini_fat.extend([*range(first + 1, first + number), END])
    mini_start = store(mini) if mini else END
    mini_fat_start = store(struct.pack(f"<{len(mini_fat)}I", *mini_fat).ljust(SECTOR, b"\xff")) if mini else END
    names = sorted(streams, key=lambda name: (len(name), name.upper()))
    entries = [_entry("Root Entry", 5, mini_start, len(mini), child=1 if names else NONE)]
    for number, name in enumerate(names, 1):
        right = number + 1 if number < len(names) else NONE
        entries.append(_entry(name, 2, placed[name], len(streams[name]), right=right))
    directory = store(b"".join(entries))
    sectors.append(unused)
    fat += [FREE, FAT_SECTOR]
    fat_start = len(sectors)
    header = struct.pack(
        "<8s16sHHHHHHIIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6, 0, 0, 0, 1,
        directory, 0, CUTOFF, mini_fat_start, 1 if mini else 0, END, 0,
    ) + struct.pack("<109I", fat_start, *[FREE] * 108)  # fmt: skip
    return header + b"".join(sectors) + struct.pack(f"<{len(fat)}I", *fat).ljust(SECTOR, b"\xff")


def _entry(name, kind, start, size, *, right=NONE, child=NONE):
    wide = name.encode("utf-16-le")
    return struct.pack(ENTRY, wide, len(wide) + 2, kind, 1, NONE, right, child, b"", 0, 0, 0, start, size, 0)


def property_set(text):
    """Return a summary with a title and an author (MS-OLEPS)."""
    value = text.encode("cp1252") + b"\0"
    value = struct.pack("<II", 30, len(value)) + value.ljust(-(-len(value) // 4) * 4, b"\0")
    body = struct.pack("<IIII", 2, 24, 4, 24 + len(value)) + value + value
    section = struct.pack("<II", len(body) + 8, 2) + body
    return struct.pack("<HHI16sI16sI", 0xFFFE, 0, 0, b"", 1, b"\xe0\x85\x9f\xf2" + bytes(12), 48) + section


def package(folder, content):
    """Return the packager's copy of a file that was in a folder (a stream `Ole10Native` after four bytes)."""
    path = f"{folder}\\a.bin".encode("cp1252")
    temporary = path + b"\0"
    return b"".join((
        struct.pack("<H", 2), path, b"\0", path, b"\0", struct.pack("<HH", 0, 3), _sized(temporary), _sized(content),
        struct.pack("<I", len(path)), path.decode("cp1252").encode("utf-16-le"),
    ))  # fmt: skip


def embedded(kind, content):
    """Return an embedded object of OLE 1, as in an RTF file."""
    return struct.pack("<II", 0x501, 2) + _sized(kind + b"\0") + _sized(b"") + _sized(b"") + _sized(content)


def link(folder):
    """Return a linked object of OLE 1, with the path of its file."""
    names = _sized(b"Excel.Sheet.8\0") + _sized(f"{folder}\\a.xls".encode("cp1252") + b"\0") + _sized(b"T!R1C1\0")
    return struct.pack("<II", 0x501, 1) + names + _sized(b"\\\\host\\share\0") + bytes(8)


def _sized(data):
    return struct.pack("<I", len(data)) + data
