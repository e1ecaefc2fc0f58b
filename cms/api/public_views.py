"""The base class of public API views. Only this module gives permission to everybody."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, NoReturn

from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.decorators import method_decorator
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from sites.access.hosts import base_url

from .errors import ResourceNotFound, truncate
from .overrides.django_requests import django_request
from .parameters import parse_query_parameters
from .renderers import StoredJSONRenderer

MAX_AGE = 60  # seconds for which browsers and caches may keep an answer
PREFLIGHT_MAX_AGE = 24 * 60 * 60  # seconds for which a browser may keep the result of a preflight request


# A transaction around a read would take SQLite's write lock and occupy a connection.
@method_decorator(transaction.non_atomic_requests, name="dispatch")
class PublicView(APIView):
    """A view that anonymous readers and scripts of all sites may read.

    Its responses are the same for everybody, so that caches may keep them. They carry the CORS headers themselves:
    django-cors-headers would add `Vary: Origin`, and the headers only to requests with an Origin.
    """

    authentication_classes = ()
    permission_classes = (AllowAny,)
    renderer_classes = (StoredJSONRenderer,)
    http_method_names = ["get", "head", "options"]

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Response:
        """Return the response to a CORS preflight request, which permits scripts to send If-None-Match."""
        return Response(
            status=204,
            headers={
                "Access-Control-Allow-Methods": ", ".join(self.allowed_methods),
                "Access-Control-Allow-Headers": "If-None-Match",
                "Access-Control-Max-Age": str(PREFLIGHT_MAX_AGE),
            },
        )

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Expose-Headers"] = "ETag, Retry-After"
        # A missing document may be published a second later.
        is_error = response.status_code >= HTTPStatus.BAD_REQUEST
        response["Cache-Control"] = "no-store" if is_error else f"public, max-age={MAX_AGE}"
        return response


class RootView(PublicView):
    """The URLs of the lists by name. One query."""

    names: tuple[str, ...] = ()

    def get(self, request: Request) -> Response:
        parse_query_parameters(request.query_params, ())
        base = base_url(django_request(request))
        return Response({name: base + reverse(f"api:{name}") for name in self.names})


class UnknownUrlView(PublicView):
    """A problem document for every unknown URL of the API, for all methods."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> NoReturn:
        path, root = truncate(request.path), reverse("api:root")
        raise ResourceNotFound(f"There is nothing at {path}; addresses end with / and {root} lists them.")
