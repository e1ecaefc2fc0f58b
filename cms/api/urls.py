"""URLs of the API, version 1."""

from django.urls import path, re_path

from cms.content_types.registry import document_types

from .department_views import DepartmentListView, DepartmentView
from .document_views import DocumentListView, DocumentView
from .public_views import RootView, UnknownUrlView
from .search_views import CapabilitiesView, SearchView, SimilarView, SuggestView

app_name = "api"

# Document type by the path segment of its list.
DOCUMENT_LISTS = {
    document_type.api_list: document_type.name for document_type in document_types() if document_type.api_list
}

# The lists that the root of the API names, in this order.
LISTS = ("departments", "contents", *DOCUMENT_LISTS, "search")

urlpatterns = [
    path("", RootView.as_view(names=LISTS), name="root"),
    path("departments/", DepartmentListView.as_view(), name="departments"),
    path("departments/<str:slug>/", DepartmentView.as_view(), name="department"),
    path("contents/", DocumentListView.as_view(), name="contents"),
    path("contents/<str:content_id>/", DocumentView.as_view(), name="content"),
    path("contents/<str:content_id>/similar/", SimilarView.as_view(), name="similar"),
    path("search/", SearchView.as_view(), name="search"),
    path("search/suggest/", SuggestView.as_view(), name="suggest"),
    path("search/capabilities/", CapabilitiesView.as_view(), name="capabilities"),
    *(
        path(f"{name}/", DocumentListView.as_view(document_type=document_type), name=name)
        for name, document_type in DOCUMENT_LISTS.items()
    ),
    # Last: every other URL below the API gets a JSON response.
    re_path("", UnknownUrlView.as_view(), name="unknown"),
]
