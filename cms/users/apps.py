"""Django application of user accounts."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UsersConfig(AppConfig):
    name = "cms.users"
    label = "users"
    verbose_name = _("accounts")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from . import security_notices
        from .password_reset import register_account_mail
        from .profiles import connect_signals
        from .session_state import confirm_login

        connect_signals()
        register_account_mail()
        security_notices.connect_signals()
        user_logged_in.connect(confirm_login, dispatch_uid="users.confirm_login")
