"""Translations and the strategies that generate them, for the tests of all formats."""

from io import BytesIO

from hypothesis import strategies as st

from cms.translations.exchange.inline_codes import canonical_html, escape_text
from cms.translations.exchange.units import ExchangeFile, Unit, UnitState

TRANSLATION_ID = "6f1c2a34-0d1e-4b7a-9a55-0c3d2e1f4a5b"
OTHER_ID = "00000000-0000-4000-8000-000000000001"

ODD_TEXTS = [
    "Tom & Jerry < 3 > 2",
    "Tarif\xa0: 12\u202f€ «\xa0net\xa0»",
    "👩‍🏫 équipe 🇫🇷",
    "שלום מרחבא",
    "\u202bنص عربي\u202c",
    "ligne\u2028suivante",
    "%(name)s {count} ${x} %d",
    "guillemets \" et ' et \\ et \\n",
    "  blancs  au  bord  ",
    "tab\tet\nligne\r\nautre",
    "]]> <!-- --> &amp; &nbsp;",
    "<!DOCTYPE html>",
    "#, fuzzy",
    "a\u0301\u0300",
]
# The last two characters of each plane, and 32 others, are none (Unicode 23.7). No text of the product has them.
NONCHARACTERS = (
    *range(0xFDD0, 0xFDF0),
    *(plane + last for plane in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF)),
)
CONTROL = "".join(chr(code) for code in (*range(0x20), *range(0x7F, 0xA0), *NONCHARACTERS) if chr(code) not in "\t\n")

characters = st.characters(exclude_categories=("Cs", "Mn", "Me"), exclude_characters=CONTROL + "\r")
plain_texts = st.one_of(st.sampled_from(ODD_TEXTS), st.text(characters, min_size=1, max_size=12))


def wrap(tag):
    return lambda html: f"<{tag}>{html}</{tag}>"


fragments = st.recursive(
    st.one_of(plain_texts.map(escape_text), st.just("<br/>")),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=4).map("".join),
        *(inner.map(wrap(tag)) for tag in ("b", "i", "em", "strong", "code", "abbr", "a")),
    ),
    max_leaves=6,
)


@st.composite
def html_texts(draw):
    """Canonical HTML, often with a link or two."""
    links = draw(st.integers(0, 2))
    parts = [draw(fragments)] + [f'<a id="a{number + 1}">{draw(fragments)}</a>' for number in range(links)]
    html = canonical_html("".join(draw(st.permutations(parts))))
    return html if html.strip() else f"x{html}"


@st.composite
def pairs(draw):
    """A source and a translation that has the same codes around other texts."""
    source = draw(html_texts())
    return source, source if draw(st.booleans()) else "→ " + source + draw(plain_texts.map(escape_text))


lines = st.text(characters, min_size=1, max_size=20).map(lambda text: "".join(text.split("\n")).strip()).filter(bool)


@st.composite
def units(draw, order):
    state = draw(st.sampled_from(UnitState))
    source, target = draw(pairs())
    former_source = draw(st.one_of(st.just(""), html_texts()))
    return Unit(
        context=draw(st.sampled_from(["title", "body.4d6f.heading", "x y/é"])) + f".{order}",
        order=order,
        source=source,
        target="" if state is UnitState.UNTRANSLATED else target,
        state=state,
        former_source=former_source,
        former_target=draw(st.one_of(st.just(""), html_texts())) if former_source else "",
        note="\n".join(draw(st.lists(lines, max_size=2))),
        max_length=draw(st.one_of(st.none(), st.integers(0, 9_999))),
    )


@st.composite
def files(draw, translation_id=TRANSLATION_ID):
    orders = draw(st.lists(st.integers(0, 10_000), max_size=3, unique=True))
    return make_file(*(draw(units(order)) for order in orders), translation_id=translation_id, title=draw(lines))


def make_unit(source="Bonjour", target="Ciao", state=None, **values):
    state = state or (UnitState.TRANSLATED if target else UnitState.UNTRANSLATED)
    return Unit(**{"context": "title", "order": 0, "source": source, "target": target, "state": state} | values)


def make_file(*found, translation_id=TRANSLATION_ID, title="Éducatrice & éducateur"):
    return ExchangeFile(translation_id, title, "fr", "it", "17", tuple(found))


def read_bytes(reader, data, **options):
    return reader(BytesIO(data if isinstance(data, bytes) else data.encode()), "file.xlf", **options)
