"""The parts of a content type that a declaration names."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from django.utils.functional import Promise


class ListOrder(Enum):
    """Order in which the reader lists the documents of a type."""

    NEWEST_FIRST = auto()
    TITLE = auto()
    UPCOMING_FIRST = auto()  # Upcoming ones by date, then past ones from the latest; needs `has_dates`.


@dataclass(frozen=True)
class SearchMapping:
    """The rules by which search reads the keys of a type's `content` that not all types share.

    `weight` multiplies the score of a hit. Text below a key of `name_keys`, at any depth, has the weight of names. Text
    below a key of `unsearched_keys` is a code, a number or a URL and is not indexed.
    """

    weight: float = 1.0
    name_keys: frozenset[str] = frozenset()
    unsearched_keys: frozenset[str] = frozenset()


@dataclass(frozen=True)
class DocumentType:
    """The declaration of one content type. `cms.content_types.checks` reports empty parts that the type needs.

    `name` is the `type` of docs/document.md and of the API's `?type=`. Models, functions, templates and factories are
    named by strings, so that search, API and reader can read the registry without importing a page model.
    """

    name: str
    label: str | Promise = ""
    label_plural: str | Promise = ""
    model: str = ""  # "app_label.ModelName"
    serializer: str = ""  # Dotted path of a function (page, SerializerContext) -> content.
    template: str = ""  # Reader template of a document.
    factory: str = ""  # Dotted path of the test factory; production has no tests, so only the test suite checks it.
    search: SearchMapping | None = None
    api_list: str = ""  # Path segment of the API's list; "" for a type that only /contents/ lists.
    is_listable: bool = False  # Sections of a department's site may list it.
    has_dates: bool = False  # `content` has `start` and `end`: ISO 8601 dates, with or without time.
    list_order: ListOrder = ListOrder.NEWEST_FIRST
