"""Another service's keys: a real Authkit issues, an HTTP server of the test publishes, a Verifier verifies."""

import contextlib
import http.server
import json
import os
import threading
import time
from typing import Any, Dict, Iterator, List

import pytest

from authkit import Authkit, Verifier, errors
from authkit.middleware import AsgiAuth, WsgiAuth

from test_authkit import OPTIONS
from test_middleware import asgi_get, wsgi_get

SUBJECT = "0190d9a8-0000-7000-8000-000000000001"
NAMES = {"issuer": "authkit", "audience": "authkit"}


class Published:
    """What the server at `url` answers; None: nothing but 503."""

    body: Any = None
    url: str = ""


@pytest.fixture()
def published() -> Iterator[Published]:
    state = Published()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b"" if state.body is None else json.dumps(state.body).encode()
            self.send_response(200 if body else 503)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        state.url = f"http://127.0.0.1:{server.server_port}/jwks"
        yield state
        server.shutdown()
        thread.join()


@pytest.fixture()
def auth(published: Published) -> Iterator[Authkit]:
    with Authkit(OPTIONS, maintenance=False) as opened:
        published.body = opened.jwks()
        yield opened


def test_tokens_of_another_service(auth: Authkit, published: Published) -> None:
    token = auth.issue_token({"sub": SUBJECT, "roles": ["reader"]})
    with Verifier(published.url, algorithms=["ES256", "EdDSA"], leeway_ms=0, **NAMES) as verifier:
        verifier.ready()
        claims = verifier.verify(token)
        assert claims["sub"] == SUBJECT and claims["roles"] == ["reader"]
        assert verifier.check(token.encode()).user_id == SUBJECT
        for call in (verifier.verify, verifier.check):
            with pytest.raises(errors.InvalidToken):
                call(token[:-1])
    with Verifier(published.url, issuer="authkit", audience="another") as verifier, pytest.raises(errors.InvalidToken):
        verifier.verify(token)


def test_a_rotation_is_followed(auth: Authkit, published: Published) -> None:
    with Authkit(OPTIONS, maintenance=False) as second:
        token = second.issue_token({"sub": SUBJECT})
        with Verifier(published.url, cooldown_ms=100, fetch_on_unknown_kid=True, **NAMES) as verifier:
            published.body = {"keys": auth.jwks()["keys"] + second.jwks()["keys"]}
            given_up = time.monotonic() + 60  # bounds a hang: it is refused until the cooldown is over
            while time.monotonic() < given_up:
                with contextlib.suppress(errors.InvalidToken):
                    assert verifier.verify(token)["sub"] == SUBJECT
                    return
    pytest.fail("the new key was never fetched")


def test_without_keys_nothing_is_verified(auth: Authkit, published: Published) -> None:
    published.body = None
    with Verifier(published.url, **NAMES) as verifier:
        for call in (verifier.ready, lambda: verifier.verify(auth.issue_token({"sub": SUBJECT}))):
            with pytest.raises(errors.KeysUnavailable):
                call()
        with pytest.raises(errors.KeysUnavailable, match="503"):
            verifier.ready()


def test_bad_options_are_named() -> None:
    bad: List[Dict[str, Any]] = [
        {"leeway_ms": "soon"},
        {"max_age_ms": -1},
        {"algorithms": "ES256"},
        {"profile": "another"},
        {"fetch_on_unknown_kid": 1},
    ]
    for options in bad:
        with pytest.raises(errors.ConfigInvalid, match=next(iter(options))):
            Verifier("https://id.example.org/jwks", **NAMES, **options)
    with pytest.raises(errors.ConfigInvalid):
        Verifier("http://192.0.2.1/jwks", **NAMES)


def test_closed_and_forked(auth: Authkit, published: Published) -> None:
    verifier = Verifier(published.url, **NAMES)
    pid = os.fork()
    if pid == 0:
        try:
            verifier.ready()
        except errors.Closed:
            verifier.close()
            os._exit(0)
        os._exit(1)
    assert os.waitpid(pid, 0)[1] == 0
    verifier.ready()
    verifier.close()
    verifier.close()
    for call in (verifier.ready, lambda: verifier.verify("t"), lambda: verifier.check("t")):
        with pytest.raises(errors.Closed):
            call()


def test_threads_share_one_verifier(auth: Authkit, published: Published) -> None:
    token = auth.issue_token({"sub": SUBJECT})
    found: List[str] = []
    with Verifier(published.url, **NAMES) as verifier:
        threads = [threading.Thread(target=lambda: found.extend([verifier.check(token).user_id for _ in range(50)])) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == [SUBJECT] * 400


def test_middleware(auth: Authkit, published: Published) -> None:
    def wsgi_app(environ: Dict[str, Any], start_response: Any) -> List[bytes]:
        start_response("200 OK", [])
        return [environ["authkit"]["sub"].encode()]

    async def asgi_app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": scope["authkit"]["sub"].encode()})

    token = auth.issue_token({"sub": SUBJECT})
    with Verifier(published.url, **NAMES) as verifier:
        wsgi, asgi = WsgiAuth(wsgi_app, verifier), AsgiAuth(asgi_app, verifier)
        assert wsgi_get(wsgi, "/", f"Bearer {token}")[2].decode() == SUBJECT
        assert wsgi_get(wsgi, "/", f"Bearer {token}x")[0] == wsgi_get(wsgi, "/")[0] == "401 Unauthorized"
        assert asgi_get(asgi, [(b"authorization", f"Bearer {token}".encode())])[1]["body"].decode() == SUBJECT
        assert asgi_get(asgi, [])[0]["status"] == 401
    published.body = None
    with Verifier(published.url, **NAMES) as verifier:
        assert wsgi_get(WsgiAuth(wsgi_app, verifier), "/", f"Bearer {token}")[0] == "503 Service Unavailable"
