"""Rendering of stored JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework.renderers import JSONRenderer


class StoredJSON(str):
    """JSON text that is sent unchanged."""

    __slots__ = ()


class StoredJSONRenderer(JSONRenderer):
    """DRF's JSON renderer, except that it sends a StoredJSON unchanged."""

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        if isinstance(data, StoredJSON):
            return data.encode()
        return super().render(data, accepted_media_type, renderer_context)
