"""WSGI entry point. It uses the production settings unless DJANGO_SETTINGS_MODULE names others."""

import os

from django.core.wsgi import get_wsgi_application
from django.db import connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.production")

application = get_wsgi_application()
# A connection that the start has opened would have no time limits (`cms.database_time_limits`).
connections.close_all()
