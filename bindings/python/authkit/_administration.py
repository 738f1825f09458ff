"""What an operator does with the accounts of others."""

import json
from ctypes import c_void_p
from datetime import datetime
from typing import Any, ContextManager, Iterator, List, Mapping, Optional

from ._native import Secret, encode, lib, secret
from .models import Account, Client, Event


def _given(members: Mapping[str, Any]) -> "Optional[bytes]":
    return encode(json.dumps({name: value for name, value in members.items() if value is not None}))


def _milliseconds(time: Optional[datetime]) -> Optional[int]:
    return None if time is None else int(time.timestamp() * 1000)


class Administration:
    """``actor``: who does it, for the audit log; whether they may is the caller's to have checked."""

    _live: int

    def _text(self, function: Any, *arguments: Any) -> str:
        raise NotImplementedError

    def _call(self, client: Optional[Client]) -> ContextManager[Optional[c_void_p]]:
        raise NotImplementedError

    def _pages(self, function: Any, filter: Optional[bytes], client: Optional[Client], page_size: int) -> Iterator[Mapping[str, Any]]:
        cursor: Optional[str] = None
        while True:
            with self._call(client) as call:
                page = json.loads(self._text(function, call, filter, encode(cursor), page_size))
            yield from page["items"]
            cursor = page.get("next_cursor")
            if not cursor:
                return

    def users(
        self,
        client: Optional[Client] = None,
        page_size: int = 100,
        *,
        email_prefix: Optional[str] = None,
        role: Optional[str] = None,
        status: Optional[str] = None,
    ) -> Iterator[Account]:
        """The users that fit, oldest first, read page by page."""
        filter = _given({"email_prefix": email_prefix, "role": role, "status": status})
        return (Account.from_json(item) for item in self._pages(lib.authkit_user_search, filter, client, page_size))

    def audit(
        self,
        client: Optional[Client] = None,
        page_size: int = 100,
        *,
        actor: Optional[str] = None,
        action: Optional[str] = None,
        subject: Optional[str] = None,
        ip: Optional[str] = None,
        outcome: Optional[str] = None,
        since: Optional[datetime] = None,
        until: Optional[datetime] = None,
    ) -> Iterator[Event]:
        """The audit log, newest first, read page by page; ``outcome``: ``success`` or ``failure``."""
        filter = _given(
            {
                "actor": actor,
                "action": action,
                "subject": subject,
                "ip": ip,
                "outcome": outcome,
                "from_ms": _milliseconds(since),
                "to_ms": _milliseconds(until),
            }
        )
        return (Event.from_json(item) for item in self._pages(lib.authkit_audit_list, filter, client, page_size))

    def set_user_status(self, user_id: str, status: str, *, actor: str, client: Optional[Client] = None) -> None:
        """``active`` or ``disabled``; disabling ends all sessions and tokens."""
        with self._call(client) as call:
            lib.authkit_user_set_status(self._live, call, encode(user_id), encode(status), encode(actor))

    def set_user_roles(self, user_id: str, roles: List[str], *, actor: str, client: Optional[Client] = None) -> None:
        """Replaces the roles of a user; the sessions of before end."""
        with self._call(client) as call:
            lib.authkit_user_set_roles(self._live, call, encode(user_id), encode(" ".join(roles)), encode(actor))

    def set_user_password(self, user_id: str, password: Secret, *, actor: str, client: Optional[Client] = None) -> None:
        """Sets a password for a user; all sessions end."""
        with self._call(client) as call:
            lib.authkit_user_set_password(self._live, call, encode(user_id), *secret(password), encode(actor))

    def end_user_sessions(self, user_id: str, *, actor: str, client: Optional[Client] = None) -> None:
        """Ends all sessions and tokens of a user."""
        with self._call(client) as call:
            lib.authkit_user_end_sessions(self._live, call, encode(user_id), encode(actor))

    def reset_user_mfa(self, user_id: str, *, actor: str, client: Optional[Client] = None) -> None:
        """Removes the second factors of a user who has lost them; all sessions end."""
        with self._call(client) as call:
            lib.authkit_user_reset_mfa(self._live, call, encode(user_id), encode(actor))

    def close_user(self, user_id: str, *, actor: str, client: Optional[Client] = None) -> None:
        """Closes the account of a user."""
        with self._call(client) as call:
            lib.authkit_user_close(self._live, call, encode(user_id), encode(actor))
