"""Django application of the media (label `cms_media`)."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MediaConfig(AppConfig):
    name = "cms.media"
    label = "cms_media"
    verbose_name = _("media")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from sites.access.ownership import CollectionLookup, register_ownership

        # By name, not only through CollectionMember: log entries are found by the models that they are about.
        for snippet in ("Consent", "Video"):
            register_ownership(self.get_model(snippet), CollectionLookup())
