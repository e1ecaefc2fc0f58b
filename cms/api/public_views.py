"""What all addresses that everybody may read have in common: the only place that gives permission to all."""

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

from .errors import ResourceNotFound, truncate
from .parameters import parse_query_parameters
from .renderers import StoredJSONRenderer

MAX_AGE = 60  # seconds for which browsers and caches may keep an answer
PREFLIGHT_MAX_AGE = 24 * 60 * 60


# A transaction around each request would take SQLite's write lock, and a connection's time, for reading.
@method_decorator(transaction.non_atomic_requests, name="dispatch")
class PublicView(APIView):
    """Read by everybody, by any site's scripts, without login: one answer for all, so caches may keep it."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    renderer_classes = (StoredJSONRenderer,)
    http_method_names = ["get", "head", "options"]

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Response:
        """Tell a browser that scripts of other sites may send If-None-Match (CORS preflight)."""
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
        # What is missing now may be published a second later.
        is_error = response.status_code >= HTTPStatus.BAD_REQUEST
        response["Cache-Control"] = "no-store" if is_error else f"public, max-age={MAX_AGE}"
        return response


class RootView(PublicView):
    """The addresses of the API by name."""

    names: tuple[str, ...] = ()

    def get(self, request: Request) -> Response:
        parse_query_parameters(request.query_params, ())
        return Response({name: request.build_absolute_uri(reverse(f"api:{name}")) for name in self.names})


class UnknownUrlView(PublicView):
    """Every address below the API that is none: a problem document, whatever the method."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> NoReturn:
        path, root = truncate(request.path), reverse("api:root")
        raise ResourceNotFound(f"There is nothing at {path}; addresses end with / and {root} lists them.")
