"""Plain text of office files: Office Open XML (ISO/IEC 29500) and OpenDocument (ISO/IEC 26300).

Words are separated where a reader sees a separation. Text that a reader does not see (tracked deletions, comments,
hidden text) is left out. `extraction_process` runs this in a process with few rights: the files may be hostile.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .columns import HiddenColumns
from .office_package import Package, related_member, relationship_ids, target_folder

# Both variants of Office Open XML (transitional and strict) and OpenDocument, with the prefix that is used here.
_OOXML = "http://schemas.openxmlformats.org/"
_STRICT = "http://purl.oclc.org/ooxml/"
_ODF = "urn:oasis:names:tc:opendocument:xmlns:"
PREFIXES = {
    f"{_OOXML}wordprocessingml/2006/main": "w",
    f"{_STRICT}wordprocessingml/main": "w",
    f"{_OOXML}drawingml/2006/main": "a",
    f"{_STRICT}drawingml/main": "a",
    f"{_OOXML}presentationml/2006/main": "p",
    f"{_STRICT}presentationml/main": "p",
    f"{_OOXML}spreadsheetml/2006/main": "x",
    f"{_STRICT}spreadsheetml/main": "x",
    f"{_OOXML}drawingml/2006/spreadsheetDrawing": "xdr",
    f"{_STRICT}drawingml/spreadsheetDrawing": "xdr",
    f"{_OOXML}drawingml/2006/chart": "c",
    f"{_STRICT}drawingml/chart": "c",
    f"{_OOXML}drawingml/2006/diagram": "dgm",
    f"{_STRICT}drawingml/diagram": "dgm",
    f"{_OOXML}officeDocument/2006/math": "m",
    f"{_STRICT}officeDocument/math": "m",
    f"{_OOXML}markup-compatibility/2006": "mc",
    f"{_OOXML}package/2006/relationships": "rel",
    **{f"{_ODF}{name}:1.0": name for name in ("office", "text", "table", "style", "presentation")},
    f"{_ODF}drawing:1.0": "draw",
    f"{_ODF}svg-compatible:1.0": "svg",
    "http://www.w3.org/1998/Math/MathML": "math",
}
# Surrogates, which are no characters, and characters of fonts of symbols (arrows, ticks), which are no text.
FIRST_PRIVATE, LAST_PRIVATE = 0xD800, 0xF8FF
# Elements that show a chart or a diagram, which are parts of their own.
GRAPHICS = frozenset(("c:chart", "dgm:relIds"))
# Characters of a block of text, more than are stored of a file: a note may be referred to a million times.
MAX_BLOCK = 1_000_000


@dataclass(frozen=True)
class Rules:
    """The rules that turn the elements of a format into text; names have the prefixes of PREFIXES.

    `texts`: elements that hold text; None if every element does. `separators`: text in place of an element or after its
    content. `paragraphs`: elements that end a line. `after_paragraph`: content that stands apart from the text around
    it and follows its paragraph. `skipped`: content that readers do not see. `notes`: references to notes.
    """

    texts: frozenset[str] | None
    separators: Mapping[str, str]
    paragraphs: frozenset[str]
    after_paragraph: frozenset[str] = frozenset()
    skipped: frozenset[str] = frozenset()
    notes: frozenset[str] = frozenset()


def names(text: str) -> frozenset[str]:
    return frozenset(text.split())


SLIDE = Rules(
    texts=names("a:t m:t"),
    separators={"a:br": " ", "a:tab": " ", "a:tc": " ", "a:tr": "\n"},
    paragraphs=names("a:p"),
)
# Titles, and the names of series and categories; the numbers of a chart are not words.
CHART = Rules(
    texts=names("a:t c:v"),
    separators={"a:br": " "},
    paragraphs=names("a:p c:pt c:tx"),
    skipped=names("c:numCache c:numLit c:f c:formatCode"),
)
OPEN_DOCUMENT = Rules(
    texts=None,
    separators={
        "text:s": " ",
        "text:tab": " ",
        "text:line-break": " ",
        "table:table-cell": " ",
        "table:table-row": "\n",
    },
    paragraphs=names("text:p text:h presentation:header-decl presentation:footer-decl presentation:date-time-decl"),
    after_paragraph=names(
        "draw:frame draw:custom-shape draw:g text:note-body draw:rect draw:line draw:polyline draw:polygon "
        "draw:regular-polygon draw:path draw:circle draw:ellipse draw:connector draw:caption draw:measure"
    ),
    skipped=names(
        "text:tracked-changes table:tracked-changes office:annotation text:note-citation text:ruby-text svg:title "
        "svg:desc office:forms presentation:notes table:covered-table-cell text:page-number text:page-count "
        "text:hidden-paragraph text:hidden-text office:event-listeners office:binary-data text:script math:annotation "
        "text:page-continuation table:content-validations text:table-of-content-source text:alphabetical-index-source "
        "text:illustration-index-source text:table-index-source text:object-index-source text:user-index-source "
        "text:bibliography-source"
    ),
)
# Elements that hold columns or rows of a table of OpenDocument.
TABLE_GROUPS = names(
    "table:table-columns table:table-header-columns table:table-column-group "
    "table:table-rows table:table-header-rows table:table-row-group"
)
# Shapes of slides and of sheets, each with its properties in the first element.
SHAPES = frozenset(f"{each}:{kind}" for each in ("p", "xdr") for kind in names("sp grpSp graphicFrame pic cxnSp"))


@dataclass
class TextReader:
    """Reads elements by the rules of a format.

    `notes` has the text of each note by (element, id), `hidden_styles` the names of the styles of hidden content.
    `shown` gets the ids of the charts and diagrams that are not hidden.
    """

    rules: Rules
    notes: Mapping[tuple[str, str], str] = field(default_factory=dict)
    hidden_styles: frozenset[str] = frozenset()
    shown: set[str] = field(default_factory=set)
    _later: list[str] = field(default_factory=list)

    def read(self, element: Any) -> str:
        """Return the text of an element, without the text after it, truncated if it is very long."""
        parts: list[str] = []
        self._add(element, parts)
        return _joined([*parts, *self._take_later()])

    def _add(self, element: Any, parts: list[str]) -> None:
        name = name_of(element)
        if name in self.rules.skipped or _is_hidden(element, name, self.hidden_styles):
            return
        if name in GRAPHICS:
            self.shown.update(relationship_ids(element))
        if name == "mc:AlternateContent":
            # The same content in several forms, for programs of different age. The first may be for a new one only.
            next(filter(None, (self._add_alternative(child, parts) for child in element)), None)
        elif name == "w:sym":
            parts.append(_symbol(element))
        elif name in self.rules.notes:
            identifier = next((value for key, value in element.items() if key.endswith("}id")), "")
            self._later.append(self.notes.get((name, identifier), ""))
        elif name in self.rules.after_paragraph:
            outer, self._later = self._later, []
            inner: list[str] = []
            self._add_content(element, name, inner)
            self._later = [*outer, "\n", *inner, *self._later, "\n"]
        else:
            self._add_content(element, name, parts)
            parts.append(self.rules.separators.get(name, ""))
        if name in self.rules.paragraphs:
            parts += ["\n", *self._take_later()]

    def _add_alternative(self, element: Any, parts: list[str]) -> bool:
        """Add the text of one form of a content; return True if it has any."""
        outer, self._later = self._later, []
        inner: list[str] = []
        self._add_content(element, "", inner)
        has_text = any(text.strip() for text in (*inner, *self._later))
        parts += inner
        self._later = outer + self._later
        return has_text

    def _add_content(self, element: Any, name: str, parts: list[str]) -> None:
        has_text = self.rules.texts is None or name in self.rules.texts
        if has_text:
            parts.append(element.text or "")
        for child in element:
            if isinstance(child.tag, str):
                self._add(child, parts)
            if has_text:
                parts.append(child.tail or "")

    def _take_later(self) -> list[str]:
        later, self._later = self._later, []
        return later


def pptx(data: bytes) -> Iterator[str]:
    """Yield the text of each visible slide, in the order of the presentation."""
    package = Package(data)
    main = package.main()
    related = package.related(main)
    listed = [
        related_member(element, related) for element in package.tree(main).iter() if name_of(element) == "p:sldId"
    ]
    for member in dict.fromkeys(listed):
        slide = package.tree(member) if package.has(member) else None
        if slide is not None and slide.get("show") not in ("0", "false"):
            reader = TextReader(SLIDE)
            yield reader.read(slide) + "\n"
            yield from graphics(package, member, slide, reader.shown)


def graphics(package: Package, member: str, tree: Any, shown: set[str]) -> Iterator[str]:
    """Yield the texts of the diagrams (SmartArt) and charts of a member that are not only in hidden parts of it.

    `tree` is that of the member, `shown` has the ids of those in the parts that readers see.
    """
    named = {each for element in tree.iter() if name_of(element) in GRAPHICS for each in relationship_ids(element)}
    related = package.related(member)
    hidden = {related.get(each, ("", ""))[1] for each in named - shown}
    hidden -= {related.get(each, ("", ""))[1] for each in shown}
    for kind, rules in (("diagramData", SLIDE), ("chart", CHART)):
        for graphic in package.members(member, kind):
            if graphic not in hidden:
                yield TextReader(rules).read(package.tree(graphic)) + "\n"


def open_document(data: bytes) -> Iterator[str]:
    """Yield headers, paragraphs, headings and cells, and footers of ODT, ODS or ODP, without deletions, comments and
    hidden content.
    """
    package = Package(data)
    headers: list[str] = []
    footers: list[str] = []
    content = package.tree("content.xml")
    hidden = hidden_styles_of(content)
    if package.has("styles.xml"):
        styles = package.tree("styles.xml")
        hidden |= hidden_styles_of(styles)
        # Those of a sheet are seen on paper only; each file has some with placeholders ("???").
        is_sheet = any(name_of(each) == "office:spreadsheet" for part in content for each in part)
        for element in () if is_sheet else styles.iter():
            if name_of(element) in ("style:header", "style:footer") and not _is_closed(element):
                texts = headers if name_of(element) == "style:header" else footers
                texts.append(TextReader(OPEN_DOCUMENT, hidden_styles=hidden).read(element))
    remove_hidden_columns(content, hidden)
    yield from distinct(headers)
    for part in content:
        if name_of(part) == "office:body":
            for kind in part:
                reader = TextReader(OPEN_DOCUMENT, hidden_styles=hidden)
                yield from (reader.read(block) for block in kind if isinstance(block.tag, str))
    objects = [element for element in content.iter() if name_of(element) == "draw:object"]
    for name in dict.fromkeys(target_folder(each) for each in objects if not _is_inside_hidden(each, hidden)):
        yield from _object(package, name)
    yield from distinct(footers)


def remove_hidden_columns(content: Any, hidden_styles: frozenset[str]) -> None:
    """Remove the cells of hidden columns from the tables of an OpenDocument part."""
    for table in [each for each in content.iter() if name_of(each) == "table:table"]:
        ranges: list[tuple[int, int]] = []
        start = 0
        for column, is_hidden in _table_parts(table, "table:table-column"):
            end = start + _repetitions(column)
            if is_hidden or any(_hides(key, value, hidden_styles) for key, value in column.items()):
                ranges.append((start, end))
            start = end
        hidden = HiddenColumns(ranges)
        for row, _is_hidden_row in _table_parts(table, "table:table-row") if ranges else ():
            start = 0
            for cell in list(row):
                end = start + _repetitions(cell)
                if hidden.contain(start, end):
                    row.remove(cell)
                start = end


def _table_parts(element: Any, wanted: str, is_hidden: bool = False) -> Iterator[tuple[Any, bool]]:
    """Yield the columns or rows of a table in their order, and True for those in a group that is hidden."""
    for child in element:
        name = name_of(child)
        if name == wanted:
            yield child, is_hidden
        elif name in TABLE_GROUPS:
            yield from _table_parts(child, wanted, is_hidden or _is_closed(child))


def _repetitions(element: Any) -> int:
    """Return for how many columns an element of a table stands."""
    value = next((value for key, value in element.items() if key.endswith("}number-columns-repeated")), "1")
    return int(value) if value.isdecimal() and len(value) < 10 else 1


def _object(package: Package, folder: str) -> Iterator[str]:
    """Yield the text of a chart, a formula or a table that is a document inside an OpenDocument file."""
    if package.has(f"{folder}/content.xml"):
        for part in package.tree(f"{folder}/content.xml").iter():
            if name_of(part) in ("office:body", "math:math"):
                yield TextReader(OPEN_DOCUMENT).read(part) + "\n"


def name_of(element: Any) -> str:
    """Return the name of an element with the prefix of its namespace; "" for an unknown one."""
    tag = element.tag
    if not isinstance(tag, str):
        return ""
    namespace, _brace, local = tag.removeprefix("{").rpartition("}")
    prefix = PREFIXES.get(namespace)
    return f"{prefix}:{local}" if prefix else ""


def _is_hidden(element: Any, name: str, hidden_styles: frozenset[str]) -> bool:
    """Return True for a part of a document that is formatted as hidden, itself or by its style."""
    match name:
        case "w:r" | "w:p":
            properties = [each for part in element if name_of(part) in ("w:rPr", "w:pPr") for each in part]
            return any(
                _vanishes(each) or (name_of(each) in ("w:rStyle", "w:pStyle") and hidden_styles & set(each.values()))
                for each in properties
            )
        case "w:drawing" | "w:pict":
            return any(_is_hidden_shape(each) for part in element for each in (part, *part))
        case _ if name in SHAPES:
            return any(_is_hidden_shape(each) for part in element[:1] for each in part)
        case "draw:page" | "text:section" | "text:p" | "text:h" | "text:span" | "table:table" | "table:table-row":
            return any(_hides(key, value, hidden_styles) for key, value in element.items())
        case "table:table-row-group":
            return _is_closed(element)
        case _ if name.startswith("draw:"):
            return any(key.endswith("}display") and value == "none" for key, value in element.items())
    return False


def _is_inside_hidden(element: Any, hidden_styles: frozenset[str]) -> bool:
    """Return True for a part of an OpenDocument file inside a hidden one, or inside one that is left out."""
    return any(
        (name := name_of(each)) in OPEN_DOCUMENT.skipped or _is_hidden(each, name, hidden_styles)
        for each in element.iterancestors()
    )


def _is_hidden_shape(properties: Any) -> bool:
    """Return True for the properties of a hidden shape: DrawingML, or the VML of older documents."""
    style = properties.get("style", "").replace(" ", "")
    return properties.get("hidden") in ("1", "true") or "visibility:hidden" in style


def _is_closed(group: Any) -> bool:
    """Return True for a group of rows or columns, or a header, of OpenDocument that is not shown."""
    return any(key.endswith("}display") and value == "false" for key, value in group.items())


def _vanishes(element: Any) -> bool:
    """Return True for the property of a Word document that hides text."""
    return name_of(element) == "w:vanish" and not any(value in ("0", "false", "off") for value in element.values())


def _hides(key: str, value: str, hidden_styles: frozenset[str]) -> bool:
    local = key.rpartition("}")[2]
    if local == "style-name":
        return value in hidden_styles
    return (local, value) in (("display", "none"), ("visibility", "collapse"), ("visibility", "filter"))


def hidden_styles_of(root: Any) -> frozenset[str]:
    """Return the names of the styles of an OpenDocument part or a Word document that hide text, a sheet or a slide."""
    found: set[str] = set()
    for style in root.iter():
        match name_of(style):
            case "style:style" if any(_hides_all(each) for each in style):
                found |= {value for key, value in style.items() if key.endswith("}name")}
            case "w:style":
                bases = {value for each in style if name_of(each) == "w:basedOn" for value in each.values()}
                if bases & found or any(_vanishes(each) for part in style for each in part):
                    found |= {value for key, value in style.items() if key.endswith("}styleId")}
    return frozenset(found)


def _hides_all(properties: Any) -> bool:
    """Return True for properties of an OpenDocument style that hide what has the style."""
    values = {(key.rpartition("}")[2], value) for key, value in properties.items()}
    return not values.isdisjoint({("display", "none"), ("display", "false"), ("visibility", "hidden")})


def _symbol(element: Any) -> str:
    """Return the character of a symbol of a Word document, a space for one that its font alone defines."""
    code = next((value for key, value in element.items() if key.endswith("}char")), "")
    try:
        number = int(code, 16)
    except ValueError:
        return " "
    return " " if number < ord(" ") or FIRST_PRIVATE <= number <= LAST_PRIVATE or number > 0xFFFF else chr(number)


def _joined(parts: Iterable[str]) -> str:
    """Return the parts one after the other, up to about `MAX_BLOCK` characters."""
    taken: list[str] = []
    length = 0
    for part in parts:
        taken.append(part)
        length += len(part)
        if length > MAX_BLOCK:
            break
    return "".join(taken)


def distinct(texts: Iterable[str]) -> Iterator[str]:
    """Yield each text once, with a line break: headers and footers repeat."""
    yield from (f"{text}\n" for text in dict.fromkeys(text.strip() for text in texts) if text)
