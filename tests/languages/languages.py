#!/usr/bin/python3
"""What one language makes, the others verify, refresh and end; what one hashes, the others check; the example services refuse who logged out elsewhere.

languages.py --build DIR --go-member PROGRAM --go-service PROGRAM      started by run.sh
"""

import argparse
import base64
import contextlib
import http.client
import json
import os
import pathlib
import secrets
import subprocess
import sys
import tempfile
import time
import traceback

from members import Cpp, Go, Python, Refused

ROOT = pathlib.Path(__file__).resolve().parents[2]
PASSWORD = "correct horse bättery staple"
BOUND = 5.0  # revocation.staleness_bound: how long, in seconds, one process may not know what another one ended; they poll every 100 ms
SETTINGS = {
    "AUTHKIT_PASSWORD_MEMORY_KIB": "64",
    "AUTHKIT_PASSWORD_PASSES": "1",
    "AUTHKIT_LIMIT_SIGN_UP_ADDRESS": "1000/1h",
    "AUTHKIT_REVOCATION_POLL_INTERVAL": "100ms",
    "AUTHKIT_LOG_LEVEL": "warning",
    "AUTHKIT_HTTP_ACCESS_LOG": "off",
}


def refusal(operation, *arguments):
    """The code that an operation is refused with; None when it is not."""
    try:
        operation(*arguments)
        return None
    except Refused as refused:
        return str(refused)


def expect(what, got, wanted):
    if got != wanted:
        raise AssertionError(f"{what}: got {got!r}, not {wanted!r}")


def expect_soon(what, question, wanted):
    """The answer may take BOUND: another process reads it from the feed."""
    end = time.monotonic() + BOUND
    while (got := question()) != wanted:
        if time.monotonic() > end:
            raise AssertionError(f"{what}: after {BOUND} s still {got!r}, not {wanted!r}")
        time.sleep(0.01)


class Service:
    """A client of an example service."""

    def __init__(self, name, url):
        self.name, self._address = name, url.removeprefix("http://")

    def call(self, method, path, token=None, body=None):
        connection = http.client.HTTPConnection(self._address, timeout=20)
        connection.request(method, path, None if body is None else json.dumps(body), {"Authorization": f"Bearer {token}"} if token else {})
        response = connection.getresponse()
        text = response.read()
        connection.close()
        return response.status, json.loads(text) if text else {}


class Suite:
    def __init__(self):
        self.passed = self.failed = 0

    def case(self, name, function, *arguments):
        try:
            function(*arguments)
            self.passed += 1
        except (AssertionError, Refused, OSError, http.client.HTTPException):
            self.failed += 1
            print(f"FAILED  {name}\n{traceback.format_exc()}", flush=True)


def account_of(maker, members, email):
    """Signed up by one, so hashed by one; logged in, so checked, by each."""
    user = maker.sign_up(email, PASSWORD)
    for member in members:
        expect(f"user logged in at {member.name}", maker.verify(member.log_in(email, PASSWORD)["access"]), user)
        expect(f"wrong password at {member.name}", refusal(member.log_in, email, PASSWORD + "!"), "invalid_credentials")


def session_of(maker, ender, members, email):
    user = maker.sign_up(email, PASSWORD)
    pairs = [maker.log_in(email, PASSWORD)]
    for member in members:
        expect(f"verified by {member.name}", member.verify(pairs[0]["access"]), user)
        pairs.append(member.refresh(pairs[-1]["refresh"]))
        for other in members:
            expect(f"refreshed by {member.name}, verified by {other.name}", other.verify(pairs[-1]["access"]), user)
    ender.log_out(pairs[-1]["access"])
    for member in members:
        expect(f"refresh at {member.name}", refusal(member.refresh, pairs[-1]["refresh"]), "session_revoked")
        for number, pair in enumerate(pairs):
            expect_soon(f"access token {number} at {member.name}", lambda: refusal(member.verify, pair["access"]), member.revoked)


def token_of(maker, ender, members, email):
    """One access token revoked; the session it belongs to goes on."""
    user = maker.sign_up(email, PASSWORD)
    pair = maker.log_in(email, PASSWORD)
    ender.revoke(pair["access"])
    for member in members:
        expect_soon(f"revoked token at {member.name}", lambda: refusal(member.verify, pair["access"]), member.revoked)
    following = maker.refresh(pair["refresh"])["access"]
    for member in members:
        expect(f"the next token at {member.name}", member.verify(following), user)


def host_token_of(maker, ender, email):
    """A token of the host's own making, without a session: the server's endpoints take none, the bindings do."""
    token = maker.issue(user := maker.sign_up(email, PASSWORD))
    expect("verified by the other", ender.verify(token), user)
    ender.revoke(token)
    expect("revoked where it was", refusal(ender.verify, token), "token_revoked")
    expect_soon("revoked where it was made", lambda: refusal(maker.verify, token), "token_revoked")


def hash_of(maker, checker):
    encoded = maker.hash(PASSWORD)
    expect("needs a new hash", checker.check(PASSWORD, encoded), False)
    expect("wrong password", refusal(checker.check, PASSWORD + "!", encoded), "invalid_credentials")


def service_of(maker, service, email):
    maker.sign_up(email, PASSWORD)
    token = maker.log_in(email, PASSWORD)["access"]
    expect("no token", service.call("GET", "/notes")[0], 401)
    expect("nobody's token", service.call("GET", "/notes", token[:-4] + "AAAA")[1]["code"], "invalid_token")
    status, note = service.call("POST", "/notes", token, {"text": "größer"})
    expect("a note is made", (status, note["text"]), (201, "größer"))
    expect("and read", service.call("GET", "/notes", token), (200, {"items": [note]}))
    expect("and gone", service.call("DELETE", f"/notes/{note['id']}", token)[0], 204)
    expect("once", service.call("DELETE", f"/notes/{note['id']}", token)[0], 404)
    for bad in ({}, [], {"text": 7}, {"text": "x" * 5000}):
        expect("no text", service.call("POST", "/notes", token, bad)[0], 400)
    expect("no number", service.call("DELETE", "/notes/" + "9" * 5000, token)[0], 404)
    expect("health", service.call("GET", "/health")[0], 200)
    maker.log_out(token)
    expect_soon("after the logout", lambda: service.call("GET", "/notes", token)[1].get("code"), "token_revoked")


def position_of(maker, reader, email):
    """Signed up by one; the other, told how far that is in the log, finds it whatever its replicas have replayed."""
    seen = maker.sign_up_seen(email, PASSWORD)
    expect("a position", seen.startswith("v1."), True)
    expect("found by the other", email in reader.emails(seen), True)


def run(suite, members, services):
    _, python, go = members
    emails = (f"user{number}@example.org" for number in range(1, 1000))
    for maker in members:
        suite.case(f"account made by {maker.name}", account_of, maker, members, next(emails))
        for ender in members:
            suite.case(f"session made by {maker.name}, ended by {ender.name}", session_of, maker, ender, members, next(emails))
        for checker in (python, go):
            suite.case(f"hash made by {maker.name}, checked by {checker.name}", hash_of, maker, checker)
        for service in services:
            suite.case(f"session made by {maker.name}, used at the {service.name} service", service_of, maker, service, next(emails))
        for ender in (python, go):
            suite.case(f"token made by {maker.name}, revoked by {ender.name}", token_of, maker, ender, members, next(emails))
    for maker, ender in ((python, go), (go, python)):
        suite.case(f"host's token made by {maker.name}, revoked by {ender.name}", host_token_of, maker, ender, next(emails))
        if "AUTHKIT_DATABASE_REPLICA_URL" in os.environ:
            suite.case(f"position told by {maker.name}, read from by {ender.name}", position_of, maker, ender, next(emails))


@contextlib.contextmanager
def running(*command):
    """A program that says its URL on its first line; it must end well when told to."""
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline()
        if "http://" not in line:
            raise SystemExit(f"error: {command[0]} did not start: {line!r}")
        yield line[line.index("http://"):].split()[0]
        process.terminate()
        if process.wait(30) != 0:
            raise SystemExit(f"error: {command[0]} ended with {process.returncode}")
    finally:
        process.kill()
        process.wait()


def main():
    parser = argparse.ArgumentParser()
    for name in ("--build", "--go-member", "--go-service"):
        parser.add_argument(name, type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    suite = Suite()
    with tempfile.TemporaryDirectory() as folder:
        on_one_database(suite, arguments, {"DATABASE_URL": f"sqlite:{folder}/auth.db"})
    if postgresql := os.environ.get("AUTHKIT_TEST_POSTGRESQL"):
        # A tenant that nobody else in the database has, and a key that all three know.
        tenant = f"languages-{secrets.token_hex(6)}"
        on_one_database(suite, arguments, {"DATABASE_URL": postgresql, "AUTHKIT_TENANT": tenant, "AUTHKIT_DATABASE_DEADLINE": "10s",
                                           "AUTHKIT_DATABASE_REPLICA_URL": os.environ["AUTHKIT_TEST_REPLICAS"],
                                           "AUTHKIT_MASTER_KEY": base64.b64encode(secrets.token_bytes(32)).decode()})
    else:
        suite.failed += 1
        print("FAILED  PostgreSQL: AUTHKIT_TEST_POSTGRESQL is not set; tests/run.sh starts it, or tests/services/services.py by hand")
    print(f"{suite.passed} passed, {suite.failed} failed")
    return 1 if suite.failed else 0


def on_one_database(suite, arguments, settings):
    program = arguments.build / "bin/authkit"
    with contextlib.ExitStack() as stack:
        os.environ.update(SETTINGS, **settings)
        cpp = Cpp(program, stack.enter_context(running(program, "serve", "--listen", "127.0.0.1:0")))
        python, go = Python(), Go(arguments.go_member)
        stack.callback(python.close)
        stack.callback(go.close)
        python_service = stack.enter_context(running(sys.executable, ROOT / "examples/python_service/service.py", "--listen", "127.0.0.1:0"))
        go_service = stack.enter_context(running(arguments.go_service, "-listen", "127.0.0.1:0"))
        run(suite, (cpp, python, go), (Service("Python", python_service), Service("Go", go_service)))


if __name__ == "__main__":
    sys.exit(main())
