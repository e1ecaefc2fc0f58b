"""A publisher of `make bench-writers`: sends the requests that a browser sends."""

from __future__ import annotations

import random
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlencode

TIMEOUT = 120
TOKEN = "c" * 32
EMPTY_STREAM = {"body-count": "0"}


@dataclass
class Assignment:
    """The pages of one publisher: `shared` is a section in which a colleague works too, `sections` the sections."""

    session: str
    name: str
    sections: list[int]
    random: random.Random


@dataclass
class VisibleError:
    """An answer that no editor expects. `status` is 0 without an answer."""

    operation: str
    status: int
    seconds: float
    text: str


@dataclass
class Publisher:
    port: int
    assignment: Assignment
    pause: float
    operations: Counter[str] = field(default_factory=Counter)
    durations: list[float] = field(default_factory=list)
    errors: list[VisibleError] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._pages: list[tuple[int, str]] = []  # Keys and slugs of own pages.
        self._number = 0
        self._operation = ""
        self._connection = HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)

    def work_until(self, end: float) -> None:
        """Do one operation after another until the time of the monotonic clock."""
        choice = self.assignment.random
        while time.monotonic() < end:
            operations = [self.create] * 3
            if self._pages:
                operations += [self.publish, self.save, self.move, self.copy, self.edit_section]
            if len(self._pages) > 3:
                operations += [self.delete] * 2
            operation = choice.choice(operations)
            self._operation = operation.__name__
            if operation():
                self.operations[self._operation] += 1
        self._connection.close()

    def create(self) -> bool:
        """Save a new page as a draft, and publish it."""
        slug = self._slug()
        section = self.assignment.random.choice(self.assignment.sections)
        path = f"/admin/pages/add/pages/standardpage/{section}/"
        location = self._submit(path, _page_form(slug, slug))
        found = re.search(r"/admin/pages/(\d+)/edit/", location)
        if found is None:
            return False
        self._pages.append((int(found[1]), slug))
        return bool(self._submit(found[0], _page_form(slug, slug) | {"action-publish": "x"}))

    def publish(self) -> bool:
        return self._edit({"action-publish": "x"})

    def save(self) -> bool:
        return self._edit({})

    def _edit(self, action: dict[str, str]) -> bool:
        page, slug = self.assignment.random.choice(self._pages)
        self._number += 1
        return bool(self._submit(f"/admin/pages/{page}/edit/", _page_form(f"{slug} {self._number}", slug) | action))

    def edit_section(self) -> bool:
        """Publish a section below which others add pages at the same time."""
        number = self.assignment.random.randrange(len(self.assignment.sections))
        page, slug = self.assignment.sections[number], f"section-{number}"
        form = _page_form(f"{slug} {time.monotonic()}", slug) | {"action-publish": "x"}
        return bool(self._submit(f"/admin/pages/{page}/edit/", form))

    def move(self) -> bool:
        page, _slug = self.assignment.random.choice(self._pages)
        section = self.assignment.random.choice(self.assignment.sections)
        return bool(self._submit(f"/admin/pages/{page}/move/{section}/confirm/", {}))

    def copy(self) -> bool:
        page, _slug = self.assignment.random.choice(self._pages)
        slug = self._slug()
        section = str(self.assignment.random.choice(self.assignment.sections))
        form = {"new_title": slug, "new_slug": slug, "new_parent_page": section, "publish_copies": "on"}
        return bool(self._submit(f"/admin/pages/{page}/copy/", form))

    def delete(self) -> bool:
        page, _slug = self._pages.pop(self.assignment.random.randrange(len(self._pages)))
        return bool(self._submit(f"/admin/pages/{page}/delete/", {}))

    def _slug(self) -> str:
        self._number += 1
        return f"{self.assignment.name}-{self._number}"

    def _submit(self, path: str, form: dict[str, str]) -> str:
        """Open a form, send it, and open the page to which the answer leads; return that URL, "" after an error."""
        if self._request("GET", path) is None:
            return ""
        location = self._request("POST", path, form)
        if not location:
            return ""
        self._request("GET", location)
        return location

    def _request(self, method: str, path: str, form: dict[str, str] | None = None) -> str | None:
        """Send a request; return the URL to which the answer leads, "" for a page, and None after an error."""
        time.sleep(self.assignment.random.uniform(0, 2 * self.pause))
        cookies = f"sessionid={self.assignment.session}; csrftoken={TOKEN}"
        headers = {"Cookie": cookies, "Accept": "text/html"}
        body = None
        if form is not None:
            body = urlencode(form | {"csrfmiddlewaretoken": TOKEN})
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        start = time.monotonic()
        try:
            self._connection.request(method, path, body, headers)
            answer = self._connection.getresponse()
            text = answer.read().decode(errors="replace")
        except (HTTPException, OSError) as error:
            self._connection.close()
            self.errors.append(VisibleError(self._operation, 0, time.monotonic() - start, repr(error)))
            return None
        seconds = time.monotonic() - start
        self.durations.append(seconds)
        if answer.status == (302 if method == "POST" else 200):
            return answer.getheader("Location", "")
        self.errors.append(VisibleError(f"{self._operation} {method} {path}", answer.status, seconds, _reason(text)))
        return None


def _page_form(title: str, slug: str) -> dict[str, str]:
    """Return the fields of a page without content, as the editor sends them."""
    empty = dict.fromkeys(("summary", "image", "image_alt", "seo_title", "search_description"), "")
    comments = {"comments-TOTAL_FORMS": "0", "comments-INITIAL_FORMS": "0"}
    return {"title": title, "slug": slug, **empty, **EMPTY_STREAM, **comments}


def _reason(text: str) -> str:
    """Return the messages of a page with errors, otherwise its first text."""
    messages = re.findall(r'(?s)class="(?:error|critical|error-message)[^"]*"[^>]*>(.*?)</', text) or [text]
    return " ".join(re.sub(r"(?s)<[^>]*>", " ", " ".join(messages)).split())[:300]
