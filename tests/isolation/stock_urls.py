"""A URL configuration with Wagtail's own screens before ours, to compare with a stock admin."""

from django.urls import include, path
from wagtail.admin import urls as admin_urls

from cms.urls import urlpatterns as ours

urlpatterns = [path("admin/", include(admin_urls)), *ours]
