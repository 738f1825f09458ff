"""authkit, opened."""

import contextlib
import ctypes
import json
import sys
from ctypes import byref, c_int32, c_uint32, c_void_p
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Sequence

from . import _native
from ._administration import Administration
from ._flows import Flows, transport_number as _transport
from ._handle import Handle
from ._native import Secret, encode, lib, secret, take_text
from .models import Account, Client, Grant, Identity, Session, VerifiedToken

__all__ = ["Authkit", "answer_vector_line", "version"]

_SCOPES = {"current": 0, "others": 1, "all": 2}
_REFUSED_BY_HOST = 213

BeforeHook = Callable[[str, Account], None]
AfterHook = Callable[[str, Account], None]
ClaimsHook = Callable[[Account], Mapping[str, Any]]
LogHook = Callable[[int, Dict[str, Any]], None]


def version() -> str:
    """The version of the library that is loaded."""
    return str(lib.authkit_version().decode())


def answer_vector_line(line: str) -> str:
    """One line of the vector protocol, for conformance suites: the answer starts with ``ok`` or ``reject``."""
    out = c_void_p()
    lib.authkit_vector(encode(line), byref(out))
    return take_text(out)


def _account(text: bytes) -> Account:
    return Account.from_json(json.loads(text))


class Authkit(Flows, Administration, Handle):
    """An opened authkit. Use it as a context manager, or call :meth:`close`.

    ``options`` are the names and values of the README's option table. ``env=True`` reads the environment first, ``config_file`` next, ``options``
    win. ``maintenance=True`` runs the background work on a thread of the library.

    ``before(flow, account)`` may raise to refuse a flow, ``after(flow, account)`` runs once it committed, ``claims(account)`` returns further
    members for new access tokens, ``log(level, record)`` receives log lines. They run on the calling thread.

    Thread safety: any number of threads; the interpreter lock is released during every call. After ``os.fork()`` the child must open its own.
    Errors: the exceptions of :mod:`authkit.errors`.
    """

    def __init__(
        self,
        options: Optional[Mapping[str, str]] = None,
        *,
        env: bool = False,
        config_file: Optional[str] = None,
        maintenance: bool = True,
        before: Optional[BeforeHook] = None,
        after: Optional[AfterHook] = None,
        claims: Optional[ClaimsHook] = None,
        log: Optional[LogHook] = None,
    ) -> None:
        super().__init__(lib.authkit_close)
        self._callbacks: List[Any] = []  # ctypes callbacks live as long as the context
        config = c_void_p()
        lib.authkit_config_new(byref(config))
        try:
            if env:
                lib.authkit_config_load_env(config)
            if config_file is not None:
                lib.authkit_config_load_file(config, encode(config_file))
            for name, value in (options or {}).items():
                lib.authkit_config_set(config, encode(name), encode(value))
            self._install(config, before, after, claims, log)
            lib.authkit_open(config, byref(self._handle))
        finally:
            lib.authkit_config_free(config)
        if maintenance:
            lib.authkit_start_maintenance(self._handle, 0)

    def _install(
        self, config: c_void_p, before: Optional[BeforeHook], after: Optional[AfterHook], claims: Optional[ClaimsHook], log: Optional[LogHook]
    ) -> None:
        def on_before(_user: Any, flow: bytes, account: bytes) -> int:
            try:
                if before is not None:
                    before(flow.decode(), _account(account))
                return 0
            except Exception:
                return _REFUSED_BY_HOST

        def on_after(_user: Any, flow: bytes, account: bytes) -> None:
            if after is not None:
                after(flow.decode(), _account(account))

        def on_claims(_user: Any, account: bytes, target: int, capacity: int) -> int:
            try:
                text = json.dumps(dict(claims(_account(account))) if claims is not None else {}).encode()
            except Exception:
                sys.excepthook(*sys.exc_info())
                return int(capacity) + 1  # fails the flow: a token without its claims must not be issued
            if len(text) <= capacity:
                ctypes.memmove(target, text, len(text))
            return len(text)

        def on_log(_user: Any, level: int, line: bytes) -> None:
            if log is not None:
                log(level, json.loads(line))

        for wanted, kind, install, function in (
            (before, _native.BeforeCallback, lib.authkit_config_on_before, on_before),
            (after, _native.AfterCallback, lib.authkit_config_on_after, on_after),
            (claims, _native.ClaimsCallback, lib.authkit_config_on_claims, on_claims),
            (log, _native.LogCallback, lib.authkit_config_on_log, on_log),
        ):
            if wanted is not None:
                callback = kind(function)
                self._callbacks.append(callback)
                install(config, callback, None)

    # ---- life ----

    def migrate(self) -> int:
        """Applies pending migrations; how many."""
        applied = c_uint32()
        lib.authkit_migrate(self._live, byref(applied))
        return applied.value

    def maintain(self, budget_ms: int = 50) -> None:
        """Background work that is due; only without the ``maintenance`` thread."""
        lib.authkit_maintain(self._live, budget_ms)

    def ready(self) -> None:
        """Raises unless every store answers."""
        lib.authkit_ready(self._live)

    # ---- passwords ----

    def hash_password(self, password: Secret) -> str:
        """A self-describing hash with a fresh salt."""
        return self._text(lib.authkit_password_hash, *secret(password))

    def verify_password(self, password: Secret, encoded: str) -> bool:
        """Raises InvalidCredentials on a mismatch. True when a fresh hash should replace this one."""
        needs_rehash = c_int32()
        lib.authkit_password_verify(self._live, *secret(password), encode(encoded), byref(needs_rehash))
        return bool(needs_rehash.value)

    # ---- tokens ----

    def issue_token(self, content: Mapping[str, Any]) -> str:
        """An access token. ``content``: sub (required), sid, epoch, acr, amr, auth_time, roles, claims."""
        return self._text(lib.authkit_token_issue, encode(json.dumps(content)))

    def verify_token(self, token: Secret) -> Dict[str, Any]:
        """The claims of a token whose signature, claims and revocation are good."""
        return dict(json.loads(self._text(lib.authkit_token_verify, *secret(token))))

    def check_token(self, token: Secret) -> VerifiedToken:
        """The same verdict, cheaper: the fixed claims only."""
        return VerifiedToken.from_struct(_native.verified(_native.token_verify_into, self._live, token))

    def revoke_token(self, token: Secret, client: Optional[Client] = None) -> None:
        """Refuses this one token from now on."""
        with self._call(client) as call:
            lib.authkit_token_revoke(self._live, call, *secret(token))

    def jwks(self) -> Dict[str, Any]:
        """The public keys (RFC 7517 section 5)."""
        return dict(json.loads(self._text(lib.authkit_jwks)))

    def rotate_keys(self) -> None:
        """Publishes the next signing key, or puts the published one in force."""
        lib.authkit_keys_rotate(self._live)

    # ---- accounts ----

    def sign_up(
        self, email: str, password: Secret, *, username: Optional[str] = None, profile: Optional[Mapping[str, Any]] = None, client: Optional[Client] = None
    ) -> Account:
        """Registers a user."""
        with self._call(client) as call:
            text = self._text(lib.authkit_sign_up, call, encode(email), *secret(password), encode(username), _profile(profile))
        return Account.from_json(json.loads(text))

    def create_user(
        self,
        email: str,
        password: Secret,
        *,
        username: Optional[str] = None,
        profile: Optional[Mapping[str, Any]] = None,
        roles: Sequence[str] = (),
        client: Optional[Client] = None,
    ) -> Account:
        """Makes a user the operator's way: no limit, no sign-up switch."""
        with self._call(client) as call:
            text = self._text(
                lib.authkit_user_create, call, encode(email), *secret(password), encode(username), _profile(profile), encode(" ".join(roles))
            )
        return Account.from_json(json.loads(text))

    def find_user(self, login_or_id: str, client: Optional[Client] = None) -> Account:
        """By e-mail address, user name or id."""
        with self._call(client) as call:
            return Account.from_json(json.loads(self._text(lib.authkit_user_find, call, encode(login_or_id))))

    def log_in(
        self, login: str, password: Secret, *, transport: str = "bearer", device_name: Optional[str] = None, client: Optional[Client] = None
    ) -> Grant:
        """Logs in by e-mail address or user name."""
        with self._call(client) as call:
            text = self._text(lib.authkit_log_in, call, encode(login), *secret(password), _transport(transport), encode(device_name))
        return Grant.from_json(json.loads(text))

    def refresh(self, refresh_token: Secret, client: Optional[Client] = None) -> Grant:
        """The next token pair. Safe to repeat within the grace window."""
        with self._call(client) as call:
            return Grant.from_json(json.loads(self._text(lib.authkit_refresh, call, *secret(refresh_token))))

    def authenticate(self, credential: Secret, *, transport: str = "bearer", client: Optional[Client] = None) -> Identity:
        """Verifies an access token or a session cookie."""
        with self._call(client) as call:
            return Identity.from_json(json.loads(self._text(lib.authkit_authenticate, call, *secret(credential), _transport(transport))))

    def me(self, credential: Secret, *, transport: str = "bearer", client: Optional[Client] = None) -> Account:
        """The user behind an access token or a session cookie."""
        with self._call(client) as call:
            return Account.from_json(json.loads(self._text(lib.authkit_me, call, *secret(credential), _transport(transport))))

    def sessions(self, credential: Secret, *, transport: str = "bearer", client: Optional[Client] = None) -> List[Session]:
        """The live sessions of that user."""
        with self._call(client) as call:
            items = json.loads(self._text(lib.authkit_sessions, call, *secret(credential), _transport(transport)))["items"]
        return [Session.from_json(item) for item in items]

    def log_out(self, credential: Secret, *, transport: str = "bearer", scope: str = "current", client: Optional[Client] = None) -> None:
        """Ends this session, the ``others``, or ``all``."""
        with self._call(client) as call:
            lib.authkit_log_out(self._live, call, *secret(credential), _transport(transport), _scope(scope))

    def log_out_refresh(self, refresh_token: Secret, *, scope: str = "current", client: Optional[Client] = None) -> None:
        """The same by refresh token, also an expired one."""
        with self._call(client) as call:
            lib.authkit_log_out_refresh(self._live, call, *secret(refresh_token), _scope(scope))

    # ---- inside ----

    def _text(self, function: Any, *arguments: Any) -> str:
        out = c_void_p()
        function(self._live, *arguments, byref(out))
        return take_text(out)

    @contextlib.contextmanager
    def _call(self, client: Optional[Client]) -> Iterator[Optional[c_void_p]]:
        if client is None:
            yield None
            return
        call = c_void_p()
        lib.authkit_call_new(byref(call))
        try:
            lib.authkit_call_set_client(call, encode(client.address), encode(client.user_agent), encode(client.request_id))
            if client.timeout is not None:
                lib.authkit_call_set_timeout(call, max(1, int(client.timeout * 1000)))
            if client.read_after is not None:
                lib.authkit_call_set_read_after(self._live, call, encode(client.read_after.text))
            yield call
            if client.read_after is not None:
                client.read_after.text = self._text(lib.authkit_call_read_after, call)
        finally:
            lib.authkit_call_free(call)


def _choice(table: Mapping[str, int], what: str, value: str) -> int:
    if value not in table:
        raise ValueError(f"{what}: one of {', '.join(table)}")
    return table[value]


def _scope(value: str) -> int:
    return _choice(_SCOPES, "scope", value)


def _profile(profile: Optional[Mapping[str, Any]]) -> Optional[bytes]:
    return None if profile is None else encode(json.dumps(profile))
