"""The objects that the pages of a batch show, loaded in a few queries for all pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from contextlib import nullcontext
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import ForeignKey, Model, Prefetch, QuerySet
from wagtail.models import Page

from cms.media.models import Consent, CustomDocument, CustomImage, CustomRendition, Video
from cms.media.renditions.specs import LARGE, THUMBNAIL
from cms.pages.models import Organisation, Person
from sites.access.references.loaded_objects import loading_with
from sites.validation.object_keys import is_beyond_keys


def _renditions(path: str) -> Prefetch:
    """Return the prefetch of the renditions that documents show."""
    return Prefetch(path, queryset=CustomRendition.objects.filter(filter_spec__in=(LARGE, THUMBNAIL)))


def _querysets() -> dict[type[Model], QuerySet[Any]]:
    """Return the objects that documents embed, by model, each with all that its serializer reads."""
    return {
        Consent: Consent.objects.all(),
        CustomDocument: CustomDocument.objects.all(),
        CustomImage: CustomImage.objects.select_related("consent").prefetch_related(_renditions("renditions")),
        Organisation: Organisation.objects.select_related("department", "logo__consent").prefetch_related(
            _renditions("logo__renditions")
        ),
        Person: Person.objects.select_related("organisation", "photo__consent").prefetch_related(
            _renditions("photo__renditions")
        ),
        Video: Video.objects.select_related("consent", "poster__consent").prefetch_related(
            "captions", _renditions("poster__renditions")
        ),
    }


def embedded_models() -> tuple[type[Model], ...]:
    """Return the models whose objects documents embed."""
    return tuple(_querysets())


class RelatedObjects:
    """The objects to which pages refer. Objects that are not loaded yet take one or two queries for each model."""

    def __init__(self) -> None:
        self._loaded: defaultdict[type[Model], dict[Any, Model | None]] = defaultdict(dict)
        self._querysets = _querysets()

    def references_in(self, page: Page, *, is_draft: bool = False) -> set[tuple[int, int]]:
        """Return the references (content type, key) in the blocks and texts of a page.

        The objects of blocks are loaded here, except those of a draft, whose reader may not see all of them.
        """
        fields = [field for field in page._meta.concrete_fields if hasattr(field, "extract_references")]
        with nullcontext() if is_draft else loading_with(self.in_bulk):
            return {
                (_type_id(model), int(key))
                for field in fields
                for model, key, _model_path, _path in field.extract_references(field.value_from_object(page))
                if str(key).isdecimal() and not is_beyond_keys(key)
            }

    def load(self, references: Iterable[tuple[int, int]], models: Collection[type[Model]]) -> None:
        """Load the objects of references (content type, key) to some models."""
        wanted: defaultdict[type[Model], set[int]] = defaultdict(set)
        for content_type_id, object_id in references:
            model = ContentType.objects.get_for_id(content_type_id).model_class()
            if model is not None and model in models:
                wanted[model].add(object_id)
        for model, keys in wanted.items():
            self.in_bulk(model, keys)

    def preload(self, pages: Iterable[Page], references: Iterable[tuple[int, int]]) -> None:
        """Load the objects of references and of the pages' foreign keys, and attach the latter."""
        pages = list(pages)
        fields = {type(page): self._embedded_fields(type(page)) for page in pages}
        keys = {
            (ContentType.objects.get_for_model(field.related_model).pk, getattr(page, field.attname))
            for page in pages
            for field in fields[type(page)]
        }
        self.load({*references, *(key for key in keys if key[1] is not None)}, embedded_models())
        for page in pages:
            for field in fields[type(page)]:
                if instance := self._loaded[field.related_model].get(getattr(page, field.attname)):
                    field.set_cached_value(page, instance)

    def in_bulk(self, model: type[Model], keys: Iterable[Any]) -> Mapping[Any, Any]:
        """Return the existing objects by key. Pages are returned as instances with a key only, without a query.

        Serializers read the key of a page, and its card from the published documents.
        """
        if issubclass(model, Page):
            return {key: Page(pk=key) for key in keys if key is not None}
        loaded = self._loaded[model]
        missing = {key for key in keys if key is not None} - loaded.keys()
        if missing:
            found = {instance.pk: instance for instance in self._read(model, missing)}
            loaded.update({key: found.get(key) for key in missing})
        return loaded

    def _read(self, model: type[Model], keys: set[Any]) -> Iterable[Model]:
        """Return the existing objects of some keys from the database."""
        return self._querysets.get(model, model._default_manager.all()).filter(pk__in=keys)

    def get(self, model: type[Model], key: Any) -> Any:
        """Return the object, or None if it does not exist."""
        return self.in_bulk(model, [key]).get(key)

    def keys_of(self, model: type[Model]) -> set[int]:
        """Return the keys of the loaded objects of a model, and of those that other loaded objects embed."""
        keys = set(self._loaded[model])
        for other, loaded in list(self._loaded.items()):
            names = [each.attname for each in other._meta.concrete_fields if each.related_model is model]
            keys |= {getattr(instance, name) for instance in loaded.values() if instance for name in names}
        return keys - {None}

    def _embedded_fields(self, model: type[Page]) -> list[Any]:
        fields = model._meta.concrete_fields
        return [field for field in fields if isinstance(field, ForeignKey) and field.related_model in self._querysets]


def _type_id(model: type[Model]) -> int:
    """Return the key of the content type by which references name a model: one for all pages."""
    return ContentType.objects.get_for_model(Page if issubclass(model, Page) else model).pk
