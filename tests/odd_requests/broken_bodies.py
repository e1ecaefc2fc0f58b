"""Bodies that no browser sends: broken multipart forms, and content that is not what its type says."""

from __future__ import annotations

BOUNDARY = "limit"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


def _parts(*parts: str | bytes, end: bool = True) -> bytes:
    """Return a multipart body of these parts, each with its headers."""
    body = b""
    for part in parts:
        body += f"--{BOUNDARY}\r\n".encode() + (part.encode() if isinstance(part, str) else part) + b"\r\n"
    return body + (f"--{BOUNDARY}--\r\n".encode() if end else b"")


def _field(name: str, value: str = "x", *headers: str) -> str:
    lines = [f'Content-Disposition: form-data; name="{name}"', *headers]
    return "\r\n".join(lines) + f"\r\n\r\n{value}"


def _file(disposition: str, *headers: str) -> str:
    lines = [f'Content-Disposition: form-data; name="file"; {disposition}', *headers]
    return "\r\n".join(lines) + "\r\n\r\ncontent"


# Content-Type and body by what is wrong.
BODIES: dict[str, tuple[str, bytes]] = {
    "no boundary": ("multipart/form-data", _parts(_field("a"))),
    "empty boundary": ("multipart/form-data; boundary=", _parts(_field("a"))),
    "long boundary": (f"multipart/form-data; boundary={'x' * 250}", _parts(_field("a"))),
    "boundary of other bytes": ("multipart/form-data; boundary=\xe9\xff", _parts(_field("a"))),
    "quoted boundary without end": ('multipart/form-data; boundary="limit', _parts(_field("a"))),
    "other boundary": ("multipart/form-data; boundary=other", _parts(_field("a"))),
    "empty body": (MULTIPART, b""),
    "no part": (MULTIPART, f"--{BOUNDARY}--\r\n".encode()),
    "only a boundary": (MULTIPART, f"--{BOUNDARY}".encode()),
    "no end": (MULTIPART, _parts(_field("a"), end=False)),
    "cut in a header": (MULTIPART, _parts(_field("a"))[:40]),
    "line feeds only": (MULTIPART, _parts(_field("a")).replace(b"\r\n", b"\n")),
    "part without headers": (MULTIPART, _parts("\r\nx", _field("a"))),
    "part without a name": (MULTIPART, _parts("Content-Disposition: form-data\r\n\r\nx")),
    "empty name": (MULTIPART, _parts(_field(""))),
    "NUL in a name": (MULTIPART, _parts(_field("a\0b"))),
    "NUL in a value": (MULTIPART, _parts(_field("title", "a\0b"))),
    "name that is not UTF-8": (MULTIPART, _parts(b'Content-Disposition: form-data; name="\xff"\r\n\r\n\xfe\xff')),
    "header without a colon": (MULTIPART, _parts("Content-Disposition\r\n\r\nx")),
    "disposition of nothing": (MULTIPART, _parts('Content-Disposition: ; name="a"\r\n\r\nx')),
    "wrong base64": (MULTIPART, _parts(_field("title", "***=", "Content-Transfer-Encoding: base64"))),
    "cut base64 of a file": (MULTIPART, _parts(_file('filename="a.png"', "Content-Transfer-Encoding: base64"))),
    "unknown transfer encoding": (MULTIPART, _parts(_field("a", "x", "Content-Transfer-Encoding: \xe9"))),
    "file without a name": (MULTIPART, _parts(_file('filename=""'))),
    "file named as a path": (MULTIPART, _parts(_file('filename="../../../etc/passwd"'))),
    "file named with NUL": (MULTIPART, _parts(_file('filename="a\0.png"'))),
    "file named by points": (MULTIPART, _parts(_file('filename=".."'))),
    "file with a long name": (MULTIPART, _parts(_file(f'filename="{"x" * 5000}.png"'))),
    "name of RFC 2231 in an unknown charset": (MULTIPART, _parts(_file("filename*=nothing''a.png"))),
    "name of RFC 2231 that is cut": (MULTIPART, _parts(_file("filename*=utf-8'"))),
    "name of RFC 2231 with wrong bytes": (MULTIPART, _parts(_file("filename*=utf-8''%ff%00.png"))),
    "unknown type of a file": (MULTIPART, _parts(_file('filename="a.png"', "Content-Type: ;;;/\xe9"))),
    "charset of a file": (MULTIPART, _parts(_file('filename="a.txt"', "Content-Type: text/plain; charset=hex"))),
    "nested multipart": (MULTIPART, _parts(_file("x", "Content-Type: multipart/mixed; boundary=inner"))),
    "two files of one name": (MULTIPART, _parts(_file('filename="a.png"'), _file('filename="b.png"'))),
    "a field as a file": (MULTIPART, _parts('Content-Disposition: form-data; name="title"; filename="a"\r\n\r\nx')),
    "thousands of fields": (FORM, b"&".join(b"a%d=1" % number for number in range(11_000))),
    "hundreds of parts": (MULTIPART, _parts(*(_field(f"a{number}") for number in range(300)))),
    "hundreds of files": (MULTIPART, _parts(*[_file('filename="a.png"')] * 150)),
    "wrong escapes": (FORM, b"title=%&a=%zz&=&&%00=%ff"),
    "bytes of no charset": (FORM, b"title=\xff\xfe\x00&\xe9=\xe9"),
    "JSON of nothing": (JSON, b""),
    "broken JSON": (JSON, b'{"a": '),
    "JSON of another type": (JSON, b"[1, null]"),
    "JSON of a lone surrogate": (JSON, b'{"locale": "\\ud800", "title": "\\udfff"}'),
    "JSON of a large number": (JSON, b'{"destination_page_id": 1e999, "revision_id": -0}'),
    "JSON that is not UTF-8": (JSON, b'{"a": "\xff"}'),
    "no type": ("", b"title=x"),
    "unknown type": ("application/x-nothing; a=\xe9", b"\x00\x01"),
    "XML": ("text/xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
}
