"""Inspects the media files of the demo in child processes, while the migrations run on another core."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from django.core.files.base import ContentFile

from cms.media.inspection.inspector import inspect_file
from cms.media.renditions.specs import declared_specs

from .content_files import ASSETS_FOLDER, DemoContent, Record

CONSENT_PROOF = "consentement.pdf"
# The kind of each record, and the kind of inspection that its model asks for.
INSPECTED_KINDS = {"image": "image", "document": "document", "video": "video", "consent": "proof"}


class InspectedAssets:
    """The files of media records. A model inspects a file itself whose inspection was not begun here."""

    def __init__(self) -> None:
        self._inspections: dict[tuple[str, str], Future[ContentFile]] = {}

    def begin_all(self, content: DemoContent, executor: ThreadPoolExecutor) -> None:
        for kind, inspected_kind in INSPECTED_KINDS.items():
            for key, record in content.records[kind].items():
                self._inspections[kind, key] = executor.submit(_inspect, _asset_name(record), inspected_kind)

    def file(self, kind: str, record: Record) -> ContentFile:
        """Return the file of a record, with the result of its inspection. Raise FileRefused if it is refused."""
        inspection = self._inspections.get((kind, record["key"]))
        return inspection.result() if inspection else read_asset(_asset_name(record))


@contextmanager
def inspect_assets(content: DemoContent) -> Iterator[InspectedAssets]:
    """Inspect all files beside the `with` block, one at a time: the block uses another core."""
    assets = InspectedAssets()
    executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="inspection")
    try:
        assets.begin_all(content, executor)
        yield assets
    finally:
        executor.shutdown(cancel_futures=True)


def _asset_name(record: Record) -> str:
    return str(record.get("file", CONSENT_PROOF))


def read_asset(name: str) -> ContentFile:
    """Return a new file with the content of an asset."""
    return ContentFile((ASSETS_FOLDER / name).read_bytes(), name=name)


def _inspect(name: str, kind: str) -> ContentFile:
    file = read_asset(name)
    inspect_file(file, kind, name, **({"specs": declared_specs()} if kind == "image" else {}))
    return file
