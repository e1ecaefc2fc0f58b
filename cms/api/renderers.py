"""Rendering of JSON that is stored ready to be sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework.renderers import JSONRenderer


class StoredJSON(str):
    """JSON text that is sent as it is."""

    __slots__ = ()


class StoredJSONRenderer(JSONRenderer):
    """DRF's renderer, except that a StoredJSON is neither parsed nor written again."""

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        if isinstance(data, StoredJSON):
            return data.encode()
        return super().render(data, accepted_media_type, renderer_context)
