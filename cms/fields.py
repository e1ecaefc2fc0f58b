"""StreamField whose block definitions stay out of migrations."""

from typing import Any

from wagtail.fields import StreamField as WagtailStreamField


class StreamField(WagtailStreamField):
    """Stock StreamField, except that a migration records only that the column is there.

    Blocks change often and live in Python, not in the schema; recording them makes a migration of every label.
    The price: a data migration sees the raw JSON (`value.raw_data`) but no block definitions, and must name the
    blocks it changes itself (`wagtail.blocks.migrations` works on raw data, so it still can).
    """

    def __init__(self, block_types: Any = (), **kwargs: Any) -> None:
        super().__init__(block_types, **kwargs)

    def deconstruct(self) -> tuple[str, str, list, dict]:
        name, path, _args, kwargs = super().deconstruct()
        kwargs.pop("block_lookup", None)
        return name, path, [], kwargs
