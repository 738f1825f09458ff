#!/usr/bin/python3
"""A notes service that knows its users: authkit checks every request in this process, on the database that the login server uses too.

    GET /health               for everybody
    GET /notes                the caller's notes
    POST /notes               {"text": "..."}: 201 and the note
    DELETE /notes/{id}        204

Users sign up, log in and log out at the server; who logs out there is refused here within `revocation.poll_interval`.
"""

import argparse
import itertools
import json
import signal
import socketserver
import threading
from typing import Any, Callable, Dict, Iterable, List
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from authkit import Authkit, Identity
from authkit.middleware import WsgiAuth

LONGEST_NOTE = 4096
REASONS = {200: "OK", 201: "Created", 204: "No Content", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed"}
StartResponse = Callable[..., Any]


class Notes:
    """Everybody's notes, in memory: what a service of your own keeps in its database."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids = itertools.count(1)
        self._of: Dict[str, Dict[int, str]] = {}

    def add(self, user: str, text: str) -> Dict[str, Any]:
        with self._lock:
            number = next(self._ids)
            self._of.setdefault(user, {})[number] = text
            return {"id": number, "text": text}

    def all(self, user: str) -> List[Dict[str, Any]]:
        with self._lock:
            return [{"id": number, "text": text} for number, text in self._of.get(user, {}).items()]

    def remove(self, user: str, number: int) -> bool:
        with self._lock:
            return self._of.get(user, {}).pop(number, None) is not None


class NotesApi:
    """The service itself, as WSGI behind WsgiAuth: `environ["authkit"]` tells who calls."""

    def __init__(self) -> None:
        self._notes = Notes()

    def __call__(self, environ: Dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        status, document = self._answer(environ["REQUEST_METHOD"], environ["PATH_INFO"], environ)
        body = b"" if document is None else json.dumps(document).encode()
        headers = [("Content-Length", str(len(body)))]
        if body:
            headers.append(("Content-Type", "application/json"))
        start_response(f"{status} {REASONS[status]}", headers)
        return [body]

    def _answer(self, method: str, path: str, environ: Dict[str, Any]) -> "tuple[int, Any]":
        if path == "/health":
            return 200, {"status": "ok"}
        caller: Identity = environ["authkit"]
        if path == "/notes" and method == "GET":
            return 200, {"items": self._notes.all(caller.user_id)}
        if path == "/notes" and method == "POST":
            text = read_text(environ)
            return (400, {"detail": "send a JSON object with the member text"}) if text is None else (201, self._notes.add(caller.user_id, text))
        if path.startswith("/notes/") and method == "DELETE":
            number = small_number(path[len("/notes/"):])
            return (204, None) if number is not None and self._notes.remove(caller.user_id, number) else (404, {"detail": "no such note"})
        known = path == "/notes" or path.startswith("/notes/")
        return (405, {"detail": "not this method"}) if known else (404, {"detail": "no such path"})


def small_number(text: str) -> "int | None":
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def read_text(environ: Dict[str, Any]) -> "str | None":
    length = small_number(environ.get("CONTENT_LENGTH") or "0")
    if length is None or length > LONGEST_NOTE:
        return None
    try:
        document = json.loads(environ["wsgi.input"].read(length))
    except (ValueError, RecursionError):
        return None
    text = document.get("text") if isinstance(document, dict) else None
    return text if isinstance(text, str) else None


class Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


def main() -> None:
    parser = argparse.ArgumentParser(description="Notes for the users of authkit; DATABASE_URL and the other options come from the environment.")
    parser.add_argument("--listen", default="127.0.0.1:8001", metavar="ADDRESS:PORT", help="port 0 takes a free one")
    host, _, port = parser.parse_args().listen.rpartition(":")
    with Authkit(env=True) as auth:
        server = make_server(host, int(port), WsgiAuth(NotesApi(), auth, public=["/health"]), Server, Quiet)
        signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
        print(f"notes on http://{host}:{server.server_port}", flush=True)
        try:
            server.serve_forever(poll_interval=0.1)
        except KeyboardInterrupt:
            pass
        server.server_close()


if __name__ == "__main__":
    main()
