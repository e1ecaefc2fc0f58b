"""The product's addresses with version 3 of Wagtail's API, as the setting API_V3 mounts it."""

from django.urls import include, path

from cms.urls import urlpatterns as addresses

urlpatterns = [path("api/v3/", include("cms.api.v3")), *addresses]
