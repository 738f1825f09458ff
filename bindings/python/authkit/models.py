"""What the flows return, read from the one JSON shape that HTTP, C, Go and Python share."""

import dataclasses
from datetime import datetime
from typing import Any, Dict, List, Mapping, NamedTuple, Optional

__all__ = ["Account", "Client", "Grant", "Identity", "Session", "VerifiedToken"]


def _time(text: Optional[str]) -> Optional[datetime]:
    return datetime.fromisoformat(text.replace("Z", "+00:00")) if text else None


def _required_time(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


class ReadAfter:
    """What a caller has seen of a database with replicas: calls whose client carries it show nothing older, and add what they write. ``text`` takes it to
    another process; it stays empty where there are no replicas."""

    def __init__(self, text: str = "") -> None:
        self.text = text


@dataclasses.dataclass(frozen=True)
class Client:
    """Who is calling: goes into limits, events and log lines. ``timeout`` bounds the wait for a store, in seconds. ``read_after``: what it has seen."""

    address: Optional[str] = None
    user_agent: Optional[str] = None
    request_id: Optional[str] = None
    timeout: Optional[float] = None
    read_after: Optional[ReadAfter] = None


@dataclasses.dataclass(frozen=True)
class Account:
    """A user."""

    id: str
    email: str
    username: Optional[str]
    email_verified: bool
    status: str
    roles: List[str]
    profile: Dict[str, Any]
    created_at: datetime
    updated_at: datetime
    last_login_at: Optional[datetime]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Account":
        return cls(
            id=data["id"],
            email=data["email"],
            username=data.get("username"),
            email_verified=data["email_verified"],
            status=data["status"],
            roles=list(data["roles"]),
            profile=dict(data["profile"]),
            created_at=_required_time(data["created_at"]),
            updated_at=_required_time(data["updated_at"]),
            last_login_at=_time(data.get("last_login_at")),
        )


@dataclasses.dataclass(frozen=True)
class Session:
    """One login of a user."""

    id: str
    transport: str
    created_at: datetime
    last_seen: datetime
    expires_at: datetime
    client: str
    user_agent: str
    address: str
    current: bool

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Session":
        return cls(
            id=data["id"],
            transport=data["transport"],
            created_at=_required_time(data["created_at"]),
            last_seen=_required_time(data["last_seen"]),
            expires_at=_required_time(data["expires_at"]),
            client=data.get("client") or "",
            user_agent=data.get("user_agent") or "",
            address=data.get("address") or "",
            current=bool(data.get("current", False)),
        )


@dataclasses.dataclass(frozen=True)
class Grant:
    """What a login or a refresh hands out. With the cookie transport ``cookie`` and ``csrf_token`` take the place of the tokens."""

    session_id: str
    user: Account
    access_token: Optional[str] = dataclasses.field(repr=False)
    expires_in: Optional[int]
    refresh_token: Optional[str] = dataclasses.field(repr=False)
    refresh_expires_in: int
    cookie: Optional[str] = dataclasses.field(repr=False)
    csrf_token: Optional[str] = dataclasses.field(repr=False)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Grant":
        return cls(
            session_id=data["session_id"],
            user=Account.from_json(data["user"]),
            access_token=data.get("access_token"),
            expires_in=data.get("expires_in"),
            refresh_token=data.get("refresh_token"),
            refresh_expires_in=data["refresh_expires_in"],
            cookie=data.get("cookie"),
            csrf_token=data.get("csrf_token"),
        )


@dataclasses.dataclass(frozen=True)
class Enrolment:
    """A second factor that waits for its first code."""

    factor_id: str
    secret: str = dataclasses.field(repr=False)
    otpauth_uri: str = dataclasses.field(repr=False)
    qr_svg: str = dataclasses.field(repr=False)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Enrolment":
        return cls(factor_id=data["factor_id"], secret=data["secret"], otpauth_uri=data["otpauth_uri"], qr_svg=data["qr_svg"])


@dataclasses.dataclass(frozen=True)
class Event:
    """One line of the audit log."""

    seq: int
    id: str
    time: datetime
    actor: str
    action: str
    subject: str
    outcome: str
    ip: str
    user_agent: str
    request_id: str
    data: Mapping[str, Any]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Event":
        return cls(
            seq=data["seq"],
            id=data["id"],
            time=_required_time(data["time"]),
            actor=data.get("actor") or "",
            action=data["action"],
            subject=data.get("subject") or "",
            outcome=data["outcome"],
            ip=data.get("ip") or "",
            user_agent=data.get("user_agent") or "",
            request_id=data.get("request_id") or "",
            data=dict(data["data"]),
        )


@dataclasses.dataclass(frozen=True)
class Identity:
    """The verified carrier of a request."""

    user_id: str
    session_id: Optional[str]
    token_id: Optional[str]
    epoch: int
    auth_time: Optional[datetime]
    expires_at: datetime

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Identity":
        return cls(
            user_id=data["user_id"],
            session_id=data.get("session_id"),
            token_id=data.get("token_id"),
            epoch=data["epoch"],
            auth_time=_time(data.get("auth_time")),
            expires_at=_required_time(data["expires_at"]),
        )


class VerifiedToken(NamedTuple):
    """The fixed part of a verified access token, from the form that allocates nothing inside the library. Times in milliseconds since 1970."""

    user_id: str
    session_id: str
    token_id: str
    epoch: int
    issued_at_ms: int
    expires_at_ms: int
    auth_time_ms: int

    @classmethod
    def from_struct(cls, out: Any) -> "VerifiedToken":
        user_id, session_id, token_id = out.user_id.decode(), out.session_id.decode(), out.token_id.decode()
        return cls(user_id, session_id, token_id, out.epoch, out.issued_at_ms, out.expires_at_ms, out.auth_time_ms)
