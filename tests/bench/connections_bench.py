#!/usr/bin/python3
"""Many connections at once: what an idle one holds, and what `me` and logins do beside them.

connections_bench.py [--build DIR] [--smoke] [--count N]    Of N (10,000) connections one in ten sends a request a byte at a time, the others are idle.
"""

import argparse
import pathlib
import resource
import socket
import tempfile
import threading
import time

from serving import ROOT, grants, register, resident_mib, row, server, storm, wrk

REQUEST = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"


def idle(port):
    connection = socket.create_connection(("127.0.0.1", port))
    connection.sendall(REQUEST)
    connection.recv(4096)
    return connection


class Slow(threading.Thread):
    """Sends one byte a second on each of its connections, and begins again where the server has lost patience."""

    def __init__(self, port, count):
        super().__init__()
        self.port, self.count, self.stopped, self.renewed = port, count, False, 0

    def run(self):
        connections = [[socket.create_connection(("127.0.0.1", self.port)), 0] for _ in range(self.count)]
        while not self.stopped:
            for one in connections:
                try:
                    one[0].send(REQUEST[one[1] % len(REQUEST)].to_bytes(1, "big"))
                    one[1] += 1
                except OSError:
                    one[0].close()
                    one[:] = socket.create_connection(("127.0.0.1", self.port)), 0
                    self.renewed += 1
            time.sleep(1)
        for one, _ in connections:
            one.close()


def measure(port, process, count, seconds):
    users = register(port, 16)
    token = grants(port, users, 1)[0]["access_token"]
    alone, p99, _ = wrk(port, "/v1/auth/me", 10, seconds, token)
    row("me alone, 10 connections", [alone], "requests/s")
    row("me alone, p99", [p99], "ms")
    before = resident_mib(process)
    held = [idle(port) for _ in range(count * 9 // 10)]
    row(f"an idle connection of {len(held)}", [(resident_mib(process) - before) * 1024 / len(held)], "KiB")
    slow = Slow(port, count - len(held))
    slow.start()
    time.sleep(2)
    rate, p99, _ = wrk(port, "/v1/auth/me", 10, seconds, token)
    row(f"me beside {count} connections", [rate], "requests/s")
    row(f"me beside {count} connections, p99", [p99], "ms")
    row(f"me beside them / alone", [rate / alone], "x")
    row(f"logins beside {count} connections", [storm(port, users, seconds, 16)], "logins/s")
    row("resident memory", [resident_mib(process)], "MiB")
    slow.stopped = True
    slow.join()
    answered = 0
    for connection in held:
        connection.sendall(REQUEST)
    for connection in held:
        answered += connection.recv(12).endswith(b"200")
    row("idle connections that still answer", [answered / len(held)], "x")
    for connection in held:
        connection.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default=ROOT / "build")
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--count", type=int)
    arguments = parser.parse_args()
    bin_folder = pathlib.Path(arguments.build).resolve() / "bin"
    count = arguments.count or (1_000 if arguments.smoke else 10_000)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, count + 4096) if hard > 0 else count + 4096, hard))
    with tempfile.TemporaryDirectory() as folder, server(bin_folder, f"sqlite:{folder}/auth.db", http__idle_deadline="10m") as (port, process):
        measure(port, process, count, 1 if arguments.smoke else 5)


main()
