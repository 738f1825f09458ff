#!/usr/bin/python3
"""Two servers on one database with replicas, behind clients that take turns between them: every flow goes on whichever server has the next step, and what
is ended on one is refused on the other within the bound."""

import base64
import contextlib
import http.client
import random
import signal
import sys
import threading
import time

from client import Clients, call
from outage import Server, own_services
import kill9
import verify

BOUND = 5.0  # seconds: revocation.staleness_bound


class TakingTurns:
    """A connection to each server; every request goes by the next."""

    def __init__(self, ports):
        self.connections = [http.client.HTTPConnection("127.0.0.1", port, timeout=20) for port in ports]

    def request(self, *words):
        self.connections.append(self.connections.pop(0))
        self.connections[0].request(*words)

    def getresponse(self):
        return self.connections[0].getresponse()

    def close(self):
        for connection in self.connections:
            connection.close()


class ClientsOfBoth(Clients):
    def __init__(self, ports):
        super().__init__(ports[0])
        self.ports, self.stopping = ports, False

    def run(self, client):
        connection = TakingTurns(self.ports)
        try:
            for turn in range(1_000_000):
                if self.stopping:
                    return
                self.turn(connection, f"c{client}t{turn}@example.org", turn)
        except AssertionError as error:
            self.wrong.append(str(error))
        finally:
            connection.close()


def time_until_refused(port, token):
    begun = time.monotonic()
    while time.monotonic() - begun < 10 * BOUND:
        if call(port, "GET", "/v1/auth/me", token=token)[0] == 401:
            return time.monotonic() - begun
        time.sleep(0.01)
    return 10 * BOUND


def logouts(clients, ports):
    """Logs out on one server and asks the other; the longest time until it refuses."""
    longest = 0.0
    for number, session in enumerate([one for one in clients.sessions if not one.ended and not one.closing][:10]):
        here, there = ports if number % 2 == 0 else reversed(ports)
        assert call(there, "GET", "/v1/auth/me", token=session.access)[0] == 200
        assert call(here, "POST", "/v1/auth/logout", token=session.access)[0] == 204
        assert call(here, "GET", "/v1/auth/me", token=session.access)[0] == 401
        longest = max(longest, time_until_refused(there, session.access))
        session.ended = True
    return longest


def main():
    arguments = kill9.arguments_of(__doc__)
    score = kill9.Score()
    with own_services() as (folder, environment), contextlib.ExitStack() as running:
        master_key = base64.b64encode(random.randbytes(32)).decode()
        servers = [Server(arguments.server, folder, master_key) for _ in range(2)]
        for server in servers:
            server.database, server.replicas = environment["AUTHKIT_TEST_POSTGRESQL"], environment["AUTHKIT_TEST_REPLICAS"]
            server.deadline = "10s"  # what is asked here is whether, not how soon
            running.callback(server.stop, signal.SIGKILL)
            server.start()
        ports = [server.port for server in servers]
        clients = ClientsOfBoth(ports)
        threads = [threading.Thread(target=clients.run, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        time.sleep(arguments.rounds)
        clients.stopping = True
        for thread in threads:
            thread.join()
        print(f"two servers in turn: {clients.summary()}", flush=True)
        score.count("every flow works across both", [what for what in clients.missing() if what != "no broken off"])
        longest = logouts(clients, ports)
        print(f"a logout reached the other server within {longest * 1000:.0f} ms")
        score.count("what ended on one is refused on the other within the bound", [f"after {longest:.1f} s"] if longest > BOUND else [])
        for port in ports:
            for what, findings in verify.confirmed(port, clients).items():
                score.count(what, findings)
    return score.verdict()


if __name__ == "__main__":
    sys.exit(main())
