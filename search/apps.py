"""Django application of the search index (label `cms_search`: `wagtail.search` and others take the plain one)."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SearchConfig(AppConfig):
    name = "search"
    label = "cms_search"
    verbose_name = _("search")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from cms.delivery.feed import feed_moved
        from search import editorial
        from search.following import follow

        feed_moved.connect(follow, dispatch_uid="search.follow")
        editorial.connect()
