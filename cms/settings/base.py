"""Settings of all environments. Only this module reads environment variables (README.md lists them).

It imports nothing of the product except the other modules of this package.
"""

from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from . import language_declarations
from .default_rate_limits import DEFAULT_RATE_LIMITS
from .environment import Environment
from .logging_configuration import logging_configuration
from .machine_translation import machine_translation
from .oidc_configuration import oidc_configuration
from .task_backends import task_backends

BASE_DIR = Path(__file__).resolve().parents[2]

# --- Environment --------------------------------------------------------------------------------------------

env = Environment()

INSECURE_SECRET_KEY = "insecure-default-for-a-trial-on-ones-own-machine-only"  # noqa: S105

SECRET_KEY = env.text("SECRET_KEY", default=INSECURE_SECRET_KEY)
SECRET_KEY_FALLBACKS = env.names("SECRET_KEY_FALLBACKS")
DEBUG = env.boolean("DEBUG", default=False)
ALLOWED_HOSTS = env.names("ALLOWED_HOSTS")
DATA_DIR = env.folder("DATA_DIR", default=BASE_DIR / "data")
DATABASE = env.database("DATABASE_URL", default=DATA_DIR / "db.sqlite3")
DATABASE_STATEMENT_SECONDS = env.number("DATABASE_STATEMENT_SECONDS", default=20)
DATABASE_LOCK_SECONDS = env.number("DATABASE_LOCK_SECONDS", default=3)
DATABASE_IDLE_SECONDS = env.number("DATABASE_IDLE_SECONDS", default=30)
ELASTICSEARCH_URL = env.url("ELASTICSEARCH_URL", default="")
ELASTICSEARCH_PREFIX = env.text("ELASTICSEARCH_PREFIX", default="cms")
SEARCH_ENGINE = env.choice("SEARCH_ENGINE", choices=("embedded", "elasticsearch"), default="embedded")
if SEARCH_ENGINE == "elasticsearch" and not ELASTICSEARCH_URL:
    raise ImproperlyConfigured("SEARCH_ENGINE is elasticsearch: ELASTICSEARCH_URL must say where it is.")
SEARCH_UPDATES = env.choice("SEARCH_UPDATES", choices=("task", "command"), default="task")
MEDIA_URL = env.url_prefix("MEDIA_URL", default="/media/")
MEDIA_INTERNAL_LOCATION = env.location("MEDIA_INTERNAL_LOCATION", default="")
# Host name of the admin; "" to answer the admin on every host.
ADMIN_HOST = env.host("ADMIN_HOST", default="")
PUBLIC_BASE_URL = env.url("PUBLIC_BASE_URL", default="http://127.0.0.1:8000")
EMAIL = env.email("EMAIL_URL", default="consolemail://")
EMAIL_TIMEOUT = env.positive_number("EMAIL_TIMEOUT", default=10)
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", default="webmaster@localhost")
TASKS_BACKEND = env.choice("TASKS_BACKEND", choices=("immediate", "database"), default="immediate")
IMAGE_MAX_MEGAPIXELS = env.number("IMAGE_MAX_MEGAPIXELS", default=40)
IMAGE_MAX_MB = env.number("IMAGE_MAX_MB", default=20)
AVATAR_MAX_MB = env.number("AVATAR_MAX_MB", default=5)
DOCUMENT_MAX_MB = env.number("DOCUMENT_MAX_MB", default=50)
VIDEO_MAX_MB = env.number("VIDEO_MAX_MB", default=500)
PROOF_MAX_MB = env.number("PROOF_MAX_MB", default=20)
DEPARTMENT_QUOTA_MB = env.number("DEPARTMENT_QUOTA_MB", default=20_000)
PENDING_UPLOADS_MAX = env.positive_number("PENDING_UPLOADS_MAX", default=100)
LOG_FORMAT = env.choice("LOG_FORMAT", choices=("text", "json"), default="text")
LOG_LEVEL = env.choice("LOG_LEVEL", choices=("DEBUG", "INFO", "WARNING", "ERROR"), default="INFO")
TRUST_FORWARDED_PROTO = env.boolean("TRUST_FORWARDED_PROTO", default=False)
HSTS_SUBDOMAINS = env.boolean("HSTS_SUBDOMAINS", default=True)
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES")
REDIS_URL = env.redis("REDIS_URL")
WEB_CONCURRENCY = env.number("WEB_CONCURRENCY", default=1)

# True to give instance administrators read access through version 3 of Wagtail's API.
API_V3 = env.boolean("API_V3", default=False)

# True to serve the sites of departments also below /<slug>/, on hosts that belong to no department.
READER_PATH_PREFIX = env.boolean("READER_PATH_PREFIX", default=False)

# The accounts that must have a second factor: none, superusers, or all. A department decides about its members.
SECOND_FACTOR_REQUIRED = env.choice(
    "SECOND_FACTOR_REQUIRED", choices=("nobody", "administrators", "everyone"), default="nobody"
)

# The OpenID Connect provider; empty without OIDC_ISSUER.
OIDC = oidc_configuration(env)

# The services that draft translations by machine.
MACHINE_TRANSLATION = machine_translation(env)

# A session ends these hours after its login, or earlier after these minutes without a request of a person.
SESSION_HOURS = env.positive_number("SESSION_HOURS", default=12)
SESSION_IDLE_MINUTES = env.positive_number("SESSION_IDLE_MINUTES", default=60)

# Limits of attempts and requests, in a moving window; docs/operations.md describes each. `off` switches one off.
RATE_LIMITS = env.rates("RATE_LIMITS", default=DEFAULT_RATE_LIMITS)

# --- Applications and requests ------------------------------------------------------------------------------

INSTALLED_APPS = [
    "cms",
    "cms.hardening",
    "cms.reader",
    "cms.api",
    "search",
    "cms.delivery",
    "cms.copies",
    "cms.pages",
    "cms.translations",
    "cms.media",
    "cms.users",
    "cms.divided_changes",
    "sites",
    "sites.mail",
    "wagtail_localize",
    "wagtail.contrib.redirects",
    # Not wagtail_localize.locales: its form offers to copy the pages of all departments into a language.
    "wagtail.locales",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "rest_framework",
    "django_filters",
    "django_tasks",
    "django_tasks_db",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
]

# No LocaleMiddleware: a reader page takes its language from its document, the API has no language of its own, and
# Wagtail activates the preferred language of the user.
MIDDLEWARE = [
    "cms.hardening.security_headers.SecurityHeadersMiddleware",
    "cms.hardening.https_redirect.HttpsRedirectMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "sites.middleware.AdminHostMiddleware",
    "sites.middleware.AdminSessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "sites.request_bodies.middleware.BodySizeMiddleware",
    "sites.rate_limits.middleware.FormLimitMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "cms.users.middleware.SessionStepMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "sites.rate_limits.middleware.RateLimitMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "sites.middleware.RequestContextMiddleware",
    "sites.middleware.DepartmentAccessMiddleware",
    "sites.audit_log.middleware.AuditLogMiddleware",
    "sites.middleware.MalformedRequestMiddleware",
    "cms.translations.middleware.TranslationRequestMiddleware",
    "sites.middleware.SiteRedirectMiddleware",
    "cms.pages.middleware.RefusedChangeMiddleware",
    "cms.pages.middleware.DamagedPageMiddleware",
]

ROOT_URLCONF = "cms.urls"
WSGI_APPLICATION = "cms.wsgi.application"
ASGI_APPLICATION = "cms.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# Responses without a policy of their own: data, errors, and forms without style. cms/hardening/ has the other policies.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "object-src": ["'none'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

# The form of a long page has more fields than Django's default limit of 1,000.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
FORM_BODY_MAX_BYTES = 4_500_000  # without files: DATA_UPLOAD_MAX_MEMORY_SIZE and the separators of so many fields

# Prefix of the names of all cookies. No script reads a cookie.
COOKIE_PREFIX = ""
CSRF_COOKIE_HTTPONLY = True
MESSAGE_STORAGE = "sites.host_cookies.MessageStorage"

if TRUST_FORWARDED_PROTO:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- Uploads ------------------------------------------------------------------------------------------------

MEGABYTE = 1024 * 1024

WAGTAILIMAGES_MAX_IMAGE_PIXELS = IMAGE_MAX_MEGAPIXELS * 1_000_000
WAGTAILIMAGES_MAX_UPLOAD_SIZE = IMAGE_MAX_MB * MEGABYTE
WAGTAILDOCS_MAX_UPLOAD_SIZE = DOCUMENT_MAX_MB * MEGABYTE
AVATAR_MAX_BYTES = AVATAR_MAX_MB * MEGABYTE
VIDEO_MAX_BYTES = VIDEO_MAX_MB * MEGABYTE
PROOF_MAX_BYTES = PROOF_MAX_MB * MEGABYTE
DEPARTMENT_QUOTA_BYTES = DEPARTMENT_QUOTA_MB * MEGABYTE
STORAGE_RESERVE_BYTES = env.number("STORAGE_RESERVE_MB", default=500) * MEGABYTE
CAPTIONS_MAX_BYTES = 2_000_000
ALL_CAPTIONS_MAX_BYTES = CAPTIONS_MAX_BYTES * len(language_declarations.LANGUAGE_DECLARATIONS)
TRANSLATION_UPLOAD_MAX_BYTES = 5_000_000  # One translation, on a screen.
TRANSLATION_FILE_MAX_BYTES = 20_000_000  # Many translations, by the command.
TRANSLATION_FILE_MAX_UNITS = 50_000

# --- Database, files, tasks ---------------------------------------------------------------------------------

DATABASES = {"default": DATABASE | {"ATOMIC_REQUESTS": True}}
if DATABASE["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE: a second writer waits. With the default, a transaction that reads and then writes would fail.
    DATABASES["default"]["OPTIONS"] = {
        "init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;",
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
    }
    DATABASES["default"]["ENGINE"] = "cms.sqlite"  # Django's backend, whose writers wait in turn
else:
    DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
    # Seconds, and milliseconds for tcp_user_timeout: a server that is away fails a request within a minute at most.
    DATABASES["default"]["OPTIONS"] = {
        "connect_timeout": 5,
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "tcp_user_timeout": 30_000,
        **DATABASE.get("OPTIONS", {}),
    }

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

MEDIA_ROOT = DATA_DIR / "media"
STATIC_ROOT = DATA_DIR / "static"
STATIC_URL = "/static/"

STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "private": {"BACKEND": "cms.storage.PrivateStorage", "OPTIONS": {"location": DATA_DIR / "private"}},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

TASKS = task_backends(TASKS_BACKEND)
# The backend for tasks that must run outside the request, with or without a worker.
BACKGROUND_TASKS = "background" if "background" in TASKS else "default"
# The backend for the documents that a change affects, beyond those of the editor's own pages.
DOCUMENT_TASKS = "documents" if "documents" in TASKS else "default"
# The backend for e-mails: another thread, or the queue `mail` of the database, which has its own worker.
MAIL_TASKS = "mail" if "mail" in TASKS else "default"
# The backend for machine drafts: likewise, since a translation service may be slow.
MACHINE_TASKS = "machine" if "machine" in TASKS else "default"

# --- Accounts -----------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "users.User"
AUTHENTICATION_BACKENDS = [
    "sites.access.auth_backend.CapabilityBackend",
    "cms.users.single_sign_on.backend.SingleSignOnBackend",
]
LOGIN_URL = "wagtailadmin_login"

SESSION_ENGINE = "cms.users.sessions.session_store"
SESSION_COOKIE_AGE = SESSION_HOURS * 60 * 60
PASSWORD_RESET_TIMEOUT = 60 * 60
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "cms.users.passwords.validators.FrequentPasswordValidator"},
    {"NAME": "cms.users.passwords.validators.ContextWordsValidator"},
    {"NAME": "cms.users.passwords.validators.BreachedPasswordValidator"},
]
PASSWORD_CONTEXT_WORDS = env.names("PASSWORD_CONTEXT_WORDS")
BREACHED_PASSWORDS_FILE = env.text("BREACHED_PASSWORDS_FILE", default="")

# --- Languages and time -------------------------------------------------------------------------------------

LANGUAGE_CODE = "fr"
LANGUAGE_DECLARATIONS = language_declarations.LANGUAGE_DECLARATIONS
LANGUAGES = [(code, declaration["name"]) for code, declaration in LANGUAGE_DECLARATIONS.items()]
LIBRARY_CATALOGUES = BASE_DIR / "cms/translations/overrides/library_catalogues"  # words that libraries lack
LOCALE_PATHS = [BASE_DIR / "locale", LIBRARY_CATALOGUES]
TIME_ZONE = "Europe/Paris"
USE_TZ = True

# --- Wagtail ------------------------------------------------------------------------------------------------

WAGTAIL_SITE_NAME = _("Social professions in the departments")
WAGTAILADMIN_BASE_URL = PUBLIC_BASE_URL
WAGTAIL_I18N_ENABLED = True
WAGTAIL_FINISH_WORKFLOW_ACTION = "cms.translations.releases.held_approvals.publish_or_hold"  # Waits for releases.
WAGTAIL_ALLOW_UNICODE_SLUGS = False
WAGTAIL_CONTENT_LANGUAGES = LANGUAGES
WAGTAILADMIN_PERMITTED_LANGUAGES = [
    (code, declaration["name"])
    for code, declaration in LANGUAGE_DECLARATIONS.items()
    if declaration.get("is_interface_language")
]
# A user with the permission publishes a translation; it does not go live because its source is live.
WAGTAILLOCALIZE_SYNC_LIVE_STATUS_ON_TRANSLATE = False
WAGTAILLOCALIZE_JOBS = {"BACKEND": "cms.translations.subtrees.job_backend.SubtreeJobBackend"}
# Approvers are notified. Superusers would be notified of every submission of every department.
WAGTAILADMIN_NOTIFICATION_INCLUDE_SUPERUSERS = False

# The e-mail field of Wagtail's account screen changes the address at once; `cms.users.wagtail_hooks` replaces it.
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
# Likewise for the form of the password, so that a wrong one is reported. Resets stay on.
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_PASSWORD_RESET_ENABLED = True
WAGTAILADMIN_USER_LOGIN_FORM = "cms.users.login.password_forms.LabelledLoginForm"
WAGTAILADMIN_USER_PASSWORD_RESET_FORM = "cms.users.password_reset.QueuedPasswordResetForm"  # noqa: S105

WAGTAILADMIN_RICH_TEXT_EDITORS = {"default": {"WIDGET": "sites.admin.screens.rich_text_links.LinkedRichTextArea"}}

WAGTAILIMAGES_IMAGE_MODEL = "cms_media.CustomImage"
WAGTAILIMAGES_IMAGE_FORM_BASE = "cms.media.forms.DepartmentImageForm"
WAGTAILDOCS_DOCUMENT_MODEL = "cms_media.CustomDocument"
WAGTAILDOCS_DOCUMENT_FORM_BASE = "cms.media.forms.DepartmentDocumentForm"
WAGTAILDOCS_SERVE_METHOD = "serve_view"  # documents have URLs by id; their files have none
WAGTAILDOCS_EXTENSIONS = ["csv", "docx", "odp", "ods", "odt", "pdf", "pptx", "txt", "vtt", "xlsx", "zip"]
# Media types that Python's `mimetypes` knows on some machines only.
WAGTAILDOCS_CONTENT_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odt": "application/vnd.oasis.opendocument.text",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "vtt": "text/vtt",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

WAGTAILAPI_LIMIT_MAX = 100
WAGTAILAPI_DOCS_ENABLED = False  # the documentation of version 3 describes every model

WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "cms.pages.overrides.admin_index"}}

# Names of the IANA database that every browser knows. Python also lists files of the machine, such as `localtime`.
WAGTAIL_USER_TIME_ZONES = sorted(name for name in available_timezones() if "/" in name or name == "UTC")

# No data about editors or the instance is sent to third parties.
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False

# --- Search -------------------------------------------------------------------------------------------------

SEARCH_FOLDER = DATA_DIR / "search"  # indexes of the embedded engine
SEARCH_FALLBACKS: tuple[str, ...] = language_declarations.SEARCH_FALLBACKS

# Seconds between two updates of the query log; 0 turns it off.
SEARCH_LOG_SECONDS = 10

# --- REST framework -----------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    # wagtail-localize's editor sends each translated string as a form.
    "DEFAULT_PARSER_CLASSES": [
        "rest_framework.parsers.JSONParser",
        "rest_framework.parsers.FormParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    # No authentication and AdminAccess: a view that declares no permission answers 403.
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["cms.api.permissions.AdminAccess"],
    "EXCEPTION_HANDLER": "cms.api.errors.problem_handler",
    "URL_FORMAT_OVERRIDE": None,
}

# --- Product ------------------------------------------------------------------------------------------------

# Names of objects that `sites` and `cms.pages` may not import.
DEPARTMENT_HOME_PAGE_MODEL = "pages.DepartmentHomePage"
SHARED_SNIPPETS = ("pages.Organisation", "pages.Person")  # Only the owner changes them; all departments refer to them.
PREVIEW_RENDERER = "cms.reader.preview.render_preview"
PUBLICATION_CHECK = "cms.delivery.documents.document_size.refuse_large_page"

AUDIT_LOG_DAYS = env.number("AUDIT_LOG_DAYS", default=365)  # for which the audit logs keep an entry

# --- E-mail and log -----------------------------------------------------------------------------------------

# EMAIL_HOST, EMAIL_PORT, …, and the backend that EMAIL_URL names. Only the delivery of the outbox uses this backend.
globals().update(EMAIL)
MAIL_TRANSPORT = EMAIL["EMAIL_BACKEND"]
EMAIL_BACKEND = "sites.mail.outbox_backend.OutboxBackend"

LOGGING = logging_configuration(LOG_FORMAT, LOG_LEVEL)
