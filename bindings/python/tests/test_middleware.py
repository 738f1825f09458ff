"""The ASGI and WSGI middleware."""

import asyncio
import json
from typing import Any, Dict, Iterable, Iterator, List, Tuple

import pytest

from authkit import Authkit
from authkit.middleware import AsgiAuth, WsgiAuth

from test_authkit import OPTIONS, PASSWORD


@pytest.fixture()
def auth() -> Iterator[Authkit]:
    with Authkit(OPTIONS) as opened:
        opened.sign_up("ada@example.org", PASSWORD)
        yield opened


def token_of(auth: Authkit) -> str:
    return auth.log_in("ada@example.org", PASSWORD).access_token or ""


def wsgi_get(app: WsgiAuth, path: str, authorization: str = "") -> Tuple[str, Dict[str, str], bytes]:
    answer: Dict[str, Any] = {}

    def start_response(status: str, headers: List[Tuple[str, str]]) -> None:
        answer.update(status=status, headers=dict(headers))

    environ: Dict[str, Any] = {"PATH_INFO": path, "REMOTE_ADDR": "192.0.2.1"}
    if authorization:
        environ["HTTP_AUTHORIZATION"] = authorization
    body = b"".join(app(environ, start_response))
    return answer["status"], answer["headers"], body


def wsgi_app(environ: Dict[str, Any], start_response: Any) -> Iterable[bytes]:
    start_response("200 OK", [])
    return [environ["authkit"].user_id.encode() if "authkit" in environ else b"public"]


def test_wsgi(auth: Authkit) -> None:
    app = WsgiAuth(wsgi_app, auth, public=["/health"])
    assert wsgi_get(app, "/health")[2] == b"public"
    status, headers, body = wsgi_get(app, "/")
    assert status == "401 Unauthorized" and headers["www-authenticate"] == 'Bearer realm="authkit"'
    assert json.loads(body)["code"] == "authentication_required"
    token = token_of(auth)
    assert wsgi_get(app, "/", f"Bearer {token}")[2].decode() == auth.find_user("ada@example.org").id
    for bad in ("Basic abc", f"Bearer {token}x", "Bearer"):
        status, headers, _ = wsgi_get(app, "/", bad)
        assert status == "401 Unauthorized" and 'error="invalid_token"' in headers["www-authenticate"]
    auth.log_out(token)
    assert wsgi_get(app, "/", f"Bearer {token}")[0] == "401 Unauthorized"


def asgi_get(app: AsgiAuth, headers: List[Tuple[bytes, bytes]], kind: str = "http", path: str = "/") -> List[Dict[str, Any]]:
    sent: List[Dict[str, Any]] = []

    async def receive() -> Dict[str, Any]:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        sent.append(dict(message))

    asyncio.run(app({"type": kind, "path": path, "headers": headers, "client": ("192.0.2.1", 1)}, receive, send))
    return sent


async def asgi_app(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": scope["authkit"].user_id.encode() if "authkit" in scope else b"public"})


def test_asgi(auth: Authkit) -> None:
    app = AsgiAuth(asgi_app, auth, public=["/health"])
    assert asgi_get(app, [], path="/health")[1]["body"] == b"public"
    assert asgi_get(app, [])[0]["status"] == 401
    bearer = (b"authorization", f"Bearer {token_of(auth)}".encode())
    assert asgi_get(app, [bearer])[1]["body"].decode() == auth.find_user("ada@example.org").id
    assert asgi_get(app, [bearer, bearer])[0]["status"] == 401  # two credentials are none
    assert asgi_get(app, [], kind="websocket")[0]["type"] == "websocket.close"
