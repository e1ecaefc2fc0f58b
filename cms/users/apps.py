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

        from cms.overrides.account_language import use_language_of_recipient
        from sites.rate_limits.limited_urls import add_limit

        from . import security_notices
        from .email_change.address_changes import count_request
        from .login import closed_accounts, ended_access, token_rules
        from .password_reset import count_reset, register_account_mail
        from .profiles import connect_signals
        from .second_factor.signals import second_factors_changed
        from .session_state import confirm_login
        from .sessions.account_sessions import end_other_sessions
        from .sessions.session_store import note_login

        use_language_of_recipient()
        add_limit("wagtailadmin_account", count_request)
        add_limit("wagtailadmin_password_reset", count_reset)
        connect_signals()
        register_account_mail()
        security_notices.connect_signals()
        ended_access.connect_signals()
        token_rules.connect_signals()
        closed_accounts.connect_signals()
        user_logged_in.connect(confirm_login, dispatch_uid="users.confirm_login")
        user_logged_in.connect(note_login, dispatch_uid="users.note_login")
        second_factors_changed.connect(end_other_sessions, dispatch_uid="users.end_other_sessions")
