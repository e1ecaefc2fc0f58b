"""The configuration of the log (setting LOGGING): every entry goes to the standard error stream, in one format."""

from typing import Any


def logging_configuration(log_format: str, level: str) -> dict[str, Any]:
    """Return the configuration for a format (`text` or `json`) and the lowest level that is written."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "text": {"()": "cms.hardening.log_lines.LineFormatter"},
            "json": {"()": "cms.hardening.log_lines.JsonFormatter"},
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": log_format}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            # Django's default handlers would print each line twice with DEBUG, and none without.
            "django": {"handlers": [], "level": level, "propagate": True},
            # At INFO there is a line for each task; failures are logged as ERROR.
            "django_tasks": {"level": "WARNING"},
            # At INFO there is a line for each request to Elasticsearch.
            "elastic_transport": {"level": "WARNING"},
            "django.server": {"handlers": ["console"], "level": level, "propagate": False},
        },
    }
