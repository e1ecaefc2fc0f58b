"""URLs of version 2."""

from django.urls import re_path
from wagtail.api.v2.router import WagtailAPIRouter

from cms.api.public_views import UnknownUrlView

from .views import DepartmentDocumentsViewSet, DepartmentImagesViewSet, DepartmentPagesViewSet

app_name = "wagtailapi"

router = WagtailAPIRouter(app_name)
router.register_endpoint("pages", DepartmentPagesViewSet)
router.register_endpoint("images", DepartmentImagesViewSet)
router.register_endpoint("documents", DepartmentDocumentsViewSet)

urlpatterns = [
    *router.get_urlpatterns(),
    re_path("", UnknownUrlView.as_view(), name="unknown"),
]
