"""Where the index lives: one contract, two engines, chosen by the setting SEARCH_ENGINE.

No code outside this package asks which engine is on.
"""

from functools import cache
from pathlib import Path

from django.conf import settings
from django.utils.module_loading import import_string

from .contract import Engine, Store

STORES = {
    "embedded": "search.engines.embedded.engine.EmbeddedStore",
    "elasticsearch": "search.engines.elasticsearch.engine.ElasticsearchStore",
}
FIRST_NAME = "first"


def store() -> Store:
    """Return the indexes of this instance."""
    return _store(settings.SEARCH_ENGINE, Path(settings.SEARCH_FOLDER))


@cache
def _store(engine: str, folder: Path) -> Store:
    made: Store = import_string(STORES[engine])(folder)
    return made


def live_engine() -> Engine:
    """Return the index that answers, made empty when there is none yet. Raises EngineUnavailable."""
    indexes = store()
    name = indexes.live_name()
    if not name:
        name = FIRST_NAME
        indexes.open(name)
        indexes.make_live(name)
    return indexes.open(name)
