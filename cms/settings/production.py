"""Settings of a public instance: HTTPS only. The start is refused while a required variable is missing or unsafe."""

from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.http.request import validate_host

from .base import *

SECRET_KEY_LENGTH = 50
SMTP_BACKEND = "django.core.mail.backends.smtp.EmailBackend"


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _missing_settings() -> Iterator[str]:
    """Yield a sentence for each variable that is missing, or whose value is not safe on a public instance."""
    if SECRET_KEY == INSECURE_SECRET_KEY or len(SECRET_KEY) < SECRET_KEY_LENGTH:
        yield f"SECRET_KEY must be a secret of at least {SECRET_KEY_LENGTH} characters."
    if DEBUG:
        yield "DEBUG must be unset or false: it shows settings and data to every visitor."
    if not ALLOWED_HOSTS or any(host in {"*", "."} for host in ALLOWED_HOSTS):
        yield "ALLOWED_HOSTS must name the hosts that this instance answers for, not *."
    if not env.is_set("DATABASE_URL"):
        yield "DATABASE_URL must name the database: production has no default."
    base = urlsplit(PUBLIC_BASE_URL)
    if not env.is_set("PUBLIC_BASE_URL") or base.scheme != "https" or _is_loopback(base.hostname or ""):
        yield "PUBLIC_BASE_URL must be the https:// address of the admin, under which people reach it."
    # Other backends write password links to the console or to files, or drop them.
    if EMAIL["EMAIL_BACKEND"] != SMTP_BACKEND or not EMAIL["EMAIL_HOST"]:
        yield "EMAIL_URL must name a mail server: smtp+tls://USER:PASSWORD@HOST:PORT."
    if not env.is_set("EMAIL_FROM"):
        yield "EMAIL_FROM must be the address from which mail is sent."
    if OIDC and urlsplit(OIDC["issuer"]).scheme != "https":
        yield "OIDC_ISSUER must be an https:// address."
    if ADMIN_HOST and not validate_host(ADMIN_HOST, ALLOWED_HOSTS):
        yield "ADMIN_HOST must be one of ALLOWED_HOSTS."
    if ADMIN_HOST and base.hostname != ADMIN_HOST:
        yield "PUBLIC_BASE_URL must be on ADMIN_HOST, since links in e-mails lead to the admin."


if _missing := list(_missing_settings()):
    raise ImproperlyConfigured(" ".join(_missing))

MIDDLEWARE.insert(3, "whitenoise.middleware.WhiteNoiseMiddleware")  # after the redirect to https
STORAGES["staticfiles"] = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}

SECURE_SSL_REDIRECT = True
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
SECURE_HSTS_INCLUDE_SUBDOMAINS = HSTS_SUBDOMAINS
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True

# A browser takes cookies with this prefix from their own host only, over https (RFC 6265bis).
COOKIE_PREFIX = "__Host-"
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrftoken"

# WhiteNoise states the character set of text/* only.
WHITENOISE_MIMETYPES = {".svg": "image/svg+xml; charset=utf-8"}

# The list of hosts that browsers have built in: a department cannot enter its council's domain.
SILENCED_SYSTEM_CHECKS = ["security.W021"]
