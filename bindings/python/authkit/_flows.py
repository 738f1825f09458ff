"""The account flows beyond login and logout."""

import json
from ctypes import byref, c_uint32, c_void_p
from typing import Any, ContextManager, List, Mapping, Optional

from ._native import Secret, encode, lib, secret
from .models import Account, Client, Enrolment, Grant

_TRANSPORTS = {"bearer": 0, "cookie": 1}


def transport_number(value: str) -> int:
    """The number of a transport in c.h."""
    if value not in _TRANSPORTS:
        raise ValueError(f"transport: one of {', '.join(_TRANSPORTS)}")
    return _TRANSPORTS[value]


class Flows:
    """What :class:`authkit.Authkit` does for accounts. ``credential`` is an access token, or a cookie with ``transport="cookie"``."""

    _live: int

    def _text(self, function: Any, *arguments: Any) -> str:
        raise NotImplementedError

    def _call(self, client: Optional[Client]) -> ContextManager[Optional[c_void_p]]:
        raise NotImplementedError

    def deliver(self, budget_ms: int = 1000) -> int:
        """Delivers messages that wait; how many. Only without the ``maintenance`` thread."""
        count = c_uint32()
        lib.authkit_deliver(self._live, budget_ms, byref(count))
        return count.value

    def verify_mfa(self, mfa_token: str, method: str, code: str, *, client: Optional[Client] = None) -> Grant:
        """The second step of a login; ``method``: ``totp`` or ``recovery_code``."""
        with self._call(client) as call:
            return Grant.from_json(json.loads(self._text(lib.authkit_verify_mfa, call, encode(mfa_token), encode(method), encode(code))))

    def verify_email(self, token: str, *, client: Optional[Client] = None) -> None:
        """Confirms an address by the token of its message."""
        with self._call(client) as call:
            lib.authkit_verify_email(self._live, call, encode(token))

    def verify_email_code(self, email: str, code: str, *, client: Optional[Client] = None) -> None:
        """The same by the eight digits."""
        with self._call(client) as call:
            lib.authkit_verify_email_code(self._live, call, encode(email), encode(code))

    def resend_verification(self, email: str, *, client: Optional[Client] = None) -> None:
        """Sends that message again; nothing tells whether there was one to send."""
        with self._call(client) as call:
            lib.authkit_resend_verification(self._live, call, encode(email))

    def request_password_reset(self, email: str, *, client: Optional[Client] = None) -> None:
        """Sends a message that resets the password; nothing tells whether there is an account."""
        with self._call(client) as call:
            lib.authkit_request_password_reset(self._live, call, encode(email))

    def reset_password(
        self, token: str, password: Secret, *, mfa_method: Optional[str] = None, mfa_code: Optional[str] = None, client: Optional[Client] = None
    ) -> None:
        """Sets a new password by such a message; all sessions end."""
        with self._call(client) as call:
            lib.authkit_reset_password(self._live, call, encode(token), *secret(password), encode(mfa_method), encode(mfa_code))

    def change_password(
        self,
        credential: Secret,
        current: Secret,
        new: Secret,
        *,
        transport: str = "bearer",
        keep_other_sessions: bool = False,
        client: Optional[Client] = None,
    ) -> Grant:
        """Sets a new password; the session goes on with the grant."""
        with self._call(client) as call:
            who = (*secret(credential), transport_number(transport))
            text = self._text(lib.authkit_change_password, call, *who, *secret(current), *secret(new), int(keep_other_sessions))
        return Grant.from_json(json.loads(text))

    def request_email_change(self, credential: Secret, email: str, *, transport: str = "bearer", client: Optional[Client] = None) -> None:
        """Sends a message to the new address."""
        with self._call(client) as call:
            lib.authkit_request_email_change(self._live, call, *secret(credential), transport_number(transport), encode(email))

    def confirm_email_change(self, token: str, *, client: Optional[Client] = None) -> None:
        """Makes it the account's address."""
        with self._call(client) as call:
            lib.authkit_confirm_email_change(self._live, call, encode(token))

    def update_profile(
        self, credential: Secret, patch: Mapping[str, Any], *, transport: str = "bearer", client: Optional[Client] = None
    ) -> Account:
        """Merges ``patch`` into the profile (RFC 7396)."""
        with self._call(client) as call:
            who = (*secret(credential), transport_number(transport))
            return Account.from_json(json.loads(self._text(lib.authkit_update_profile, call, *who, encode(json.dumps(patch)))))

    def close_account(
        self, credential: Secret, password: Secret = "", *, transport: str = "bearer", client: Optional[Client] = None
    ) -> None:
        """Closes the account; without a password after a recent login only."""
        with self._call(client) as call:
            lib.authkit_close_account(self._live, call, *secret(credential), transport_number(transport), *secret(password))

    def end_session(self, credential: Secret, session_id: str, *, transport: str = "bearer", client: Optional[Client] = None) -> None:
        """Ends one of the user's sessions."""
        with self._call(client) as call:
            lib.authkit_end_session(self._live, call, *secret(credential), transport_number(transport), encode(session_id))

    def enroll_totp(self, credential: Secret, label: str = "", *, transport: str = "bearer", client: Optional[Client] = None) -> Enrolment:
        """Begins to set up an authenticator app."""
        with self._call(client) as call:
            who = (*secret(credential), transport_number(transport))
            return Enrolment.from_json(json.loads(self._text(lib.authkit_totp_enroll, call, *who, encode(label))))

    def confirm_totp(
        self, credential: Secret, factor_id: str, code: str, *, transport: str = "bearer", client: Optional[Client] = None
    ) -> "tuple[List[str], Grant]":
        """Ends it by a first code: the recovery codes, shown once, and what the session goes on with."""
        with self._call(client) as call:
            who = (*secret(credential), transport_number(transport))
            document = json.loads(self._text(lib.authkit_totp_confirm, call, *who, encode(factor_id), encode(code)))
        return list(document["recovery_codes"]), Grant.from_json(document["grant"])

    def remove_totp(self, credential: Secret, factor_id: str, *, transport: str = "bearer", client: Optional[Client] = None) -> Grant:
        """Removes a second factor."""
        with self._call(client) as call:
            who = (*secret(credential), transport_number(transport))
            return Grant.from_json(json.loads(self._text(lib.authkit_totp_remove, call, *who, encode(factor_id))))

    def renew_recovery_codes(self, credential: Secret, *, transport: str = "bearer", client: Optional[Client] = None) -> List[str]:
        """Ten new ones; the old ones are worth nothing."""
        with self._call(client) as call:
            who = (*secret(credential), transport_number(transport))
            return list(json.loads(self._text(lib.authkit_recovery_codes, call, *who)))
