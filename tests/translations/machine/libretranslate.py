"""A server with the documented protocol of LibreTranslate: /translate, /languages (https://docs.libretranslate.com).

`python -m tests.translations.machine.libretranslate 8377` runs it for a demo. It "translates" a text by writing the
language before it, and leaves HTML tags where they are.
"""

import json
import sys
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LANGUAGES = ("en", "fi", "fr", "it")


class Answer:
    """An answer in place of the usual one. `body` is a text or JSON, `pause` the seconds before each byte of it."""

    def __init__(self, status=200, body="", headers=(), pause=0.0):
        self.status, self.headers, self.pause = status, dict(headers), pause
        self.body = body if isinstance(body, str) else json.dumps(body)


class LibreTranslateServer(ThreadingHTTPServer):
    """`requests` has the bodies that came, `answers` those that are sent next, `keys` the valid keys."""

    daemon_threads = True

    def __init__(self, port=0):
        super().__init__(("127.0.0.1", port), Handler)
        self.requests, self.answers, self.keys, self.before = [], [], set(), None
        self.pairs = {code: [each for each in LANGUAGES if each != code] for code in LANGUAGES}

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def texts(self):
        """Return the texts of all requests, in their order."""
        return [text for body in self.requests for text in body["q"]]


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *arguments):
        pass

    def do_GET(self):
        languages = [{"code": code, "name": code, "targets": targets} for code, targets in self.server.pairs.items()]
        self._send(Answer(body=languages) if self.path == "/languages" else Answer(404, {"error": "Not found"}))

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append(body)
        if self.server.before is not None:
            self.server.before(body)
        self._send(self.server.answers.pop(0) if self.server.answers else self._translate(body))

    def _translate(self, body):
        if self.path != "/translate":
            return Answer(404, {"error": "Not found"})
        if self.server.keys and body.get("api_key") not in self.server.keys:
            return Answer(403, {"error": f"Invalid API key {body.get('api_key')}"})
        for name in ("q", "source", "target"):
            if not body.get(name):
                return Answer(400, {"error": f"Invalid request: missing {name} parameter"})
        if body["target"] not in self.server.pairs.get(body["source"], ()):
            return Answer(400, {"error": f"{body['target']} is not supported"})
        texts = body["q"] if isinstance(body["q"], list) else [body["q"]]
        translated = [f"{body['target']} {text}" for text in texts]
        return Answer(body={"translatedText": translated if isinstance(body["q"], list) else translated[0]})

    def _send(self, answer):
        data = answer.body.encode()
        self.send_response(answer.status)
        headers = {"Content-Type": "application/json", "Content-Length": str(len(data))} | answer.headers
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        parts = [data] if not answer.pause else [data[place : place + 1] for place in range(len(data))]
        try:
            for part in parts:
                time.sleep(answer.pause)
                self.wfile.write(part)
                self.wfile.flush()
        except OSError:  # The client has gone away.
            pass


@contextmanager
def running_server():
    """Return a running server, which ends with the block."""
    server = LibreTranslateServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


if __name__ == "__main__":
    LibreTranslateServer(int(sys.argv[1])).serve_forever()
