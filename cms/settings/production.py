"""Settings of a public instance: HTTPS only; a secret key and the host names are required."""

from django.core.exceptions import ImproperlyConfigured

from .base import *

SECRET_KEY_LENGTH = 50

if SECRET_KEY == INSECURE_SECRET_KEY or len(SECRET_KEY) < SECRET_KEY_LENGTH:
    raise ImproperlyConfigured(f"SECRET_KEY must be a secret of at least {SECRET_KEY_LENGTH} characters.")
if DEBUG:
    raise ImproperlyConfigured("DEBUG must be unset or false: it shows settings and data to every visitor.")
if not ALLOWED_HOSTS or any(host in {"*", "."} for host in ALLOWED_HOSTS):
    raise ImproperlyConfigured("ALLOWED_HOSTS must name the hosts that this instance answers for, not *.")

MIDDLEWARE.insert(1, "whitenoise.middleware.WhiteNoiseMiddleware")
STORAGES["staticfiles"] = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}

SECURE_SSL_REDIRECT = True
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True

SILENCED_SYSTEM_CHECKS = [
    # HSTS for subdomains: the host of a department is in the domain of its council, which has other hosts.
    "security.W005",
    "security.W021",
]
