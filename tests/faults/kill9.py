#!/usr/bin/python3
"""Kills the server with SIGKILL while clients register, log in, refresh and log out, starts it again, and checks everything it had confirmed."""

import argparse
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

from client import Clients, Lost, call, free_port
import verify

SETTINGS = {
    "limit.sign_up_address": "1000000/1h",
    "limit.login_address": "1000000/1h",
    "session.grace_window": "60s",  # longer than a restart: the loser of a crash may ask again
    "password.memory_kib": "1024",  # cheap hashes: the load is on the store
    "password.passes": "1",
}


class Server:
    """The server under test; always stopped by its own process id."""

    def __init__(self, program, folder):
        self.program, self.folder, self.port, self.process = program, folder, free_port(), None
        self.database = folder / "auth.db"

    def settings(self):
        return {**SETTINGS, "database.url": f"sqlite:{self.database}"}

    def start(self):
        options = {**self.settings(), "http.listen": f"127.0.0.1:{self.port}"}
        words = [word for name, value in options.items() for word in ("--set", f"{name}={value}")]
        with open(self.folder / "server.log", "ab") as log:
            self.process = subprocess.Popen([self.program, "serve", *words], stdout=log, stderr=log)
        begun = time.monotonic()
        while time.monotonic() - begun < 10:
            if self.process.poll() is not None:
                break
            try:
                if call(self.port, "GET", "/ready")[0] == 200:
                    return time.monotonic() - begun
            except Lost:
                time.sleep(0.02)
        raise SystemExit(f"error: the server did not start:\n{(self.folder / 'server.log').read_text()[-2000:]}\n0 passed, 1 failed")

    def stop(self, how):
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
        if self.process:
            self.process.wait(20)


class Score:
    def __init__(self):
        self.passed = self.failed = 0

    def count(self, what, findings):
        self.passed, self.failed = (self.passed, self.failed + 1) if findings else (self.passed + 1, self.failed)
        print(f"  {'FAILED' if findings else 'ok':7} {what}", flush=True)
        for finding in findings[:5]:
            print(f"          {finding}")

    def verdict(self):
        """The summary, and the exit code."""
        print(f"{self.passed} passed, {self.failed} failed")
        return 1 if self.failed else 0


def arguments_of(description, rounds=1):
    """What every program here is started with."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--server", required=True)
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}")
    return arguments


def load(server, clients, seconds):
    """Runs the clients until the server is killed under them."""
    threads = [threading.Thread(target=clients.run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    server.stop(signal.SIGKILL)
    for thread in threads:
        thread.join()


def main():
    arguments = arguments_of(__doc__, rounds=3)
    dice, score = random.Random(arguments.seed), Score()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="authkit-faults-"))
    server = Server(arguments.server, folder)
    try:
        server.start()
        clients = Clients(server.port)
        for number in range(1, arguments.rounds + 1):
            clients.begin_round(number)
            load(server, clients, dice.uniform(0.5, 2.0))
            print(f"round {number}: {clients.summary()}", flush=True)
            score.count("the load did every kind of thing", clients.missing())
            score.count("the database file is intact and complete in itself", verify.database(server.database, clients.everybody))
            recovery = server.start()
            score.count("the server is back within 5 s", [f"{recovery:.1f} s"] if recovery > 5 else [])
            for what, findings in verify.confirmed(server.port, clients).items():
                score.count(what, findings)
        planted(server, clients, score)
    finally:
        server.stop(signal.SIGTERM)
        shutil.rmtree(folder)
    return score.verdict()


def planted(server, clients, score):
    """Takes confirmed things away by hand: the checks must see it, or they see nothing."""
    server.stop(signal.SIGTERM)
    verify.sabotage(server.database, clients)
    print("planted losses:")
    score.count("in the database file: found", [] if verify.database(server.database, clients.everybody) else ["not found"])
    server.start()
    for what, findings in verify.confirmed(server.port, clients).items():
        score.count(f"{what}: found", [] if findings else ["not found"])


if __name__ == "__main__":
    sys.exit(main())
