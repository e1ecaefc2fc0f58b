"""Numbered pages of lists, and their JSON envelope `{"count", "next", "previous", "results"}`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from rest_framework.request import Request

from sites.access.hosts import base_url

from .errors import PageNotFound
from .overrides.django_requests import django_request
from .parameters import positive_integer
from .renderers import StoredJSON

PAGE_PARAMETERS = ("page", "page_size")
DEFAULT_PAGE_SIZE = 20
LARGEST_PAGE_SIZE = 100
# More than the default number of documents of the maximum size (cms.delivery.documents.document_size).
MAX_RESULT_CHARACTERS = 25_000_000


@dataclass(frozen=True)
class ListPage:
    """A page of a list of `count` items: its number, from 1, and its size."""

    number: int
    size: int
    count: int

    @classmethod
    def from_parameters(cls, parameters: dict[str, str], count: int) -> ListPage:
        """Return the requested page; raise InvalidParameter, or PageNotFound for a number past the end.

        An empty list has one page.
        """
        size = positive_integer(parameters, "page_size", DEFAULT_PAGE_SIZE, LARGEST_PAGE_SIZE)
        page = cls(positive_integer(parameters, "page", 1), size, count)
        if page.number > page.last:
            raise PageNotFound(
                f"The list ends with page {page.last} of {size} items.",
                parameter="page",
                value=parameters["page"][:20],
                allowed=f"a whole number from 1 to {page.last}",
            )
        return page

    @property
    def last(self) -> int:
        return max(1, -(-self.count // self.size))

    @property
    def slice(self) -> slice:
        """The slice of the whole list that the page contains."""
        start = (self.number - 1) * self.size
        return slice(start, start + self.size)

    def envelope(self, request: Request, results: Iterable[str]) -> StoredJSON:
        """Return the envelope of the page; `results` are the items as JSON texts, "" for one that cannot be read.

        A page of several items with more than MAX_RESULT_CHARACTERS is answered as a smaller one that begins with the
        same item; its links have this smaller page size.
        """
        items: list[str] = []
        length = 0
        page = self
        for item in results:
            length += len(item)
            if any(items) and length > MAX_RESULT_CHARACTERS:
                page = self._divided(len(items))
                break
            items.append(item)
        envelope = json.dumps({"count": self.count, **page.page_links(request)}, separators=(",", ":"))
        results = ",".join(filter(None, items[: page.size]))
        return StoredJSON(f'{envelope[:-1]},"results":[{results}]}}')

    def _divided(self, most: int) -> ListPage:
        """Return the page of at most `most` items that begins with the first item of this one."""
        size = next(size for size in range(most, 0, -1) if self.size % size == 0)
        return ListPage((self.number - 1) * self.size // size + 1, size, self.count)

    def page_links(self, request: Request) -> dict[str, str | None]:
        """Return the URLs of the next and the previous page, or None. One query if there is another page."""
        if self.last == 1:
            return {"next": None, "previous": None}
        base = base_url(django_request(request)) + request.path
        return {
            "next": self._url(base, request, self.number + 1) if self.number < self.last else None,
            "previous": self._url(base, request, self.number - 1) if self.number > 1 else None,
        }

    def _url(self, base: str, request: Request, number: int) -> str:
        query = request.query_params.copy()
        if "page_size" in query or self.size != DEFAULT_PAGE_SIZE:
            query["page_size"] = str(self.size)
        query["page"] = str(number)
        return f"{base}?{query.urlencode()}"
