"""The folders of the embedded indexes: one for each index, a file that names the live one, and a writer's lock."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LIVE = "live"
# Held while an index is written; and around that, from reading the feed on.
COMMIT_LOCK, UPDATE_LOCK = "writer.lock", "turn.lock"


class IndexFolders:
    """Indexes below one folder. Names are made by `search.indexing.index_updates`; nothing else is accepted as one."""

    def __init__(self, top: Path) -> None:
        self.top = top

    def names(self) -> list[str]:
        return sorted(path.name for path in self.top.glob("*/") if (path / "meta.json").exists())

    def live_name(self) -> str:
        """Return the name of the index that answers; "" when there is none yet, or its folder is gone."""
        try:
            name = (self.top / LIVE).read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return ""
        return name if (self.top / name / "meta.json").exists() else ""

    def make_live(self, name: str) -> None:
        """Have another index answer, from one query to the next."""
        self.top.mkdir(parents=True, exist_ok=True)
        # Each has a file of its own: two rebuilds may be finished at the same moment.
        pointer = self.top / f"{LIVE}.{name}"
        pointer.write_text(name, encoding="ascii")
        pointer.replace(self.top / LIVE)

    def folder(self, name: str) -> Path:
        """Return the folder of an index, made when it is not there."""
        folder = self.top / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def state(self, name: str) -> tuple[int, int]:
        """Return what changes with each commit of an index."""
        try:
            status = (self.top / name / "meta.json").stat()
        except FileNotFoundError:
            return 0, 0
        return status.st_mtime_ns, status.st_ino

    def remove(self, name: str) -> None:
        shutil.rmtree(self.top / name, ignore_errors=True)

    @contextmanager
    def locked(self, name: str, lock: str) -> Iterator[None]:
        """Hold a lock of an index: one at a time on this machine. The system frees it when its holder dies."""
        with (self.folder(name) / lock).open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
