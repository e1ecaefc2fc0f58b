"""One complete update of the live index without background tasks: the feed, then the files, then lost languages."""

from __future__ import annotations

from dataclasses import dataclass

from search.engines import get_or_create_live_engine

from .feed_position import require_languages
from .file_texts.attachments import give_up_files, read_unread_files
from .index_updates import apply_feed, index_file_texts


@dataclass(frozen=True)
class IndexUpdate:
    """The number of changes that were applied, and of files that were read."""

    changes: int
    files: int


def update_live_index(read_seconds: float) -> IndexUpdate:
    """Apply the feed, then read waiting files for at most `read_seconds` and index their documents.

    Raises EngineUnavailable, and IndexOutOfStep if the index must be rebuilt; what was applied before that stays.
    """
    applied = apply_feed(get_or_create_live_engine())
    read = read_unread_files(read_seconds)
    give_up_files()
    index_file_texts(get_or_create_live_engine())
    require_languages(get_or_create_live_engine())
    return IndexUpdate(applied, read)
