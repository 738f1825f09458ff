"""Middleware that lets only requests with a good access token through.

ASGI::

    app = AsgiAuth(app, auth, public=["/health"])     # scope["authkit"] is the Identity

WSGI::

    app = WsgiAuth(app, auth, public=["/health"])     # environ["authkit"] is the Identity

With a :class:`~authkit.Verifier` in place of ``auth`` it is the claims, a dict.

Verification is pure computation while the revocation feed is fresh, so the ASGI form calls it on the event loop; give it no Verifier with
``fetch_on_unknown_kid``, which may wait for the network.
"""

import json
from typing import Any, Awaitable, Callable, Dict, Iterable, List, Mapping, MutableMapping, Optional, Sequence, Tuple, Union

from .auth import Authkit
from .errors import AuthenticationRequired, AuthkitError, InvalidToken
from .models import Client, Identity
from .verifier import Verifier

__all__ = ["AsgiAuth", "WsgiAuth", "problem"]

_Scope = MutableMapping[str, Any]
_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]
_AsgiApp = Callable[[_Scope, _Receive, _Send], Awaitable[None]]
_WsgiApp = Callable[[Dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def problem(failure: AuthkitError) -> Tuple[int, List[Tuple[str, str]], bytes]:
    """An error as an HTTP answer: status, headers and an RFC 9457 body, with the RFC 6750 challenge."""
    body: Dict[str, Any] = {
        "type": "about:blank",
        "title": failure.title,
        "status": failure.http_status,
        "code": failure.code,
        "detail": failure.detail or failure.title,
    }
    headers = [("content-type", "application/problem+json"), ("cache-control", "no-store")]
    if failure.http_status == 401:
        challenge = 'Bearer realm="authkit"'
        if not isinstance(failure, AuthenticationRequired):
            challenge += ', error="invalid_token"'
        headers.append(("www-authenticate", challenge))
    if failure.retry_after:
        headers.append(("retry-after", str(failure.retry_after)))
    encoded = json.dumps(body).encode()
    headers.append(("content-length", str(len(encoded))))
    return failure.http_status, headers, encoded


def _identity(auth: Union[Authkit, Verifier], authorization: Sequence[str], client: Client) -> Union[Identity, Dict[str, Any]]:
    if not authorization:
        raise AuthenticationRequired("send an access token: Authorization: Bearer")
    scheme, _, token = authorization[0].partition(" ")
    if len(authorization) > 1 or scheme.lower() != "bearer" or not token:
        raise InvalidToken("one Authorization header with the scheme Bearer")
    return auth.verify(token) if isinstance(auth, Verifier) else auth.authenticate(token, client=client)


class AsgiAuth:
    """ASGI 3 middleware. ``public``: paths that need no token."""

    def __init__(self, app: _AsgiApp, auth: Union[Authkit, Verifier], public: Iterable[str] = ()) -> None:
        self._app, self._auth, self._public = app, auth, frozenset(public)

    async def __call__(self, scope: _Scope, receive: _Receive, send: _Send) -> None:
        if scope["type"] not in ("http", "websocket") or scope["path"] in self._public:
            await self._app(scope, receive, send)
            return
        headers: List[Tuple[bytes, bytes]] = list(scope["headers"])
        authorization = [value.decode("latin-1") for name, value in headers if name == b"authorization"]
        peer = scope.get("client")
        agent = next((value.decode("latin-1") for name, value in headers if name == b"user-agent"), None)
        try:
            scope["authkit"] = _identity(self._auth, authorization, Client(address=peer[0] if peer else None, user_agent=agent))
        except AuthkitError as failure:
            await self._refuse(scope, send, failure)
            return
        await self._app(scope, receive, send)

    @staticmethod
    async def _refuse(scope: _Scope, send: _Send, failure: AuthkitError) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        status, headers, body = problem(failure)
        encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        await send({"type": "http.response.start", "status": status, "headers": encoded})
        await send({"type": "http.response.body", "body": body})


class WsgiAuth:
    """WSGI middleware (PEP 3333). ``public``: paths that need no token."""

    def __init__(self, app: _WsgiApp, auth: Union[Authkit, Verifier], public: Iterable[str] = ()) -> None:
        self._app, self._auth, self._public = app, auth, frozenset(public)

    def __call__(self, environ: Dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO") in self._public:
            return self._app(environ, start_response)
        given: Optional[str] = environ.get("HTTP_AUTHORIZATION")
        client = Client(address=environ.get("REMOTE_ADDR"), user_agent=environ.get("HTTP_USER_AGENT"))
        try:
            environ["authkit"] = _identity(self._auth, [given] if given is not None else [], client)
        except AuthkitError as failure:
            return self._refuse(start_response, failure)
        return self._app(environ, start_response)

    @staticmethod
    def _refuse(start_response: Callable[..., Any], failure: AuthkitError) -> Iterable[bytes]:
        status, headers, body = problem(failure)
        start_response(f"{status} {_reason(status)}", headers)
        return [body]


def _reason(status: int) -> str:
    reasons: Mapping[int, str] = {401: "Unauthorized", 403: "Forbidden", 429: "Too Many Requests", 503: "Service Unavailable"}
    return reasons.get(status, "Error")
