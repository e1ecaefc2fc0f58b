"""A StreamField with a maximum number of blocks, which keeps block definitions out of migrations."""

from typing import Any

from wagtail.fields import StreamField as WagtailStreamField

# The number of members of a list, unless it names another one. Each reference to a page, a person or a file costs some
# milliseconds whenever a form opens or a page is published. Longer lists are a task of sections and searches.
MAX_ITEMS = 100
# The number of blocks of a long page, and of stands of a large fair.
MAX_BLOCKS = 500


class StreamField(WagtailStreamField):
    """A StreamField of at most MAX_ITEMS blocks, whose migrations record the column without its block definitions.

    Block definitions do not change the schema; with Wagtail's field, every changed label needs a migration.
    Drawback: in a data migration the field has only raw JSON (`value.raw_data`). The migration names the blocks that it
    changes; `wagtail.blocks.migrations` works on raw data.
    """

    def __init__(self, block_types: Any = (), **kwargs: Any) -> None:
        super().__init__(block_types, **{"max_num": MAX_ITEMS, **kwargs})

    def deconstruct(self) -> tuple[str, str, list, dict]:
        name, path, _args, kwargs = super().deconstruct()
        kwargs.pop("block_lookup", None)
        return name, path, [], kwargs
