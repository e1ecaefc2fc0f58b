"""Django application of the security headers and of the checks of a deployment."""

from django.apps import AppConfig


class HardeningConfig(AppConfig):
    name = "cms.hardening"
    label = "hardening"

    def ready(self) -> None:
        from . import deployment_checks  # noqa: F401 (registers the checks)
