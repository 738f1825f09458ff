"""The load: clients that write down what the server confirmed, and what it left open."""

import dataclasses
import http.client
import json
import socket
import threading

PASSWORD = "correct horse battery staple"


class Lost(Exception):
    """The connection broke: the request may or may not have been carried out."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def exchange(connection, method, path, body=None, token=None):
    headers = {"Content-Type": "application/json"} if body is not None else {}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    try:
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        response = connection.getresponse()
        text = response.read()
        return response.status, json.loads(text) if text else {}
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Lost(str(error)) from error


def call(port, method, path, body=None, token=None):
    """One request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        return exchange(connection, method, path, body, token)
    finally:
        connection.close()


@dataclasses.dataclass
class Session:
    """A session as its client knows it. `open`: a refresh whose answer never came; `closing`: a logout whose answer never came."""

    email: str
    access: str
    refresh: str
    previous: str = ""
    open: bool = False
    closing: bool = False
    ended: bool = False


class Clients:
    """Everything the clients of a round were told. One lock; each session belongs to one client at a time."""

    def __init__(self, port):
        self.port, self.lock = port, threading.Lock()
        self.everybody = set()
        self.begin_round(0)

    def begin_round(self, number):
        self.round, self.registered, self.sessions, self.wrong = number, {}, [], []
        self.counts = dict.fromkeys(("registrations", "logins", "refreshes", "logouts", "broken off"), 0)

    def count(self, what):
        with self.lock:
            self.counts[what] += 1

    def summary(self):
        return ", ".join(f"{number} {what}" for what, number in self.counts.items())

    def missing(self):
        return [f"no {what}" for what, number in self.counts.items() if number == 0] + self.wrong

    def run(self, client):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            for turn in range(1_000_000):
                self.turn(connection, f"r{self.round}c{client}t{turn}@example.org", turn)
        except Lost:
            self.count("broken off")
        except AssertionError as error:
            self.wrong.append(str(error))
        finally:
            connection.close()

    def turn(self, connection, email, turn):
        answer = self.expect(201, connection, "/v1/auth/register", {"email": email, "password": PASSWORD})
        with self.lock:
            self.registered[email] = answer["user"]["id"]
            self.everybody.add(email)
        self.count("registrations")

        grant = self.expect(200, connection, "/v1/auth/login", {"email": email, "password": PASSWORD})
        session = Session(email, grant["access_token"], grant["refresh_token"])
        with self.lock:
            self.sessions.append(session)
        self.count("logins")

        for _ in range(3):
            session.open = True
            grant = self.expect(200, connection, "/v1/auth/refresh", {"refresh_token": session.refresh})
            session.previous, session.refresh, session.access, session.open = session.refresh, grant["refresh_token"], grant["access_token"], False
            self.count("refreshes")

        if turn % 3 == 2:
            session.closing = True
            self.expect(204, connection, "/v1/auth/logout", None, session.access)
            session.closing, session.ended = False, True
            self.count("logouts")

    def expect(self, wanted, connection, path, body, token=None):
        status, answer = exchange(connection, "POST", path, body, token)
        assert status == wanted, f"{path} answered {status} {answer.get('code')}"
        return answer
