"""TBX-Basic: the concepts of a glossary with their terms in each language.

Files are written in the form of ISO 30042:2008 (<martif>), which OmegaT, Trados, memoQ and Weblate read. The form of
ISO 30042:2019 (<tbx>, styles DCA and DCT) is read too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from lxml import etree

from .incoming_files import Readable, refuse_at, refuse_surplus_units
from .inline_codes import shortened
from .inline_xml import local_name
from .unit_checks import refuse_unwritable_texts
from .units import RefusedUnit
from .xml_files import XML_LANG, put_on_lines, read_xml, write_xml

STATUS_TYPE = "administrativeStatus"
# Names of elements in the forms of 2008 and 2019.
ENTRIES = ("termEntry", "conceptEntry")
LANGUAGES = ("langSet", "langSec")
TERM_GROUPS = ("tig", "ntig", "termSec")


class TermStatus(Enum):
    """The advice about a term, by its value in TBX."""

    PREFERRED = "preferredTerm-admn-sts"
    ADMITTED = "admittedTerm-admn-sts"
    DEPRECATED = "deprecatedTerm-admn-sts"
    SUPERSEDED = "supersededTerm-admn-sts"


@dataclass(frozen=True)
class Term:
    """A term of one language, as plain text."""

    language: str
    text: str
    status: TermStatus | None = None
    part_of_speech: str = ""


@dataclass(frozen=True)
class ConceptEntry:
    """A concept with its terms, which are grouped by language. The id is an XML name, as `c17`."""

    concept_id: str
    terms: tuple[Term, ...]
    subject: str = ""
    definition: str = ""


@dataclass(frozen=True)
class ReadGlossary:
    """The concepts of a glossary that was read, and those that were refused."""

    concepts: tuple[ConceptEntry, ...]
    refused: tuple[RefusedUnit, ...] = ()


def write(title: str, language: str, concepts: Sequence[ConceptEntry]) -> bytes:
    """Return a glossary as TBX-Basic. `language` is that of its title, subjects and definitions.

    Raises ValidationError for a control character.
    """
    root = etree.Element("martif", {"type": "TBX-Basic", XML_LANG: language})
    header = etree.SubElement(root, "martifHeader")
    description = etree.SubElement(header, "fileDesc")
    etree.SubElement(etree.SubElement(description, "titleStmt"), "title").text = title
    etree.SubElement(etree.SubElement(description, "sourceDesc"), "p").text = title
    encoding = etree.SubElement(header, "encodingDesc")
    etree.SubElement(encoding, "p", {"type": "XCSURI"}).text = "TBXBasicXCSV02.xcs"
    body = etree.SubElement(etree.SubElement(root, "text"), "body")
    for concept in concepts:
        texts = (concept.subject, concept.definition, *(term.text for term in concept.terms))
        refuse_unwritable_texts(concept.concept_id, texts)
        entry = etree.SubElement(body, "termEntry", {"id": concept.concept_id})
        for kind, text in (("subjectField", concept.subject), ("definition", concept.definition)):
            if text:
                etree.SubElement(entry, "descrip", {"type": kind}).text = text
        section = None
        for term in concept.terms:
            if section is None or section.get(XML_LANG) != term.language:
                section = etree.SubElement(entry, "langSet", {XML_LANG: term.language})
            group = etree.SubElement(section, "tig")
            etree.SubElement(group, "term").text = term.text
            if term.part_of_speech:
                etree.SubElement(group, "termNote", {"type": "partOfSpeech"}).text = term.part_of_speech
            if term.status:
                etree.SubElement(group, "termNote", {"type": STATUS_TYPE}).text = term.status.value
    put_on_lines(root, frozenset(("title", "p", "descrip", "term", "termNote")))
    return write_xml(root)


def read(file: Readable, name: str) -> ReadGlossary:
    """Return the concepts of a TBX document; those without a term are refused.

    Raises ValidationError if the file is refused: see `read_xml`, and for more concepts than
    TRANSLATION_FILE_MAX_UNITS, or a concept that is there twice.
    """
    root = read_xml(file, name)
    if local_name(root) not in ("martif", "tbx"):
        raise ValidationError(_("“%(name)s” is not a TBX file.") % {"name": name})
    concepts, refused = [], []
    ids: set[str] = set()
    for number, entry in enumerate(_named(root, ENTRIES), start=1):
        refuse_surplus_units(name, number)
        concept_id, line = entry.get("id", ""), entry.sourceline
        if concept_id and concept_id in ids:
            raise refuse_at(name, line, _("This entry is there twice."))
        ids.add(concept_id)
        concept = _read_concept(entry, concept_id)
        if concept.terms:
            concepts.append(concept)
        else:
            shown = shortened(concept.definition or concept.subject)
            refused.append(RefusedUnit(line or 1, concept_id, shown, _("No term with its language is there.")))
    return ReadGlossary(tuple(concepts), tuple(refused))


def _read_concept(entry: etree._Element, concept_id: str) -> ConceptEntry:
    terms = []
    for section in _named(entry, LANGUAGES):
        language = section.get(XML_LANG) or section.get("lang", "")
        for group in _named(section, TERM_GROUPS):
            text = next(_texts(group, "term"), "").strip()
            status = next(_texts(group, STATUS_TYPE), "").strip()
            if language and text:
                part_of_speech = next(_texts(group, "partOfSpeech"), "").strip()
                terms.append(Term(language, text, _status(status), part_of_speech))
    return ConceptEntry(
        concept_id,
        tuple(terms),
        next(_texts(entry, "subjectField"), "").strip(),
        next(_texts(entry, "definition"), "").strip(),
    )


def _named(element: etree._Element, names: tuple[str, ...]) -> Iterator[etree._Element]:
    """Yield the descendants with one of these names, in any namespace, in the order of the document.

    No element inside another one of them is yielded: each part of the file is read once.
    """
    waiting = list(reversed(element))
    while waiting:
        child = waiting.pop()
        if local_name(child) in names:
            yield child
        else:
            waiting.extend(reversed(child))


def _texts(element: etree._Element, kind: str) -> Iterator[str]:
    """Return the texts of the kind: of elements with this `type` (2008, DCA), or with this name (term, DCT)."""
    for child in element.iter():
        if child.get("type") == kind or local_name(child) == kind:
            yield "".join(child.itertext())


def _status(text: str) -> TermStatus | None:
    try:
        return TermStatus(text)
    except ValueError:
        return None
