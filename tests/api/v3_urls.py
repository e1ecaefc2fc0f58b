"""The root URL configuration with version 3 of Wagtail's API, as with the setting API_V3."""

from django.urls import include, path

from cms.urls import urlpatterns as root_urlpatterns

urlpatterns = [path("api/v3/", include("cms.api.v3")), *root_urlpatterns]
