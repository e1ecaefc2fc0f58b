"""Django application of changes of many objects (label `divided_changes`). It has no models."""

from django.apps import AppConfig


class DividedChangesConfig(AppConfig):
    name = "cms.divided_changes"
    label = "divided_changes"
    verbose_name = "divided changes"

    def ready(self) -> None:
        from cms.request_transactions.short_transactions import keep_own_transactions

        from .overrides.selected_objects import replace_form_valid

        replace_form_valid()
        keep_own_transactions(
            "wagtail_bulk_action",
            "wagtailadmin_pages:copy",
            "wagtailadmin_pages:delete",
            "wagtailadmin_pages:unpublish",
        )
