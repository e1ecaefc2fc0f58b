"""Files of translations as a translator's program edits them, and the texts that are stored."""

from dataclasses import replace

from cms.translations.exchange import po, xliff12, xliff21
from cms.translations.exchange.incoming_translations import read_translations
from cms.translations.exchange.units import UnitState
from cms.translations.progress.segments import segments_of

FORMATS = ("xliff1.2", "xliff2.1", "po")
WRITERS = {
    "xliff1.2": lambda content: xliff12.write([content]),
    "xliff2.1": lambda content: xliff21.write([content]),
    "po": po.write,
}


def content_of(path):
    with path.open("rb") as file:
        (found,) = read_translations(file, path.name)
    assert not found.refused
    return found.content


def rewrite(path, format_name, targets, state=UnitState.TRANSLATED):
    """Translate units of a file as a translator's program does; `targets` by source text."""
    content = content_of(path)
    units = tuple(
        replace(unit, target=targets[unit.source], state=state) if unit.source in targets else unit
        for unit in content.units
    )
    path.write_bytes(WRITERS[format_name](replace(content, units=units)))


def texts(translation):
    return {segment.source: (segment.translation, segment.state.value) for segment in segments_of(translation)}
