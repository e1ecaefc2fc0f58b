"""The search indexes: one contract and two engines, selected by the setting SEARCH_ENGINE.

No code outside this package depends on the engine in use.
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
    """Return the store of the indexes of this instance."""
    return _index_store(settings.SEARCH_ENGINE, Path(settings.SEARCH_FOLDER))


@cache
def _index_store(engine: str, folder: Path) -> IndexStore:
    store: IndexStore = import_string(STORE_CLASSES[engine])(folder)
    return store


def new_index_name() -> str:
    """Return an unused name for a new index. Cursors of the feed are kept by index name."""
    return f"made-{timezone.now():%Y%m%d%H%M%S%f}"


def get_live_engine() -> Engine:
    """Return the live index for reading. Raises EngineUnavailable, also if no index is live.

    An index is not created here: an empty one would answer that nothing is published.
    """
    engine = index_store().live_engine()
    if engine is None:
        raise EngineUnavailable("there is no index yet, or it is gone; search_update and search_rebuild make one")
    return engine


def get_or_create_live_engine() -> Engine:
    """Return the live index for writing; create an empty one if none is live. Raises EngineUnavailable.

    Call it for each batch: changes that are written to an index that is no longer live are missing in the live one.
    """
    store = index_store()
    if not store.live_name():
        name = new_index_name()
        store.open(name)
        store.make_live(name)
    # Another process may have made another index live at the same time.
    return store.open(store.live_name())
