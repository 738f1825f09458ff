"""The verdicts of the Python interface on every vector and hostile access token that the program AUTHKIT_HOSTILE writes."""

import os
import subprocess
from typing import Iterator, List, Tuple

import pytest

import authkit
from authkit import Authkit, errors

from test_authkit import OPTIONS

SECRET = "one secret of more than 32 bytes, shared with a test"


def hostile(*arguments: str) -> bytes:
    return subprocess.run([os.environ["AUTHKIT_HOSTILE"], *arguments], check=True, capture_output=True).stdout


def access_tokens() -> Iterator[Tuple[str, str, bytes]]:
    """Verdict, id and token; any bytes may be in a token."""
    data = hostile("access", SECRET)
    at = 0
    while at < len(data):
        end = data.index(b"\n", at)
        verdict, name, length = data[at:end].decode().split(" ")
        at = end + 1 + int(length) + 1
        yield verdict, name, data[end + 1 : at - 1]


def test_every_line_gets_its_verdict() -> None:
    wrong: List[str] = []
    rows = hostile("lines").decode().splitlines()
    for row in rows:
        verdict, line = row.split("\t", 1)
        answer = authkit.answer_vector_line(line)
        if answer.split(" ")[0] != verdict:
            wrong.append(f"{answer}: {line[:200]}")
    assert wrong == []
    assert len(rows) > 4000


def test_every_access_token_gets_its_verdict() -> None:
    counts = {"ok": 0, "reject": 0}
    with Authkit({**OPTIONS, "token.algorithm": "HS256", "token.secret": SECRET}) as auth:
        for verdict, name, token in access_tokens():
            counts[verdict] += 1
            if verdict == "ok":
                assert auth.verify_token(token)["sub"], name
                assert auth.check_token(token).user_id, name
                continue
            for verify in (auth.verify_token, auth.check_token):
                try:
                    verify(token)
                except (errors.InvalidToken, errors.TokenExpired):
                    continue
                pytest.fail(f"{name} was accepted")
    assert counts["reject"] > 600 and counts["ok"] > 20
