#!/usr/bin/python3
"""Kills and freezes PostgreSQL, PgBouncer and the server under a load, brings them back, and checks everything that was confirmed: nothing is lost,
no refresh token has two successors, no call hangs, and the server recovers by itself."""

import base64
import contextlib
import http.client
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

from client import Clients, Lost, call, exchange
import kill9
import verify

SERVICES = pathlib.Path(__file__).resolve().parents[1] / "services" / "services.py"
# What is struck, how, and through what the server reaches the database.
KINDS = [
    ("primary", "KILL", "primary"),
    ("primary", "STOP", "primary"),
    ("pgbouncer", "KILL", "pgbouncer"),
    ("pgbouncer", "STOP", "pgbouncer"),
    ("primary", "KILL", "pgbouncer"),
    ("replica1", "KILL", "replicas"),
    ("replica1", "STOP", "replicas"),
    ("primary", "KILL", "replicas"),
    ("server", "KILL", "primary"),
    ("server", "STOP", "primary"),
]
HANG = 3.0  # seconds; ten times what a failing call may take
RECOVERY = 20.0  # ten times what a recovery may take


class PatientClients(Clients):
    """Clients that meet a 503 as they meet a broken connection: what they asked for may have happened or not, and they go on."""

    def begin_round(self, number):
        super().begin_round(number)
        self.stopping, self.slowest_failure = False, 0.0

    def run(self, client):
        for turn in range(1_000_000):
            if self.stopping:
                return
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
            try:
                self.turn(connection, f"r{self.round}c{client}t{turn}@example.org", turn)
            except Lost:
                self.count("broken off")
                time.sleep(0.02)
            except AssertionError as error:
                self.wrong.append(str(error))
                return
            finally:
                connection.close()

    def expect(self, wanted, connection, path, body, token=None):
        begun = time.monotonic()
        try:
            status, answer = exchange(connection, "POST", path, body, token)
        except Lost:
            self.note_failure(begun)
            raise
        if status == 503:
            self.note_failure(begun)
            raise Lost("503")
        assert status == wanted, f"{path} answered {status} {answer.get('code')}"
        return answer

    def note_failure(self, begun):
        with self.lock:
            self.slowest_failure = max(self.slowest_failure, time.monotonic() - begun)


class Server(kill9.Server):
    def __init__(self, program, folder, master_key):
        super().__init__(program, folder)
        self.master_key, self.replicas, self.deadline = master_key, "", "300ms"

    def settings(self):
        replicas = {"database.replica_url": self.replicas} if self.replicas else {}
        return {**kill9.SETTINGS, **replicas, "database.url": self.database, "database.deadline": self.deadline, "master_key": self.master_key}


def services(folder, *words):
    done = subprocess.run([SERVICES, words[0], folder, *words[1:]], stdout=subprocess.PIPE, text=True, check=True)
    return dict(line.removeprefix("export ").replace("'", "").split("=", 1) for line in done.stdout.splitlines() if line.startswith("export "))


@contextlib.contextmanager
def own_services():
    """The servers of tests/services for this program alone, in a folder in memory: the folder and what services.py says of them."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was started is stopped
    memory = pathlib.Path("/dev/shm")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="authkit-faults-", dir=memory if os.access(memory, os.W_OK) else None))
    folder.chmod(0o755)  # PostgreSQL runs as another user
    try:
        yield folder, services(folder / "services", "up")
    finally:
        services(folder / "services", "down")
        shutil.rmtree(folder, ignore_errors=True)


def strike(server, folder, target, how, seconds):
    """Takes the target away for some seconds; when it came back."""
    if target == "server":
        server.process.send_signal(signal.SIGKILL if how == "KILL" else signal.SIGSTOP)
        time.sleep(seconds)
        if how == "STOP":
            server.process.send_signal(signal.SIGCONT)
        else:
            server.process.wait(20)
            server.start()
        return time.monotonic()
    services(folder, "kill", target, how)
    time.sleep(seconds)
    if how == "STOP":
        services(folder, "kill", target, "CONT")
    else:
        services(folder, "start", target)
    return time.monotonic()


def recovery_time(port, back):
    """From the return of what was taken away to the first sign-up that works."""
    number = 0
    while time.monotonic() - back < RECOVERY:
        number += 1
        try:
            email = f"recovery{os.getpid()}-{int(back * 1000)}-{number}@example.org"
            if call(port, "POST", "/v1/auth/register", {"email": email, "password": "correct horse battery staple"})[0] == 201:
                return time.monotonic() - back
        except Lost:
            pass
        time.sleep(0.02)
    return RECOVERY


def one_round(server, folder, clients, kind, dice, score):
    target, how, _ = kind
    threads = [threading.Thread(target=clients.run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    time.sleep(dice.uniform(0.5, 1.0))
    back = strike(server, folder, target, how, dice.uniform(0.5, 1.5))
    recovery = recovery_time(server.port, back)
    clients.stopping = True
    for thread in threads:
        thread.join()
    print(f"{how} {target} behind {kind[2]}: {clients.summary()}, slowest failing call {clients.slowest_failure * 1000:.0f} ms, "
          f"back after {recovery * 1000:.0f} ms", flush=True)
    # A frozen server answers nobody: its clients wait for it, not for the database, and need not lose a request. Nor need they when a replica is gone.
    missing = [what for what in clients.missing() if what != "no broken off" or (target != "server" and not target.startswith("replica"))]
    score.count("the load did every kind of thing", missing)
    hung = clients.slowest_failure > HANG and target != "server"
    score.count("no failing call hangs", [f"{clients.slowest_failure:.1f} s"] if hung else [])
    score.count("it recovers by itself", [f"not within {RECOVERY:.0f} s"] if recovery >= RECOVERY else [])
    for what, findings in verify.confirmed(server.port, clients).items():
        score.count(what, findings)


def main():
    arguments = kill9.arguments_of(__doc__)
    dice, score = random.Random(arguments.seed), kill9.Score()
    with own_services() as (folder, environment):
        server = Server(arguments.server, folder, base64.b64encode(dice.randbytes(32)).decode())
        try:
            for kind in KINDS * arguments.rounds:
                server.database = environment["AUTHKIT_TEST_PGBOUNCER" if kind[2] == "pgbouncer" else "AUTHKIT_TEST_POSTGRESQL"]
                server.replicas = environment["AUTHKIT_TEST_REPLICAS"] if kind[2] == "replicas" else ""
                server.start()
                clients = PatientClients(server.port)
                clients.begin_round(dice.randrange(1_000_000))
                one_round(server, folder / "services", clients, kind, dice, score)
                server.stop(signal.SIGTERM)
        finally:
            server.stop(signal.SIGKILL)
    return score.verdict()


if __name__ == "__main__":
    sys.exit(main())
