"""The Python interface: every flow once, and what a caller can get wrong."""

import importlib.metadata
import json
import os
import pathlib
import re
import threading
from typing import Any, Dict, Iterator, List

import pytest

import authkit
from authkit import Account, Authkit, Client, _native, errors

ROOT = pathlib.Path(os.environ["AUTHKIT_ROOT"])
PASSWORD = "correct horse battery staple"
OPTIONS = {
    "database.url": "memory:",
    "password.memory_kib": "64",
    "password.passes": "1",
    "password.queue_length": "1000",
    "password.queue_deadline": "60s",
    "limit.sign_up_address": "1000/1h",
    "log.level": "error",
}


@pytest.fixture()
def auth() -> Iterator[Authkit]:
    with Authkit(OPTIONS) as opened:
        yield opened


def test_prototypes_match_the_header() -> None:
    header = re.sub(r"/\*.*?\*/", "", (ROOT / "include/authkit/c.h").read_text(), flags=re.S)
    declared = {
        name: 0 if arguments.strip() == "void" else arguments.count(",") + 1
        for name, arguments in re.findall(r"AUTHKIT_API[^;(]*?\b(authkit_\w+)\(([^;]*?)\);", header, flags=re.S)
    }
    assert declared == {name: len(arguments) for name, (_, arguments) in _native.PROTOTYPES.items()}


def test_the_wheel_says_the_version_of_its_library() -> None:
    assert importlib.metadata.version("authkit") == authkit.version()


def test_every_error_has_its_class() -> None:
    table: List[int] = []
    while (number := _native.lib.authkit_error_at(len(table))) != 0:
        table.append(number)
    for number in table:
        failure = errors.from_status(number, "")
        assert failure.number == number
        assert failure.code == _native.lib.authkit_error_name(number).decode()
        assert failure.http_status == _native.lib.authkit_error_http_status(number)
    assert type(errors.from_status(7777, "")) is errors.AuthkitError


def test_the_main_job(auth: Authkit) -> None:
    account = auth.sign_up("ada@example.org", PASSWORD, username="ada", profile={"team": "engine"})
    assert account == auth.find_user("ADA@example.org") == auth.find_user(account.id)
    grant = auth.log_in("ada", PASSWORD.encode(), device_name="laptop", client=Client(address="192.0.2.1", user_agent="t", timeout=5))
    assert grant.access_token and grant.refresh_token and PASSWORD not in repr(grant) and grant.access_token not in repr(grant)
    assert auth.verify_token(grant.access_token)["sub"] == account.id
    assert auth.check_token(grant.access_token).session_id == grant.session_id
    assert auth.me(grant.access_token).profile == {"team": "engine"}
    assert [s.client for s in auth.sessions(grant.access_token) if s.current] == ["laptop"]
    refreshed = auth.refresh(grant.refresh_token)
    assert auth.refresh(grant.refresh_token).refresh_token == refreshed.refresh_token  # a repeat inside the grace window
    auth.log_out(grant.access_token)
    for token in (grant.access_token, refreshed.access_token or ""):
        with pytest.raises(errors.TokenRevoked):
            auth.verify_token(token)
    with pytest.raises(errors.SessionRevoked):
        auth.refresh(refreshed.refresh_token or "")
    auth.log_out_refresh(refreshed.refresh_token or "")


def test_cookies(auth: Authkit) -> None:
    auth.create_user("root@example.org", PASSWORD, roles=["admin", "auditor"])
    grant = auth.log_in("root@example.org", PASSWORD, transport="cookie")
    assert grant.access_token is None and grant.csrf_token
    cookie = grant.cookie or ""
    assert auth.me(cookie, transport="cookie").roles == ["admin", "auditor"]
    assert auth.authenticate(cookie, transport="cookie").token_id is None
    with pytest.raises(errors.AuthError):
        auth.authenticate(cookie)  # a cookie is no access token
    auth.set_user_status(grant.user.id, "disabled", actor="operator")
    with pytest.raises(errors.AuthError):
        auth.me(cookie, transport="cookie")
    with pytest.raises(errors.InvalidCredentials):
        auth.log_in("root@example.org", PASSWORD)


def test_users_are_listed_page_by_page(auth: Authkit) -> None:
    made = [auth.create_user(f"user{n}@example.org", PASSWORD).id for n in range(7)]
    assert [user.id for user in auth.users(page_size=3)] == sorted(made)  # UUIDv7: in order of time, to the millisecond


def test_passwords_take_text_and_bytes(auth: Authkit) -> None:
    encoded = auth.hash_password("pässword")
    assert auth.verify_password("pässword".encode(), encoded) is False
    with pytest.raises(errors.InvalidCredentials):
        auth.verify_password(b"a\0b", auth.hash_password(b"a\0c"))
    with pytest.raises(errors.PasswordHashInvalid):
        auth.verify_password("x", "$nonsense$")


def test_tokens_of_the_host(auth: Authkit) -> None:
    user = auth.create_user("svc@example.org", PASSWORD)
    token = auth.issue_token({"sub": user.id, "roles": ["reader"], "claims": {"plan": "pro"}})
    claims = auth.verify_token(token)
    assert claims["plan"] == "pro" and claims["roles"] == ["reader"]
    auth.revoke_token(token)
    with pytest.raises(errors.TokenRevoked):
        auth.check_token(token)
    with pytest.raises(errors.FieldInvalid) as caught:
        auth.issue_token({"sub": 7})
    assert caught.value.errors[0]["pointer"] == "/sub"
    assert auth.jwks()["keys"][0]["kty"] == "EC"
    auth.rotate_keys()
    assert len(auth.jwks()["keys"]) == 2


def test_hooks() -> None:
    seen: List[str] = []
    lines: List[Dict[str, Any]] = []

    def before(flow: str, account: Account) -> None:
        if account.email.startswith("eve"):
            raise RuntimeError("not eve")

    with Authkit(
        {**OPTIONS, "log.level": "debug"},
        before=before,
        after=lambda flow, account: seen.append(f"{flow} {account.email}"),
        claims=lambda account: {"tier": account.profile.get("tier", "free")},
        log=lambda level, line: lines.append(line),
    ) as auth:
        auth.sign_up("ada@example.org", PASSWORD, profile={"tier": "gold"})
        with pytest.raises(errors.RefusedByHost):
            auth.sign_up("eve@example.org", PASSWORD)
        token = auth.log_in("ada@example.org", PASSWORD).access_token or ""
        assert auth.verify_token(token)["tier"] == "gold"
    assert seen == ["register ada@example.org", "login ada@example.org"]
    assert all(PASSWORD not in str(line) for line in lines)


def test_a_failing_claims_hook_issues_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.excepthook", lambda *_: None)

    def claims(account: Account) -> Dict[str, Any]:
        raise RuntimeError("no claims")

    with Authkit(OPTIONS, claims=claims) as auth:
        auth.sign_up("ada@example.org", PASSWORD)
        with pytest.raises(errors.AuthkitError):
            auth.log_in("ada@example.org", PASSWORD)


def test_bad_input_is_told_apart(auth: Authkit) -> None:
    with pytest.raises(errors.ConfigInvalid):
        Authkit({"no.such": "1"})
    with pytest.raises(errors.ConfigInvalid, match="token.access_lifetime"):
        Authkit({"token.access_lifetime": "soon"})
    with pytest.raises(errors.EmailInvalid):
        auth.sign_up("nobody", PASSWORD)
    with pytest.raises(errors.WeakPassword):
        auth.sign_up("bob@example.org", "short")
    with pytest.raises(ValueError):
        auth.find_user("a\0b")
    with pytest.raises(ValueError):
        auth.log_in("a", "b", transport="pigeon")
    with pytest.raises(errors.InvalidToken):
        auth.verify_token("")


def test_limits_say_when_to_come_back(auth: Authkit) -> None:
    auth.sign_up("ada@example.org", PASSWORD)
    for _ in range(5):
        with pytest.raises(errors.InvalidCredentials):
            auth.log_in("ada@example.org", "wrong")
    with pytest.raises(errors.RateLimited) as caught:
        auth.log_in("ada@example.org", PASSWORD)
    assert caught.value.retry_after and caught.value.retry_after > 0


def test_closed_and_forked(auth: Authkit) -> None:
    pid = os.fork()
    if pid == 0:
        try:
            auth.jwks()
        except errors.Closed:
            os._exit(0)
        os._exit(1)
    assert os.waitpid(pid, 0)[1] == 0
    auth.close()
    auth.close()
    with pytest.raises(errors.Closed):
        auth.jwks()


def test_threads_share_one_context(auth: Authkit) -> None:
    failures: List[BaseException] = []

    def work(number: int) -> None:
        try:
            auth.sign_up(f"user{number}@example.org", PASSWORD)
            token = auth.log_in(f"user{number}@example.org", PASSWORD).access_token or ""
            for _ in range(50):
                auth.check_token(token)
                with pytest.raises(errors.InvalidToken):
                    auth.check_token(token[:-1])
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_one_database_two_contexts(tmp_path: pathlib.Path) -> None:
    options = {**OPTIONS, "database.url": f"sqlite:{tmp_path}/auth.db"}
    with Authkit(options) as one, Authkit(options, maintenance=False) as two:
        one.sign_up("ada@example.org", PASSWORD)
        grant = one.log_in("ada@example.org", PASSWORD)
        assert two.me(grant.access_token or "").email == "ada@example.org"
        second = two.refresh(grant.refresh_token or "")
        one.log_out(second.access_token or "")
        with pytest.raises(errors.SessionRevoked):
            two.refresh(second.refresh_token or "")


def test_version() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", authkit.version())


def test_vector_line() -> None:
    # RFC 7515 appendix A.1
    jwk = '{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}'
    token = (
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
        ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    )
    line = {"id": "rfc7515-a1", "mode": "jws", "token": token, "jwk": jwk, "alg": "HS256", "opts": {}}
    assert authkit.answer_vector_line(json.dumps(line)).startswith("ok")
    assert authkit.answer_vector_line(json.dumps({**line, "token": token[:-1]})).startswith("reject")
    assert authkit.answer_vector_line(json.dumps({**line, "alg": "none"})).startswith("reject")
