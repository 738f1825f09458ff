#!/usr/bin/python3
"""The outage table: what each operation answers while Redis, the primary or the replicas are away, that each answer comes soon, and that nothing was
consumed by what failed."""

import base64
import http.client
import json
import random
import signal
import sys
import time

from client import PASSWORD, Lost, exchange
from outage import RECOVERY, Server, own_services, services
import kill9

HANG = 3.0  # seconds; ten times what a call may take
OPERATIONS = ("token", "cookie", "login", "register", "refresh", "logout")
# What is away, how, and the status of each operation in the order above. What an outage spares answers as ever.
FINE = (200, 200, 200, 201, 200, 204)
TABLE = [
    ("nothing", (), "", FINE),
    ("Redis", ("redis",), "KILL", FINE),
    ("hanging Redis", ("redis",), "STOP", FINE),
    ("both replicas", ("replica1", "replica2"), "KILL", FINE),
    ("both hanging replicas", ("replica1", "replica2"), "STOP", FINE),
    ("the primary", ("primary",), "KILL", (200, 503, 503, 503, 503, 503)),
    ("the hanging primary", ("primary",), "STOP", (200, 503, 503, 503, 503, 503)),
]


class Tables(Server):
    """The server on PostgreSQL with replicas and Redis; tokens go on being accepted for a minute while the feed cannot be read."""

    redis = ""

    def settings(self):
        return {**super().settings(), "redis.url": self.redis, "revocation.on_stale": "accept 1m"}


def ask(port, method, path, body=None, token=None, cookie=None):
    """Status, document and seconds."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    begun = time.monotonic()
    try:
        if cookie is None:
            status, document = exchange(connection, method, path, body, token)
            return status, document, time.monotonic() - begun
        connection.request(method, path, headers={"Cookie": f"__Host-ak_session={cookie}"})
        response = connection.getresponse()
        response.read()
        return response.status, {}, time.monotonic() - begun
    finally:
        connection.close()


class Person:
    """Somebody with an access token, a refresh token, a session to log out of, and a cookie."""

    def __init__(self, port, name):
        self.port, self.email = port, f"{name}@example.org"
        assert ask(port, "POST", "/v1/auth/register", {"email": self.email, "password": PASSWORD})[0] == 201
        grant, other = (ask(port, "POST", "/v1/auth/login", self.credentials())[1] for _ in range(2))
        self.access, self.refresh, self.leaving = grant["access_token"], grant["refresh_token"], other["access_token"]
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("POST", "/v1/auth/login", json.dumps({**self.credentials(), "transport": "cookie"}), {"Content-Type": "application/json"})
        response = connection.getresponse()
        response.read()
        self.cookie = next(value for name, value in response.getheaders() if value.startswith("__Host-ak_session=")).split("=", 1)[1].split(";")[0]
        connection.close()

    def credentials(self):
        return {"email": self.email, "password": PASSWORD}

    def do(self, operation):
        if operation == "token":
            return ask(self.port, "GET", "/v1/auth/me", token=self.access)
        if operation == "cookie":
            return ask(self.port, "GET", "/v1/auth/me", cookie=self.cookie)
        if operation == "login":
            return ask(self.port, "POST", "/v1/auth/login", self.credentials())
        if operation == "register":
            return ask(self.port, "POST", "/v1/auth/register", {"email": "new." + self.email, "password": PASSWORD})
        if operation == "refresh":
            return ask(self.port, "POST", "/v1/auth/refresh", {"refresh_token": self.refresh})
        return ask(self.port, "POST", "/v1/auth/logout", token=self.leaving)


def until_fine(person, operation, wanted):
    """Seconds until the operation answers as ever."""
    begun = time.monotonic()
    while time.monotonic() - begun < RECOVERY:
        try:
            if person.do(operation)[0] == wanted:
                return time.monotonic() - begun
        except Lost:
            pass
        time.sleep(0.02)
    return RECOVERY


def one_row(port, folder, row, number, score):
    away, names, how, statuses = row
    person = Person(port, f"person{number}")
    assert person.do("token")[0] == 200  # its record is warm
    for name in names:
        services(folder, "kill", name, how)
    answers = {operation: person.do(operation) for operation in OPERATIONS}
    refused_here = ask(port, "GET", "/v1/auth/me", token=person.leaving)[0]
    for name in names:
        services(folder, *(("kill", name, "CONT") if how == "STOP" else ("start", name)))
    slowest = max(seconds for *_, seconds in answers.values())
    print(f"{away} away: " + ", ".join(f"{operation} {answers[operation][0]}" for operation in OPERATIONS) + f"; the slowest {slowest * 1000:.0f} ms", flush=True)
    score.count(f"{away} away: the answers of the table",
                [f"{operation}: {answers[operation][0]}, not {wanted}" for operation, wanted in zip(OPERATIONS, statuses) if answers[operation][0] != wanted])
    score.count(f"{away} away: no answer hangs", [f"{slowest:.1f} s"] if slowest > HANG else [])
    score.count(f"{away} away: who logged out is refused here at once", [] if refused_here == 401 else [f"{refused_here}"])
    if statuses == FINE:
        return
    recovery = until_fine(person, "login", 200)
    print(f"{away} back after {recovery * 1000:.0f} ms")
    findings = [f"not within {RECOVERY:.0f} s"] if recovery >= RECOVERY else []
    # What was refused for want of a store was not carried out: the same refresh token, the same name, the same session.
    findings += [f"{operation} answers {person.do(operation)[0]}" for operation, wanted in zip(OPERATIONS, FINE)
                 if until_fine(person, operation, wanted) >= RECOVERY]
    score.count(f"{away} back: nothing was consumed", findings)


def main():
    arguments = kill9.arguments_of(__doc__)
    score = kill9.Score()
    with own_services() as (folder, environment):
        server = Tables(arguments.server, folder, base64.b64encode(random.randbytes(32)).decode())
        server.database, server.replicas = environment["AUTHKIT_TEST_POSTGRESQL"], environment["AUTHKIT_TEST_REPLICAS"]
        server.redis = environment["AUTHKIT_TEST_REDIS"]
        try:
            server.start()
            for number, row in enumerate(TABLE * arguments.rounds):
                one_row(server.port, folder / "services", row, number, score)
        finally:
            server.stop(signal.SIGKILL)
    return score.verdict()


if __name__ == "__main__":
    sys.exit(main())
