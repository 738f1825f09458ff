"""Another service's access tokens, verified by its public keys: no database, no Authkit."""

import json
from ctypes import byref, c_void_p
from typing import Any, Dict, Optional, Sequence

from . import _native
from ._handle import Handle
from ._native import Secret, encode, lib, secret, take_text
from .models import VerifiedToken

__all__ = ["Verifier"]


class Verifier(Handle):
    """The keys behind ``jwks_url`` (https, or http to a loopback address), followed by a thread of the library. Use it as a context manager, or call
    :meth:`close`.

    ``algorithms``: JWS names, ES256 alone unless given. ``profile``: ``rfc9068`` or ``simplejwt``, whose issuer and audience may be empty. ``typ``: a
    kind of tokens of its own. Keys older than ``max_age_ms`` are fetched again, at most once in ``cooldown_ms``; ``max_stale_ms`` without success,
    and they verify nothing. ``fetch_on_unknown_kid``: verifying may wait for a fetch. What is None has the default of ``authkit_verifier_open``.

    Opening waits for the first fetch, at most ``timeout_ms``. When it fails, tokens get KeysUnavailable until a later one succeeds: :meth:`ready`.
    What the service revoked is not known here.

    Thread safety: any number of threads; the interpreter lock is released during every call. After ``os.fork()`` the child must open its own.
    Errors: the exceptions of :mod:`authkit.errors`; ConfigInvalid names the option that is wrong.
    """

    def __init__(
        self,
        jwks_url: str,
        *,
        issuer: str,
        audience: str,
        algorithms: Optional[Sequence[str]] = None,
        typ: Optional[str] = None,
        profile: Optional[str] = None,
        leeway_ms: Optional[int] = None,
        ca_file: Optional[str] = None,
        max_age_ms: Optional[int] = None,
        max_stale_ms: Optional[int] = None,
        cooldown_ms: Optional[int] = None,
        timeout_ms: Optional[int] = None,
        fetch_on_unknown_kid: Optional[bool] = None,
    ) -> None:
        super().__init__(lib.authkit_verifier_close)
        options: Dict[str, Any] = {
            "jwks_url": jwks_url,
            "issuer": issuer,
            "audience": audience,
            "algorithms": algorithms if algorithms is None or isinstance(algorithms, str) else list(algorithms),
            "typ": typ,
            "profile": profile,
            "leeway_ms": leeway_ms,
            "ca_file": ca_file,
            "max_age_ms": max_age_ms,
            "max_stale_ms": max_stale_ms,
            "cooldown_ms": cooldown_ms,
            "timeout_ms": timeout_ms,
            "fetch_on_unknown_kid": fetch_on_unknown_kid,
        }
        given = {name: value for name, value in options.items() if value is not None}
        lib.authkit_verifier_open(encode(json.dumps(given)), byref(self._handle))

    def ready(self) -> None:
        """Raises KeysUnavailable, with what the last fetch failed for, while there are no keys to verify with."""
        lib.authkit_verifier_ready(self._live)

    def verify(self, token: Secret) -> Dict[str, Any]:
        """The claims of a token whose signature and claims are good."""
        out = c_void_p()
        lib.authkit_verifier_verify(self._live, *secret(token), byref(out))
        return dict(json.loads(take_text(out)))

    def check(self, token: Secret) -> VerifiedToken:
        """The same verdict, cheaper: the fixed claims only. Ids that are not in authkit's form are hashed to it."""
        return VerifiedToken.from_struct(_native.verified(_native.verifier_verify_into, self._live, token))
