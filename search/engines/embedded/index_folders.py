"""The folders of the embedded indexes: one folder for each index, a file that names the live one, and lock files."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LIVE = "live"
# COMMIT_LOCK is held while changes are committed, UPDATE_LOCK from reading the feed until after the commit.
COMMIT_LOCK, UPDATE_LOCK = "writer.lock", "update.lock"
MARK = "feed.mark"


class IndexFolders:
    """The folders of indexes below one folder. `search.engines.new_index_name` makes the names."""

    def __init__(self, top: Path) -> None:
        self.top = top

    def names(self) -> list[str]:
        return sorted(path.name for path in self.top.glob("*/") if (path / "meta.json").exists())

    def live_name(self) -> str:
        """Return the name of the live index; "" if there is none or its folder is gone."""
        try:
            name = (self.top / LIVE).read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return ""
        return name if (self.top / name / "meta.json").exists() else ""

    def make_live(self, name: str) -> None:
        """Make another index live, from one query to the next."""
        self.top.mkdir(parents=True, exist_ok=True)
        # Each index has a temporary file of its own: two rebuilds may finish at the same moment.
        pointer = self.top / f"{LIVE}.{name}"
        pointer.write_text(name, encoding="ascii")
        pointer.replace(self.top / LIVE)

    def folder(self, name: str) -> Path:
        """Return the folder of an index; create it if it does not exist."""
        folder = self.top / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def state(self, name: str) -> tuple[int, int]:
        """Return a value that changes with each commit of an index."""
        try:
            status = (self.top / name / "meta.json").stat()
        except FileNotFoundError:
            return 0, 0
        return status.st_mtime_ns, status.st_ino

    def mark(self, name: str) -> str:
        """Return the mark of an index; "" if none was set."""
        try:
            return (self.top / name / MARK).read_text(encoding="ascii")
        except FileNotFoundError:
            return ""

    def set_mark(self, name: str, mark: str) -> None:
        """Store the mark of an index beside its files, complete or not at all."""
        new = self.folder(name) / f"{MARK}.new"
        new.write_text(mark, encoding="ascii")
        new.replace(self.top / name / MARK)

    def remove(self, name: str) -> None:
        shutil.rmtree(self.top / name, ignore_errors=True)

    @contextmanager
    def locked(self, name: str, lock: str) -> Iterator[None]:
        """Hold a lock of an index, exclusive on this machine. The system releases it when the process ends."""
        with (self.folder(name) / lock).open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
