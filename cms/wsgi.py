"""WSGI entry point. It uses the production settings unless DJANGO_SETTINGS_MODULE names others."""

import os
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.db import connections

from cms.overrides.call_stack import reserve_call_stack

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.production")

_handler = get_wsgi_application()


@reserve_call_stack
def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer a request (PEP 3333)."""
    return _handler(environ, start_response)


# A connection that the start has opened would have no time limits (`cms.database_time_limits`).
connections.close_all()
