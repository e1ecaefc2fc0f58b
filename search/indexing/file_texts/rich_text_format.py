"""Plain text of RTF files (Rich Text Format 1.9.1), which Word files may include.

striprtf, the maintained library for this, leaves out footnotes, text boxes and headers, reads hidden and deleted text,
and adds the URLs of links. This reader treats RTF as `word_documents` treats DOCX.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from .office_documents import names

MARK = b"{\\rtf"
# A control word with its number, a byte in hexadecimal digits, a control symbol, a brace, a line break, or text.
TOKEN = re.compile(
    rb"\\([A-Za-z]{1,32})(-?[0-9]{1,10})? ?|\\'([0-9A-Fa-f]{2})|\\(.)|([{}])|[\r\n]+|[^\\{}\r\n]+", re.DOTALL
)
UNREAD_TEXT = re.compile(rb"[^\\{}]*")
# Words, braces and texts that are read of a file: far more than MAX_CHARACTERS of text have, and seconds of work.
MAX_TOKENS = 400_000
# Groups inside each other. No program writes as many, and each takes memory.
MAX_GROUPS = 1_000
# Characters after which the text of the page is passed on, and those that are read of one note, text box or margin.
PORTION, MAX_PASSAGE = 100_000, 1_000_000
# Notes and text boxes inside each other, each of which is copied into the outer one. Deeper ones are read as a part of
# the outer one. No program writes as many.
MAX_PASSAGES = 10

# How the words of a group are read: as text, as fonts, or not at all. PARTS: only groups of RESUMED inside are read, as
# in a shape and in a text in two encodings. NAME and VALUE are those of a property of a shape.
TEXT, FONTS, NOTHING, PARTS, NAME, VALUE = "text", "fonts", "nothing", "parts", "sn", "sv"
BOXES = names("shptxt dptxbxtext")
NOTES = names("footnote")
HEADERS = names("header headerl headerr headerf")
FOOTERS = names("footer footerl footerr footerf")
RESUMED = BOXES | {"ud"}
# Groups that hold no words of the page: instructions of fields, pictures, entries of indexes, comments, numbers of
# lists (which a DOCX does not hold either), and shapes and pictures in a second form for old programs.
UNREAD = names(
    "colortbl stylesheet filetbl listtable listoverridetable revtbl rsidtbl info pict nonshppict shprslt fldinst "
    "pntext listtext xe tc rxe txe annotation atnid atnauthor objdata objclass objname nonesttables mmathPict"
)
READINGS = {
    **dict.fromkeys(UNREAD, NOTHING),
    **dict.fromkeys(BOXES | NOTES | HEADERS | FOOTERS, TEXT),
    **dict.fromkeys(("ud", "nesttableprops", "mmath", "moMath", "moMathPara"), TEXT),
    **dict.fromkeys(("shpinst", "do", "upr"), PARTS),
    "fonttbl": FONTS,
    "sn": NAME,
    "sv": VALUE,
}
PARAGRAPHS = names("par sect page column cell nestcell row nestrow")
CHARACTERS = {
    **dict.fromkeys(("line", "softline", "tab", "emspace", "enspace", "qmspace"), " "),
    "emdash": "—",
    "endash": "–",
    "bullet": "•",
    "lquote": "‘",
    "rquote": "’",
    "ldblquote": "“",
    "rdblquote": "”",
}
SYMBOLS = {"~": "\u00a0", "-": "\u00ad", "_": "\u2011", "{": "{", "}": "}", "\\": "\\", "\t": " "}

# Encodings by the character set of a font. Set 2 has symbols, which are no text.
SYMBOL_FONT = ""
CHARSETS = {
    0: "cp1252", 2: SYMBOL_FONT, 77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gbk", 136: "cp950",
    161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251",
    222: "cp874", 238: "cp1250", 254: "cp437", 255: "cp850",
}  # fmt: skip
# Code pages that Python knows. A search for another one imports modules each time.
CODE_PAGES = {
    number: codecs.lookup(f"cp{number}").name
    for number in (
        437, 720, 737, 775, 850, 852, 855, 857, 858, *range(860, 867), 869, 874, 932, 936, 949, 950, 1125,
        *range(1250, 1259), 1361, 65001,
    )
}  # fmt: skip
ENCODINGS = {"ansi": "cp1252", "mac": "mac_roman", "pc": "cp437", "pca": "cp850"}


@dataclass
class Passage:
    """The text of the page, a note, a text box or a margin. `later` follows its present paragraph."""

    parts: list[str] = field(default_factory=list)
    later: list[str] = field(default_factory=list)
    length: int = 0

    def add(self, text: str) -> None:
        self.parts.append(self._shortened(text))

    def follow(self, text: str) -> None:
        self.later.append(self._shortened(text))

    def _shortened(self, text: str) -> str:
        text = text[: max(MAX_PASSAGE - self.length, 0)]
        self.length += len(text)
        return text

    def end_paragraph(self) -> None:
        self.parts += ["\n", *self.later]
        self.later.clear()

    def take(self) -> str:
        # Characters beyond U+FFFF are written as two halves.
        taken = "".join(self.parts).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        self.parts.clear()
        self.length = 0
        return taken


@dataclass
class Group:
    """The state between two braces. A group inside begins with a copy.

    `word` is the control word that makes it a destination, `fallback` the number of characters that repeat a Unicode
    character for old programs.
    """

    passage: Passage
    reading: str = TEXT
    word: str = ""
    is_optional: bool = False  # after `\*`
    passages: int = 1  # inside each other
    is_hidden: bool = False
    is_deleted: bool = False
    font: int | None = None
    fallback: int = 1


class RichTextReader:
    """Reads one file."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._group = Group(Passage())
        self._page = self._group.passage
        self._outer: list[Group] = []
        self._encoding = "cp1252"
        self._fonts: dict[int | None, str] = {}
        self._default_font: int | None = None
        self._undecoded = bytearray()
        self._repeated = 0  # characters that are left of a fallback
        self._headers: set[str] = set()
        self._footers: dict[str, None] = {}
        self._name = b""  # of a property of a shape

    def read(self) -> Iterator[str]:
        """Yield the text by paragraphs: each header before its section, footers at the end."""
        position = 0
        for _count in range(MAX_TOKENS):
            if self._group.reading in (NOTHING, PARTS):
                position = UNREAD_TEXT.match(self._data, position).end()  # type: ignore[union-attr]
            token = TOKEN.match(self._data, position)
            if token is None:
                break
            position = token.end()
            word, number, digits, symbol, brace = token.groups()
            if word == b"bin":
                position += max(int(number or 0), 0)
            elif word:
                self._read_word(word.decode(), None if number is None else int(number))
            elif digits:
                self._read_bytes(bytes.fromhex(digits.decode()))
            elif symbol:
                self._read_symbol(symbol.decode("latin-1"))
            elif brace == b"{":
                self._begin_group()
            elif brace:
                self._end_group()
            elif token[0][0] not in b"\r\n":
                self._read_bytes(token[0])
            if (brace and not self._outer) or len(self._outer) > MAX_GROUPS:
                break
            if self._page.length > PORTION:
                yield self._page.take()
        while self._outer:  # Of a file that is cut, or read in part.
            self._end_group()
        self._decode()
        self._page.end_paragraph()
        yield self._page.take()
        yield from self._footers

    def _begin_group(self) -> None:
        self._decode()
        self._repeated = 0
        self._outer.append(self._group)
        self._group = replace(self._group, word="", is_optional=False)

    def _end_group(self) -> None:
        self._decode()
        self._repeated = 0
        ended = self._group
        if self._outer:
            self._group = self._outer.pop()
        if ended.reading != TEXT or ended.passage is self._group.passage:
            return
        ended.passage.end_paragraph()
        text = ended.passage.take()
        if ended.word in FOOTERS:
            self._footers[f"{text.strip()}\n"] = None
        elif ended.word not in HEADERS:
            self._group.passage.follow(text)
        elif text not in self._headers:
            self._headers.add(text)
            self._group.passage.add(text)

    def _read_word(self, word: str, number: int | None) -> None:
        self._decode()
        group = self._group
        self._repeated = 0
        if word in READINGS or (word.startswith("m") and word.endswith("Pr")) or group.is_optional:
            self._open(word)
        elif group.reading == FONTS:
            self._read_font(word, number)
        elif group.reading == TEXT:
            self._read_text_word(word, number)

    def _open(self, word: str) -> None:
        """Let the present group be the destination of a word. One that is unknown and optional is not read."""
        group = self._group
        reading = READINGS.get(word, NOTHING)
        if group.reading in (NOTHING, FONTS) or (group.reading == PARTS and reading == TEXT and word not in RESUMED):
            reading = group.reading
        elif reading == TEXT and (group.is_hidden or group.is_deleted):
            reading = NOTHING
        group.reading, group.word, group.is_optional = reading, word, False
        if reading == TEXT and word in BOXES | NOTES | HEADERS | FOOTERS and group.passages < MAX_PASSAGES:
            group.passage = Passage()
            group.passages += 1
        if reading == NAME:
            self._name = b""

    def _read_text_word(self, word: str, number: int | None) -> None:
        group = self._group
        match word:
            case "u":
                self._add(chr((number or 0) % 0x10000))
                self._repeated = group.fallback
            case "uc":
                group.fallback = max(number or 0, 0)
            case "f":
                group.font = number
            case "v":
                group.is_hidden = number != 0
            case "deleted" | "mvf":  # A moved passage is also at its new place.
                group.is_deleted = number != 0
            case "plain":
                group.is_hidden = group.is_deleted = False
                group.font = self._default_font
            case "deff":
                self._default_font = group.font = number
            case "ansicpg":
                self._encoding = _known_encoding(number) or self._encoding
            case "ansi" | "mac" | "pc" | "pca":
                self._encoding = ENCODINGS[word]
            case _ if word in PARAGRAPHS and not group.is_hidden and not group.is_deleted:
                group.passage.end_paragraph()
            case _ if word in CHARACTERS:
                self._add(CHARACTERS[word])

    def _read_font(self, word: str, number: int | None) -> None:
        if word == "f":
            self._group.font = number
        elif word == "fcharset" and number in CHARSETS:
            self._fonts[self._group.font] = CHARSETS[number]
        elif word == "cpg" and (encoding := _known_encoding(number)):
            self._fonts[self._group.font] = encoding

    def _read_symbol(self, symbol: str) -> None:
        self._decode()
        if self._repeated:
            self._repeated -= 1
        elif symbol == "*":
            self._group.is_optional = True
        elif symbol in "\r\n":
            if self._group.reading == TEXT:
                self._group.passage.end_paragraph()
        elif symbol in SYMBOLS:
            self._add(SYMBOLS[symbol])

    def _read_bytes(self, data: bytes) -> None:
        if self._group.reading == FONTS:
            return
        repeated = min(self._repeated, len(data))
        self._repeated -= repeated
        self._undecoded += data[repeated:]

    def _decode(self) -> None:
        """Add the bytes that were read since the last word or brace: a character may have several."""
        if not self._undecoded:
            return
        data = bytes(self._undecoded)
        self._undecoded.clear()
        match self._group.reading:
            case "text":
                encoding = self._fonts.get(self._group.font, self._encoding)
                self._add(data.decode(encoding, "replace") if encoding != SYMBOL_FONT else " ")
            case "sn":
                self._name += data
            case "sv" if self._name.strip() == b"fHidden" and data.strip() == b"1" and len(self._outer) > 1:
                # The group of the shape is around that of the property, which is around that of the value.
                self._outer[-2].reading = NOTHING

    def _add(self, text: str) -> None:
        group = self._group
        if group.reading == TEXT and not group.is_hidden and not group.is_deleted:
            group.passage.add(text)


def rich_text(data: bytes) -> Iterator[str]:
    """Yield the text of an RTF file without hidden and deleted text, comments and instructions of fields."""
    yield from RichTextReader(data).read()


def _known_encoding(code_page: int | None) -> str:
    """Return the encoding of a code page of Windows, "" for an unknown one."""
    return CODE_PAGES.get(code_page or 0, "")
