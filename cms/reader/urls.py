"""URL patterns of the reader, included last in the root URLconf: `page` matches every path with a final slash."""

from django.urls import path, re_path

from . import views

app_name = "reader"

urlpatterns = [
    path("<slug:slug>/theme.css", views.theme, name="theme"),
    re_path(r"^(?P<path>(?:[^/]+/)?)sitemap\.xml$", views.sitemap, name="sitemap"),
    # Only paths with a final slash, so that Django's CommonMiddleware redirects paths without one, such as `/admin`.
    re_path(r"^(?P<path>(?:.+/)?)$", views.page, name="page"),
]
