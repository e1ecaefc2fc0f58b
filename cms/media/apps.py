"""Django application of the media (label `cms_media`)."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MediaConfig(AppConfig):
    name = "cms.media"
    label = "cms_media"
    verbose_name = _("media")
    default_auto_field = "django.db.models.BigAutoField"
