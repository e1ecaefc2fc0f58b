"""Django application of the management commands and of the texts of the admin."""

from django.apps import AppConfig


class CmsConfig(AppConfig):
    name = "cms"
    label = "cms"
    verbose_name = "CMS"

    def ready(self) -> None:
        from . import database_time_limits
        from .overrides.debug_pages import replace_debug_page
        from .overrides.redirect_batches import bound_redirect_batches
        from .request_transactions.overrides.view_transactions import replace_view_transactions

        database_time_limits.connect_signals()
        replace_view_transactions()
        bound_redirect_batches()
        replace_debug_page(database_time_limits.outage_response)
