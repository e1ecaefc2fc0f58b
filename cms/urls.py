"""Root URL configuration: the only module that imports the admin, the API and the reader."""

from django.conf import settings
from django.urls import include, path
from wagtail.admin import urls as admin_urls

from cms.overrides.account_language import in_language_of_account

handler500 = "cms.database_time_limits.error_response"
urlpatterns = [
    path("admin/", include("cms.users.urls")),
    path("admin/", include("sites.admin.urls")),
    path("admin/", include(in_language_of_account(admin_urls.urlpatterns))),
    path("api/v1/", include("cms.api.urls")),
    path("api/v2/", include("cms.api.v2.urls")),
    *([path("api/v3/", include("cms.api.v3"))] if settings.API_V3 else []),
    path("", include("cms.translations.guests.urls")),
    path("", include("cms.media.urls")),
    path("", include("cms.reader.urls")),
]
