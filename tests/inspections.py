"""Remembers what the child process finds in a file, because hundreds of tests use the same few files.

The results are kept in `build/inspections/`, for all processes and for later sessions, until the code changes.
"""

import hashlib
import json
import os
import shutil
import time
from pathlib import Path
from tempfile import mkdtemp

from cms.media.inspection import inspector

CODE = sorted(Path(inspector.__file__).parent.rglob("*.py"))
VERSION = hashlib.sha256(b"".join(path.read_bytes() for path in CODE)).hexdigest()[:16]
KEPT_SECONDS = 24 * 3600
FOLDER = Path(__file__).resolve().parents[1] / "build" / "inspections"


class RememberedInspections:
    """Runs each job (content, kind, options) once, and repeats its result."""

    def __init__(self):
        self.run = inspector.run
        self.folder = FOLDER / VERSION
        for old in FOLDER.glob("*"):
            # A session that began before the code changed still uses its own.
            if not old.name.startswith(VERSION) and old.stat().st_mtime < time.time() - KEPT_SECONDS:
                shutil.rmtree(old, ignore_errors=True)
        self.folder.mkdir(parents=True, exist_ok=True)

    def __call__(self, path, folder, kind, extension, options):
        pixels, limits = inspector.settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS, str(inspector.LIMITS[kind])
        job = json.dumps([kind, extension, options, pixels, limits])
        known = self.folder / hashlib.sha256(path.read_bytes() + job.encode()).hexdigest()
        if not known.exists():
            self._remember(known, path, self.run(path, folder, kind, extension, options))  # A refusal is not kept.
        found = json.loads((known / "found.json").read_text())
        if found["is_changed"]:
            shutil.copyfile(known / "file", path)
        files = {
            spec: inspector.rendition_file((known / name).read_bytes(), name, width, height)
            for spec, (name, width, height) in found["renditions"].items()
        }
        return inspector.Inspection(**found | {"renditions": files})

    def _remember(self, known, path, found):
        made = Path(mkdtemp(dir=self.folder.parent, prefix=f"{VERSION}-"))
        renditions = {}
        for number, (spec, file) in enumerate(found.renditions.items()):
            name = f"{number}-{file.name}"
            renditions[spec] = (name, file.inspection.width, file.inspection.height)
            (made / name).write_bytes(file.read())
        if found.is_changed:
            shutil.copyfile(path, made / "file")
        summary = vars(found) | {"renditions": renditions}
        (made / "found.json").write_text(json.dumps(summary))
        try:
            os.rename(made, known)  # noqa: PTH104 (fails if another process was first)
        except OSError:
            shutil.rmtree(made)
