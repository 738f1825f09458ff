"""Each account flow once: messages are read from a spool directory."""

import base64
import email
import email.policy
import hashlib
import hmac
import pathlib
import re
import struct
import time
from typing import Iterator

import pytest

from authkit import Authkit, MfaRequired, TicketInvalid, TokenRevoked, errors

PASSWORD = "correct horse battery staple"
NEW = "a wholly different sentence"


@pytest.fixture()
def auth(tmp_path: pathlib.Path) -> Iterator[Authkit]:
    options = {
        "database.url": "memory:",
        "password.memory_kib": "64",
        "password.passes": "1",
        "limit.sign_up_address": "1000/1h",
        "mail.url": f"spool:{tmp_path}",
        "account.link_url": "https://app.example/auth",
        "account.email_verification": "optional",
        "log.level": "error",
    }
    with Authkit(options, maintenance=False) as opened:
        yield opened


def token_of(auth: Authkit, folder: pathlib.Path, subject: str) -> str:
    """The token in the newest message of that subject."""
    auth.deliver()
    for file in sorted(folder.glob("*.eml"), key=lambda one: one.stat().st_mtime_ns, reverse=True):
        message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        found = re.search(r"#token=([\w-]+)", message.get_content())
        if message["Subject"] == subject and found:
            return found[1]
    raise AssertionError(f"no message {subject}")


def totp(secret: str, at: float) -> str:
    """RFC 6238."""
    mac = hmac.new(base64.b32decode(secret), struct.pack(">Q", int(at // 30)), hashlib.sha1).digest()
    offset = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[offset:offset + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def test_addresses_and_passwords_by_message(auth: Authkit, tmp_path: pathlib.Path) -> None:
    auth.sign_up("ada@example.org", PASSWORD)
    auth.verify_email(token_of(auth, tmp_path, "Confirm your e-mail address"))
    assert auth.find_user("ada@example.org").email_verified
    auth.resend_verification("ada@example.org")
    with pytest.raises(TicketInvalid):
        auth.verify_email_code("ada@example.org", "00000000")

    auth.request_password_reset("ada@example.org")
    auth.request_password_reset("nobody@example.org")
    token = token_of(auth, tmp_path, "Reset your password")
    auth.reset_password(token, NEW)
    with pytest.raises(TicketInvalid):
        auth.reset_password(token, NEW)
    grant = auth.log_in("ada@example.org", NEW)

    auth.request_email_change(grant.access_token or "", "ada@new.example")
    auth.confirm_email_change(token_of(auth, tmp_path, "Confirm your new e-mail address"))
    assert auth.find_user("ada@new.example").id == grant.user.id


def test_what_a_user_changes(auth: Authkit) -> None:
    auth.sign_up("ada@example.org", PASSWORD)
    other = auth.log_in("ada@example.org", PASSWORD)
    mine = auth.log_in("ada@example.org", PASSWORD)
    assert auth.update_profile(mine.access_token or "", {"name": "Ada"}).profile == {"name": "Ada"}
    auth.end_session(mine.access_token or "", other.session_id)
    with pytest.raises(TokenRevoked):
        auth.check_token(other.access_token or "")
    with pytest.raises(errors.CurrentPasswordInvalid):
        auth.change_password(mine.access_token or "", "not this one", NEW)
    grant = auth.change_password(mine.access_token or "", PASSWORD, NEW)
    auth.set_user_roles(grant.user.id, ["admin", "support"], actor="test")
    grant = auth.log_in("ada@example.org", NEW)
    assert list(grant.user.roles) == ["admin", "support"]
    auth.close_account(grant.access_token or "", NEW)
    with pytest.raises(errors.InvalidCredentials):
        auth.log_in("ada@example.org", NEW)


def test_a_second_factor(auth: Authkit) -> None:
    auth.sign_up("ada@example.org", PASSWORD)
    access = auth.log_in("ada@example.org", PASSWORD).access_token or ""
    enrolment = auth.enroll_totp(access, "phone")
    assert enrolment.otpauth_uri.startswith("otpauth://totp/") and enrolment.qr_svg.startswith("<svg")
    codes, grant = auth.confirm_totp(access, enrolment.factor_id, totp(enrolment.secret, time.time()))
    assert len(codes) == 10
    with pytest.raises(MfaRequired) as due:
        auth.log_in("ada@example.org", PASSWORD)
    assert due.value.mfa_token
    with pytest.raises(errors.MfaCodeInvalid):
        auth.verify_mfa(due.value.mfa_token, "totp", "000000")
    access = auth.verify_mfa(due.value.mfa_token, "recovery_code", codes[0]).access_token or ""
    assert len(auth.renew_recovery_codes(access)) == 10
    assert auth.remove_totp(access, enrolment.factor_id).access_token
    assert auth.log_in("ada@example.org", PASSWORD).access_token


def test_what_an_operator_does(auth: Authkit) -> None:
    for name in ("ada", "bob", "eve"):
        auth.create_user(f"{name}@example.org", PASSWORD, roles=["support"] if name == "bob" else [])
    assert sorted(user.email for user in auth.users(page_size=2)) == ["ada@example.org", "bob@example.org", "eve@example.org"]
    (bob,) = auth.users(role="support")
    assert [user.id for user in auth.users(email_prefix="bo", status="active")] == [bob.id]
    with pytest.raises(errors.FieldInvalid) as wrong:
        list(auth.users(status="sleeping"))
    assert [error["pointer"] for error in wrong.value.errors] == ["/status"]

    credential = auth.log_in("bob@example.org", PASSWORD).access_token or ""
    auth.end_user_sessions(bob.id, actor="root")
    with pytest.raises(TokenRevoked):
        auth.check_token(credential)
    auth.set_user_password(bob.id, NEW, actor="root")
    auth.log_in("bob@example.org", NEW)
    auth.reset_user_mfa(bob.id, actor="root")
    auth.close_user(bob.id, actor="root")
    with pytest.raises(errors.InvalidCredentials):
        auth.log_in("bob@example.org", NEW)

    events = list(auth.audit(actor="root", page_size=2))
    assert len(events) >= 4 and all(event.subject.endswith(bob.id) for event in events)
    assert [event.seq for event in events] == sorted((event.seq for event in events), reverse=True)
    assert list(auth.audit(actor="root", until=events[-1].time)) == []
    assert next(auth.audit(outcome="failure")).action == "login.failed"
