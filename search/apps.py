"""The Django application of the search index. Its label is `cms_search`: `wagtail.search` uses the plain one."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SearchConfig(AppConfig):
    name = "search"
    label = "cms_search"
    verbose_name = _("search")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.db.models.signals import post_delete, pre_save

        from cms.delivery.change_feed import feed_advanced
        from cms.media.models import CustomDocument
        from sites.access.ownership import FieldLookup, register_ownership

        from . import checks, facet_checks  # noqa: F401 (register the system checks)
        from .curation import cached_tables
        from .indexing.triggers import delete_unused_file_text, schedule_index_update
        from .models import Promotion, SearchedWords

        feed_advanced.connect(schedule_index_update, dispatch_uid="search.schedule_index_update")
        pre_save.connect(delete_unused_file_text, sender=CustomDocument, dispatch_uid="search.file_saved")
        post_delete.connect(delete_unused_file_text, sender=CustomDocument, dispatch_uid="search.file_deleted")
        cached_tables.connect_signals()
        register_ownership(Promotion, FieldLookup("department"))
        register_ownership(SearchedWords, FieldLookup("department"))
