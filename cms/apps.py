"""Django application that carries the management commands and the admin's own texts."""

from django.apps import AppConfig


class CmsConfig(AppConfig):
    name = "cms"
    label = "cms"
    verbose_name = "CMS"
