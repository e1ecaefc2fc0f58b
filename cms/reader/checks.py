"""System checks of the reader: the gettext catalogue of each language, and the display of each facet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import polib
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, register
from django.template import Context, Engine, Node
from django.template.base import FilterExpression
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.utils.translation import to_locale

from cms.content_types import declarations
from cms.content_types.checks import template_exists
from cms.translations.overrides.library_words import own_catalogues
from search import facets

from .formatting.labels import LABELS
from .search_page import widget_template

FOLDER = Path(__file__).parent
KEYWORDS = DEFAULT_KEYWORDS | {
    f"{name}_lazy": DEFAULT_KEYWORDS[name] for name in ("gettext", "ngettext", "pgettext", "npgettext")
}
# The name of the application appears in the administration only.
NOT_PUBLIC = {FOLDER / "apps.py"}
# Declarations with labels that the reader shows.
LABEL_MODULES = (Path(facets.__file__), Path(declarations.__file__))
# The language of the messages themselves.
MESSAGE_LANGUAGE = "en"
MAX_NAMED_MESSAGES = 3
COMPILE = "Run `make catalogues`."

MessageKey = tuple[str | None, str]
"""Context and singular form, which together identify a message in a catalogue."""


@register("languages")
def check_catalogues(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Return a message for each language whose catalogue is missing, not compiled, or lacks words of the public pages.

    A catalogue that is only not compiled gives a warning: commands that prepare an installation must run before that.
    """
    return [
        message
        for code, _name in settings.LANGUAGES
        if code.partition("-")[0] != MESSAGE_LANGUAGE
        for message in _catalogue_problems(code)
    ]


def _catalogue_problems(code: str) -> Iterator[CheckMessage]:
    name = f"locale/{to_locale(code)}/LC_MESSAGES/django.po"
    translated = _translated_messages(code)
    if not translated and any((path / name.removeprefix("locale/")).exists() for path in own_catalogues()):
        yield checks.Warning(f"The catalogue {name} is not compiled.", hint=COMPILE, id="reader.W001")
    elif not translated:
        yield Error(
            f"The language “{code}” has no gettext catalogue of the reader.", hint=f"Add {name}.", id="reader.E001"
        )
    elif missing := reader_messages() - translated:
        yield Error(
            f"The language “{code}” lacks {len(missing)} translations of the reader, among them {_named(missing)}.",
            hint=f"Translate them in {name}. {COMPILE}",
            id="reader.E002",
        )


@register("languages")
def check_interface_catalogues(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Return an error for each language of the interface that lacks messages which another one has."""
    codes = [code for code, _name in settings.WAGTAILADMIN_PERMITTED_LANGUAGES if code != MESSAGE_LANGUAGE]
    catalogues = {code: messages for code in codes if (messages := _translated_messages(code))}
    messages = set().union(*catalogues.values())
    return [
        Error(
            f"The interface language “{code}” lacks {len(missing)} translations, among them {_named(missing)}.",
            hint=f"Translate them in locale/{to_locale(code)}/LC_MESSAGES/django.po. {COMPILE}",
            id="reader.E003",
        )
        for code, translated in catalogues.items()
        if (missing := messages - translated)
    ]


def _named(missing: Iterable[MessageKey]) -> str:
    return ", ".join(f"“{message}”" for _context, message in sorted(missing, key=str)[:MAX_NAMED_MESSAGES])


def _translated_messages(code: str) -> set[MessageKey]:
    translated: set[MessageKey] = set()
    for path in own_catalogues():
        # A regional code falls back to its language, as Django does.
        for locale in dict.fromkeys((to_locale(code), code.partition("-")[0])):
            file = path / locale / "LC_MESSAGES" / "django.mo"
            if file.exists():
                translated |= {(entry.msgctxt, entry.msgid) for entry in polib.mofile(str(file))}
    return translated


def reader_messages() -> set[MessageKey]:
    """Return the messages of the reader's modules and templates."""
    modules = [path for path in sorted(FOLDER.rglob("*.py")) if path not in NOT_PUBLIC]
    return {*_module_messages([*modules, *LABEL_MODULES]), *_template_messages(FOLDER / "templates")}


def _module_messages(paths: Iterable[Path]) -> Iterator[MessageKey]:
    for path in paths:
        for _line, message, _comments, context in extract_from_file("python", path, keywords=KEYWORDS):
            yield context, message if isinstance(message, str) else message[0]


def _template_messages(folder: Path) -> Iterator[MessageKey]:
    engine = Engine.get_default()
    for path in sorted((*folder.rglob("*.html"), *folder.rglob("*.txt"))):
        nodelist = engine.get_template(str(path.relative_to(folder))).nodelist
        for node in nodelist.get_nodes_by_type(Node):
            if isinstance(node, TranslateNode):
                yield _context_of(node), node.filter_expression.var.literal
            elif isinstance(node, BlockTranslateNode):
                yield _context_of(node), node.render_token_list(node.singular)[0]


def _context_of(node: TranslateNode | BlockTranslateNode) -> str | None:
    expression: FilterExpression | None = node.message_context
    return expression.resolve(Context()) if expression else None


@register("search")
def check_facet_display(app_configs: Any, **kwargs: Any) -> list[Error]:
    """Return an error for each part that the search page needs to show a facet and does not have."""
    return [error for facet in facets.FACETS for error in _display_errors(facet)]


def _display_errors(facet: facets.Facet) -> Iterator[Error]:
    obj = f"facet “{facet.name}”"
    if not template_exists(widget_template(facet)):
        hint = f"Add cms/reader/templates/{widget_template(facet)}."
        yield Error(f"The widget “{facet.widget}” has no template.", hint=hint, obj=obj, id="reader.E011")
    if facet.vocabulary not in ("", "type", *LABELS):
        hint = "Add it to LABELS in cms/reader/formatting/labels.py."
        yield Error(f"The vocabulary “{facet.vocabulary}” does not exist.", hint=hint, obj=obj, id="reader.E012")
