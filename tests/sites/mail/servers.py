"""Real TCP servers: one that accepts and stays silent, one that answers as SMTP servers do."""

import socket
import threading
from contextlib import contextmanager, suppress


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
            threads.append(threading.Thread(target=answer, args=(connection,), daemon=True))
            threads[-1].start()

    def answer(connection):
        with suppress(OSError):  # The client has closed the connection, or the test has ended.
            handle(connection)

    threads = [threading.Thread(target=serve, daemon=True)]
    threads[0].start()
    try:
        yield server.getsockname()[1], connections
    finally:
        # `close` alone would leave the thread in `accept`, on a descriptor that another socket gets.
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        release(connections)
        for thread in threads:
            thread.join(timeout=5)


def release(connections):
    for connection in connections:
        with suppress(OSError):  # The client has closed it.
            connection.shutdown(socket.SHUT_RDWR)
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
