"""Django application of the security headers and of the checks of a deployment."""

from django.apps import AppConfig


class HardeningConfig(AppConfig):
    name = "cms.hardening"
    label = "hardening"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_out

        from . import connection_checks, deployment_checks  # noqa: F401 (they register the checks)
        from .security_headers import clear_browser_at_logout

        user_logged_out.connect(clear_browser_at_logout, dispatch_uid="hardening.clear_browser_at_logout")
