"""The product's addresses with Wagtail's own screens in front of ours: what a stock admin would answer."""

from django.urls import include, path
from wagtail.admin import urls as admin_urls

from cms.urls import urlpatterns as ours

urlpatterns = [path("admin/", include(admin_urls)), *ours]
