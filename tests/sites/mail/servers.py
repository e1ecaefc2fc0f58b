"""Real TCP servers: one that accepts and stays silent, one that answers as SMTP servers do."""

import socket
import threading
from contextlib import contextmanager


@contextmanager
def listening(handle):
    """Serve connections in threads with `handle(connection)`; yield the port and a list of the open connections."""
    server, connections = socket.create_server(("127.0.0.1", 0)), []

    def serve():
        while True:
            try:
                connection, _address = server.accept()
            except OSError:
                return
            connections.append(connection)
            threading.Thread(target=handle, args=(connection,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield server.getsockname()[1], connections
    finally:
        server.close()
        release(connections)


def release(connections):
    for connection in connections:
        connection.close()


def stay_silent(connection):
    """Never answer."""


def refuse_recipients(code):
    """Return a handler that accepts every command but the recipient."""

    def handle(connection):
        with connection, connection.makefile("rwb", buffering=0) as stream:
            stream.write(b"220 test\r\n")
            for line in stream:
                is_recipient = line.upper().startswith(b"RCPT")
                stream.write(f"{code} no\r\n".encode() if is_recipient else b"250 ok\r\n")

    return handle
