"""The database that tests lose for a moment."""

import socket
from contextlib import contextmanager

from django.db import connection


@contextmanager
def database_away():
    """Let the connection lead to a port that nobody listens on, or to a file that cannot be opened."""
    connection.close()
    before = _url()
    if connection.vendor == "postgresql":
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            connection.settings_dict["PORT"] = str(unused.getsockname()[1])
    else:
        connection.settings_dict["NAME"] = "/nonexistent/folder/db.sqlite3"
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)


@contextmanager
def database_file(path):
    """Let the connection lead to another file of SQLite."""
    connection.close()
    before = _url()
    connection.settings_dict["NAME"] = str(path)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)


def _url():
    return {name: connection.settings_dict[name] for name in ("NAME", "HOST", "PORT")}
