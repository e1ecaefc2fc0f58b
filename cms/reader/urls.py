"""Addresses of the reader; included last, since it answers every path that ends with a slash."""

from django.urls import path, re_path

from . import views

app_name = "reader"

urlpatterns = [
    path("<slug:slug>/theme.css", views.theme, name="theme"),
    # Only with a final slash: Django's CommonMiddleware then still completes `/admin` and the like.
    re_path(r"^(?P<path>(?:.+/)?)$", views.page, name="page"),
]
