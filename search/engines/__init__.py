"""Where the index lives: one contract, two engines, chosen by the setting SEARCH_ENGINE.

No code outside this package asks which engine is on.
"""

from functools import cache
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from .contract import Engine, EngineUnavailable, IndexStore

STORE_CLASSES = {
    "embedded": "search.engines.embedded.engine.EmbeddedStore",
    "elasticsearch": "search.engines.elasticsearch.engine.ElasticsearchStore",
}


def index_store() -> IndexStore:
    """Return the indexes of this instance."""
    return _store(settings.SEARCH_ENGINE, Path(settings.SEARCH_FOLDER))


@cache
def _store(engine: str, folder: Path) -> IndexStore:
    made: IndexStore = import_string(STORE_CLASSES[engine])(folder)
    return made


def new_index_name() -> str:
    """Return the name of an index to be made, which none had before: cursors of the feed are kept by name."""
    return f"made-{timezone.now():%Y%m%d%H%M%S%f}"


def get_live_engine() -> Engine:
    """Return the index that answers, for reading. Raises EngineUnavailable, also when there is none.

    None is made: an empty one would say that nothing is published.
    """
    engine = index_store().live_engine()
    if engine is None:
        raise EngineUnavailable("there is no index yet, or it is gone; search_update and search_rebuild make one")
    return engine


def get_or_create_live_engine() -> Engine:
    """Return the index that answers, for writing; made empty when there is none. Raises EngineUnavailable.

    Asked anew each time: what is written to one that no longer answers is missing in the one that does.
    """
    indexes = index_store()
    if not indexes.live_name():
        name = new_index_name()
        indexes.open(name)
        indexes.make_live(name)
    # Not `name`: another process may have made one at the same time.
    return indexes.open(indexes.live_name())
