"""System checks of rate limits: their rates, the shared store of several processes, and trusted proxies."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from limits import parse

from .limiter import OFF


@register(Tags.security)
def check_rates(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Return an error for each rate that cannot be read."""
    return [
        Error(f"RATE_LIMITS has an unreadable rate for “{rule}”: {rate}", hint="10/15 minutes", id="cms_sites.E041")
        for rule, rate in settings.RATE_LIMITS.items()
        if not _is_rate(rate)
    ]


@register(Tags.security)
def check_password_resets(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Return an error if the e-mails of password resets can be held back for longer than the last link is valid."""
    rate = settings.RATE_LIMITS["reset.address"]
    if rate == OFF or not _is_rate(rate) or parse(rate).get_expiry() <= settings.PASSWORD_RESET_TIMEOUT:
        return []
    hint = f"Choose a period of at most {settings.PASSWORD_RESET_TIMEOUT} seconds, for example 10/hour."
    text = "The period of “reset.address” is longer than links are valid: its owner may be left without one."
    return [Error(text, hint=hint, id="cms_sites.E044")]


@register(Tags.security, deploy=True)
def check_shared_store(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Return an error if several processes would each allow the whole rate, or if all clients would share one."""
    messages: list[CheckMessage] = []
    if settings.WEB_CONCURRENCY > 1 and not settings.REDIS_URL:
        messages.append(
            Error(
                "Several processes count attempts each for itself, so that a client has as many times the rate.",
                hint="Set REDIS_URL, or run one process with several threads.",
                id="cms_sites.E042",
            )
        )
    if settings.TRUST_FORWARDED_PROTO and not settings.TRUSTED_PROXIES:
        messages.append(
            checks.Warning(
                "There is a proxy in front, and TRUSTED_PROXIES is empty: all clients count as one.",
                hint="Set TRUSTED_PROXIES to the addresses of the proxy, or to unix for a Unix socket.",
                id="cms_sites.W043",
            )
        )
    return messages


def _is_rate(rate: str) -> bool:
    try:
        return rate == OFF or bool(parse(rate))
    except ValueError:
        return False
