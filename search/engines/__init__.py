"""Where the index lives: one contract, two engines, chosen by the setting SEARCH_ENGINE.

No code outside this package asks which engine is on.
"""

from functools import cache
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from .contract import Engine, Store

STORES = {
    "embedded": "search.engines.embedded.engine.EmbeddedStore",
    "elasticsearch": "search.engines.elasticsearch.engine.ElasticsearchStore",
}


def store() -> Store:
    """Return the indexes of this instance."""
    return _store(settings.SEARCH_ENGINE, Path(settings.SEARCH_FOLDER))


@cache
def _store(engine: str, folder: Path) -> Store:
    made: Store = import_string(STORES[engine])(folder)
    return made


def new_name() -> str:
    """Return the name of an index to be made, which none had before: cursors of the feed are kept by name."""
    return f"made-{timezone.now():%Y%m%d%H%M%S%f}"


def live_engine() -> Engine:
    """Return the index that answers, made empty when there is none yet. Raises EngineUnavailable."""
    indexes = store()
    if engine := indexes.live_engine():
        return engine
    name = new_name()
    made = indexes.open(name)
    indexes.make_live(name)
    # Another process may have made one at the same time.
    return indexes.live_engine() or made
