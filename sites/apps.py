"""The Django app of the departments. Its label is `cms_sites`, because `django.contrib.sites` uses `sites`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SitesConfig(AppConfig):
    name = "sites"
    label = "cms_sites"
    verbose_name = _("departments")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from .access.current_department import clear_choice
        from .access.foreign_references import refuse_moves_between_departments
        from .access.listing_policies import register_listing_policies
        from .access.overrides.private_copies import keep_copies_private
        from .access.ownership import register_models
        from .access.references.direct_aliases import keep_aliases_direct
        from .access.references.private_pages import keep_privacy_of_deleted_pages
        from .admin.overrides.department_copies import keep_copies_in_department
        from .admin.overrides.filter_sets import limit_filter_choices
        from .admin.overrides.opened_forms import write_nothing_when_forms_open
        from .admin.overrides.page_titles import show_readable_titles
        from .admin.overrides.referenced_objects import limit_referenced_objects
        from .admin.overrides.spreadsheets import escape_formulas_in_exports, limit_rows_of_exports
        from .admin.overrides.text_comparison import compare_long_texts
        from .admin.overrides.used_objects import name_uses_of_protected_objects
        from .audit_log import department_events
        from .audit_log.account_events import connect_signals
        from .lifecycle.deletion_protection import protect_departments
        from .members.membership import register_invitation_mail
        from .members.membership_end import watch_membership_ends
        from .models import append_only
        from .rate_limits import account_lock, checks  # noqa: F401 (register the system checks)
        from .request_bodies.overrides.request_charset import read_requests_as_utf8
        from .sharing.notifications import register_sharing_mail
        from .validation.overrides.field_validators import refuse_odd_values
        from .validation.overrides.tag_fields import limit_tags

        read_requests_as_utf8()
        refuse_odd_values()
        limit_tags()
        account_lock.connect_signals()
        append_only.connect_signals()
        department_events.connect_signals()
        connect_signals()
        user_logged_in.connect(clear_choice, dispatch_uid="sites.forget_department")
        register_models()
        keep_aliases_direct()
        keep_privacy_of_deleted_pages()
        keep_copies_private()
        keep_copies_in_department()
        limit_filter_choices()
        limit_referenced_objects()
        show_readable_titles()
        compare_long_texts()
        write_nothing_when_forms_open()
        escape_formulas_in_exports()
        limit_rows_of_exports()
        name_uses_of_protected_objects()
        protect_departments()
        refuse_moves_between_departments()
        register_listing_policies()
        watch_membership_ends()
        register_invitation_mail()
        register_sharing_mail()
