"""The state of a request before its view runs, so that the view can run again.

Replaces: no code, but reads and sets private attributes of Django's requests, sessions and stores of messages.
Why no hook serves: Django has no copy of a request whose body has been read, and its messages cannot be taken back.
Written for: Django 5.2.
Upstream issue: none found.
Test that fails when upstream changes: tests/test_request_transactions.py.
"""

from __future__ import annotations

from copy import copy, deepcopy
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.http import HttpRequest

# The attributes in which Django keeps a body that it has read.
BODY_ATTRIBUTES = frozenset(("_body", "_post", "_files", "_read_started", "_stream", "_upload_handlers"))


class RequestState:
    """The attributes of a request, its session and its messages at one moment.

    Changes that a view makes deeper than these containers and the fields of the user are not restored.
    """

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self._attributes = dict(vars(request))
        self._meta = dict(request.META)
        # The session, the store of the messages, and those between which it chooses.
        messages = getattr(request, "_messages", None)
        objects = [getattr(request, "session", None), messages, *getattr(messages, "storages", ())]
        self._objects = [(each, _copied(vars(each))) for each in objects if each is not None]

    def restore(self) -> bool:
        """Undo what the view has changed; return False if the body cannot be read again."""
        request = self._request
        if not _can_read_again(request):
            return False
        body = {name: value for name, value in vars(request).items() if name in BODY_ATTRIBUTES}
        vars(request).clear()
        vars(request).update(body | self._attributes | {"_read_started": body.get("_read_started", False)})
        request.META.clear()
        request.META.update(self._meta)
        for instance, attributes in self._objects:
            vars(instance).clear()
            vars(instance).update(_copied(attributes))
        user: Any = getattr(request, "user", None)
        if user is not None and user.is_authenticated:
            # Without the caches of roles and permissions, which may have ended meanwhile.
            request.user = get_user_model()._default_manager.get(pk=user.pk)
        return True


def _can_read_again(request: HttpRequest) -> bool:
    """Rewind the uploaded files; return False if the body was read in another way, or if a file was moved."""
    attributes = vars(request)
    if attributes.get("_read_started") and not {"_body", "_post"} & attributes.keys():
        return False
    for name in attributes.get("_files") or ():
        for file in request.FILES.getlist(name):
            # The storage moves the temporary file of a large upload to its place.
            is_moved = hasattr(file, "temporary_file_path") and not Path(file.temporary_file_path()).exists()
            if file.closed or is_moved:
                return False
            file.seek(0)
    return True


def _copied(attributes: dict[str, Any]) -> dict[str, Any]:
    """Return the attributes of an object with copies of its containers, and of all data of a session."""
    return {
        name: deepcopy(value) if name == "_session_cache" else copy(value) if isinstance(value, list | set) else value
        for name, value in attributes.items()
    }
