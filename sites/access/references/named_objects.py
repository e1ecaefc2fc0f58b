"""The objects that an admin request names by key, looked up together: one query for all keys of a model.

A form with thousands of links or chooser blocks would otherwise query each of them, and again when it is displayed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cached_property
from typing import Any

from django.db.models import Field, IntegerField, Model
from wagtail.models import Page

from sites.validation.object_keys import is_beyond_keys


class NamedObjects:
    """The objects of one request, by model and key.

    `keys` returns the keys that the form of the request may name; it is called once. A key that has no object when it
    is first looked up has none for the whole request.
    """

    def __init__(self, keys: Callable[[], Iterable[str]]) -> None:
        self._keys = keys
        self._objects: dict[type[Model], dict[int, Model | None]] = {}
        # Pages by path, and the paths of those that may be asked for next.
        self._parents: dict[str, Page | None] = {}
        self._parents_to_load: set[str] = set()

    @cached_property
    def _named(self) -> set[int]:
        return set(map(int, filter(is_key, self._keys())))

    def find(self, model: type[Model], key: int) -> Model | None:
        """Return the object with a key, None if there is none."""
        self._load(model, {key} if model in self._objects else self._named | {key})
        return self._objects[model][key]

    def load(self, model: type[Model], keys: Iterable[Any]) -> None:
        """Look up the objects of some keys, which a text names, with one query."""
        self._load(model, set(map(int, filter(is_key, keys))))

    def note(self, objects: Iterable[Model | None]) -> None:
        """Note the parents of the pages among some objects, so that they are looked up together."""
        self._parents_to_load.update(_parent_path(each) for each in objects if isinstance(each, Page))

    def parent_of(self, page: Page) -> Page | None:
        """Return the parent of a page, as it was when it was first asked for."""
        path = _parent_path(page)
        if path not in self._parents:
            wanted = (self._parents_to_load | {path}) - self._parents.keys()
            found = {each.path: each for each in Page.objects.filter(path__in=wanted)}
            self._parents |= dict.fromkeys(wanted) | found
            self._parents_to_load.clear()
        return self._parents[path]

    def _load(self, model: type[Model], keys: set[int]) -> None:
        objects = self._objects.setdefault(model, {})
        if missing := keys - objects.keys():
            found = model._default_manager.in_bulk(missing)
            self.note(found.values())
            objects |= dict.fromkeys(missing) | found


def _parent_path(page: Page) -> str:
    path: str = page.path[: -page.steplen]
    return path


_named_objects: ContextVar[NamedObjects | None] = ContextVar("named_objects", default=None)


@contextmanager
def objects_named_together(keys: Callable[[], Iterable[str]]) -> Iterator[None]:
    """Look up the objects of a request together within the context; `keys` returns those that its form may name."""
    token = _named_objects.set(NamedObjects(keys))
    try:
        yield
    finally:
        _named_objects.reset(token)


def find_object(model: type[Model], key: Any) -> Model | None:
    """Return the object with a key; None for a missing one. Raises TypeError and ValueError as a queryset does."""
    named = _named_objects.get()
    if named is None or not _has_numbers(model) or not is_key(key):
        return model._default_manager.filter(pk=key).first()
    return named.find(model, int(key))


def load_objects(model: type[Model], keys: Iterable[Any]) -> None:
    """Look up objects that a text names, so that `find_object` queries none. Does nothing outside admin requests."""
    if (named := _named_objects.get()) is not None:
        named.load(model, keys)


def note_objects(objects: Iterable[Model | None]) -> None:
    """Note objects that a form shows, whose parents `parent_of` then looks up together."""
    if (named := _named_objects.get()) is not None:
        named.note(objects)


def parent_of(page: Page) -> Page | None:
    """Return the parent of a page that a form shows: one query for all pages of the request that are known by then."""
    named = _named_objects.get()
    return named.parent_of(page) if named is not None else page.get_parent()


def _has_numbers(model: type[Model]) -> bool:
    """Return True if the primary keys of a model are numbers; those of a page type are those of its page."""
    field: Field | None = model._meta.pk
    while field is not None and field.remote_field is not None:
        field = field.target_field  # type: ignore[attr-defined]
    return isinstance(field, IntegerField)


def is_key(value: Any) -> bool:
    """Return True for a number, or its digits, that can be the primary key of a row."""
    return str(value).isdecimal() and str(value).isascii() and not is_beyond_keys(value)
