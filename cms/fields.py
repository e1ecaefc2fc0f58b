"""A StreamField that keeps block definitions out of migrations."""

from typing import Any

from wagtail.fields import StreamField as WagtailStreamField


class StreamField(WagtailStreamField):
    """A StreamField whose migrations record the column without its block definitions.

    Block definitions do not change the schema; with Wagtail's field, every changed label needs a migration.
    Drawback: in a data migration the field has only raw JSON (`value.raw_data`). The migration names the blocks that it
    changes; `wagtail.blocks.migrations` works on raw data.
    """

    def __init__(self, block_types: Any = (), **kwargs: Any) -> None:
        super().__init__(block_types, **kwargs)

    def deconstruct(self) -> tuple[str, str, list, dict]:
        name, path, _args, kwargs = super().deconstruct()
        kwargs.pop("block_lookup", None)
        return name, path, [], kwargs
