#!/usr/bin/python3
"""Refreshes, logouts and what a login costs besides its hash, SQLite and durable, on PostgreSQL and with sessions in Redis where AUTHKIT_TEST_POSTGRESQL
and AUTHKIT_TEST_REDIS name such servers; how soon the server answers; what it holds, idle and with live sessions in memory.

flows_bench.py [--build DIR] [--smoke]    The limit beside the writes: how often the disk can be flushed, which many commits share.
"""

import argparse
import os
import pathlib
import secrets
import subprocess
import tempfile
import time

from serving import ROOT, grants, load, processor_seconds, register, resident_mib, row, server, wait_for, free_port

CHEAP = {"password__memory_kib": "8", "password__passes": "1"}


def flushes(folder, seconds):
    """fdatasync() of 4 KiB appended to a file: how many a second."""
    done, end = 0, time.monotonic() + seconds
    with open(pathlib.Path(folder) / "probe", "wb", buffering=0) as file:
        while time.monotonic() < end:
            file.write(bytes(4096))
            os.fdatasync(file.fileno())
            done += 1
    return done / seconds


def first_answer(bin_folder, database, **options):
    """Milliseconds from the start of the process to its first accepted connection."""
    port = free_port()
    words = [word for name, value in options.items() for word in ("--set", f"{name.replace('__', '.')}={value}")]
    command = [bin_folder / "authkit", "serve", "--listen", f"127.0.0.1:{port}", "--database", database, "--set", "log.level=warning", *words]
    begun = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(port)
        return (time.monotonic() - begun) * 1000
    finally:
        process.terminate()
        process.wait(30)


def measure(bin_folder, folder, rounds, seconds):
    start = [first_answer(bin_folder, f"sqlite:{folder}/new{n}.db") for n in range(rounds)]
    again = [first_answer(bin_folder, f"sqlite:{folder}/new0.db") for _ in range(rounds)]
    row("start to first accept, new database", start, "ms")
    row("start to first accept, existing database", again, "ms")
    row("fdatasync of 4 KiB", [flushes(folder, 1)], "a second")

    hs256 = {"token__algorithm": "HS256", "token__secret": "benchmark-" * 5}
    flows(bin_folder, "ES256", f"sqlite:{folder}/ES256.db", rounds, seconds)
    flows(bin_folder, "HS256", f"sqlite:{folder}/HS256.db", rounds, seconds, **hs256)
    shared = {"master_key": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "tenant": secrets.token_hex(8), **hs256}
    if rounds == 1:
        return  # with other work beside them these answer 503, as they should
    postgresql, redis = os.environ.get("AUTHKIT_TEST_POSTGRESQL"), os.environ.get("AUTHKIT_TEST_REDIS")
    if postgresql and redis:
        both = {"redis__url": redis, "session__store": "redis", **shared}
        with server(bin_folder, postgresql, **both) as (_, process):
            row("resident memory, idle, PostgreSQL and Redis", [resident_mib(process)], "MiB")
        row("start to first accept, PostgreSQL and Redis", [first_answer(bin_folder, postgresql, **both) for _ in range(rounds)], "ms")
    if postgresql:
        flows(bin_folder, "HS256, PostgreSQL", postgresql, rounds, seconds, database__deadline="10s", **shared)
    if redis:
        flows(bin_folder, "HS256, sessions in Redis", f"sqlite:{folder}/redis.db", rounds, seconds, redis__url=redis, session__store="redis", **shared)


def flows(bin_folder, name, database, rounds, seconds, **options):
    with server(bin_folder, database, **CHEAP, **options) as (port, process):
        users = register(port, 16)
        row(f"resident memory, idle, {name}", [resident_mib(process)], "MiB")
        refreshed, cost, worst = [], [], []
        for _ in range(rounds):
            tokens = [grant["refresh_token"] for grant in grants(port, users, 4096)]
            before = processor_seconds(process)
            rate, p99 = load(port, "refresh", tokens, 32, seconds)
            refreshed.append(rate)
            worst.append(p99)
            cost.append((processor_seconds(process) - before) * 1e6 / (rate * seconds))
        row(f"refresh, {name}, 32 clients", refreshed, "a second")
        row(f"refresh, {name}, p99", worst, "ms")
        row(f"refresh, {name}, processor time of the server", cost, "us")

        ended = []
        for _ in range(rounds):
            tokens = [grant["access_token"] for grant in grants(port, users, 2000)]
            ended.append(load(port, "logout", tokens, 16, 3)[0])
        row(f"logout, {name}, 16 clients", ended, "a second")

        before = processor_seconds(process)
        logins, _ = load(port, "login", users, 16, seconds)
        row(f"login with a hash of 8 KiB, {name}", [logins], "a second")
        row(f"login, {name}, processor time besides a real hash", [(processor_seconds(process) - before) * 1e6 / (logins * seconds)], "us")


def live_sessions(bin_folder, wanted):
    """What a live session takes in memory, with the event of its login."""
    with server(bin_folder, "memory:", **CHEAP) as (port, process):
        users = register(port, 16)
        load(port, "login", users, 16, 1)  # so that what is taken once is taken
        before, made, seconds = resident_mib(process), 0.0, 1 if wanted < 10_000 else 10
        while made < wanted:
            made += load(port, "login", users, 16, seconds)[0] * seconds
        grown = resident_mib(process) - before
        row(f"memory of 100,000 live sessions, of {made:,.0f}", [grown * 100_000 / made], "MiB")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default=ROOT / "build")
    parser.add_argument("--smoke", action="store_true")
    arguments = parser.parse_args()
    bin_folder = pathlib.Path(arguments.build).resolve() / "bin"
    with tempfile.TemporaryDirectory() as folder:
        measure(bin_folder, folder, *((1, 1) if arguments.smoke else (5, 3)))
    live_sessions(bin_folder, 1000 if arguments.smoke else 100_000)


main()
