"""ASGI entry point. It uses the production settings unless DJANGO_SETTINGS_MODULE names others."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.production")

_django = get_asgi_application()

from sites.request_bodies.asgi_bodies import LimitedBodies  # noqa: E402 (the applications must be ready)

application = LimitedBodies(_django)
