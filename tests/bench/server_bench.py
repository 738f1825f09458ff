#!/usr/bin/python3
"""GET /v1/auth/me and logins of the example server, each beside its limit measured in the same run.

server_bench.py [--build DIR] [--smoke]    --smoke: one short round, for "it runs and the ratios can be printed"
"""

import argparse
import pathlib
import re
import statistics
import subprocess
import tempfile
import threading

from serving import ROOT, free_port, grants, register, resident_mib, row, running, server, storm, wait_for, wrk


def ceiling(bin_folder, seconds, *kernel):
    command = [bin_folder / "password_bench", "--ceiling", str(seconds), "2", *kernel]
    return float(re.search(r"([\d.]+)", subprocess.run(command, check=True, capture_output=True, text=True).stdout)[1])


def measure(port, limit_port, token, users, bin_folder, process, rounds, seconds):
    for connections in (10, 64):
        me, limit, p99, p95 = [], [], [], []
        for _ in range(rounds):
            rate, worst, most = wrk(port, "/v1/auth/me", connections, seconds, token)
            me.append(rate)
            p99.append(worst)
            p95.append(most)
            limit.append(wrk(limit_port, "/", connections, seconds)[0])
        row(f"beast_limit, {connections} connections", limit, "requests/s")
        row(f"GET /v1/auth/me, {connections} connections", me, "requests/s")
        row(f"GET /v1/auth/me p99, {connections} connections", p99, "ms")
        row(f"GET /v1/auth/me p95, {connections} connections", p95, "ms")
        row(f"me / beast_limit, {connections} connections", [a / b for a, b in zip(me, limit)], "x")
    row("resident memory before the storm", [resident_mib(process)], "MiB")
    logins, own, pwhash = [], [], []
    for _ in range(rounds):
        logins.append(storm(port, users, seconds, 16))
        own.append(ceiling(bin_folder, seconds, "own"))
        pwhash.append(ceiling(bin_folder, seconds))
    row("crypto_pwhash alone, 2 threads", pwhash, "hashes/s")
    row("our Argon2id alone, 2 threads", own, "hashes/s")
    row("logins, 16 clients", logins, "logins/s")
    row("logins / our Argon2id alone", [a / b for a, b in zip(logins, own)], "x")
    row("logins / crypto_pwhash alone", [a / b for a, b in zip(logins, pwhash)], "x")
    background = threading.Thread(target=storm, args=(port, users, seconds + 1, 16))
    background.start()
    rate, worst, most = wrk(port, "/v1/auth/me", 4, seconds, token)
    background.join()
    row("me during the login storm", [rate], "requests/s")
    row("me p99 during the login storm", [worst], "ms")
    row("me p95 during the login storm", [most], "ms")
    row("resident memory after the storm", [resident_mib(process)], "MiB")


def beside(bin_folder, database, name, limit, rounds, seconds, **options):
    """`me` of a server with other options, beside a limit of its own."""
    limit_port = free_port()
    with server(bin_folder, database, **options) as (port, _), running(bin_folder / "beast_limit", str(limit_port), *limit):
        wait_for(limit_port)
        token = grants(port, register(port, 1), 1)[0]["access_token"]
        me, least = [], []
        for _ in range(rounds):
            me.append(wrk(port, "/v1/auth/me", 10, seconds, token)[0])
            least.append(wrk(limit_port, "/", 10, seconds)[0])
        row(f"me, {name}", me, "requests/s")
        row(f"me, {name} / beast_limit {' '.join(limit)}", [a / b for a, b in zip(me, least)], "x")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default=ROOT / "build")
    parser.add_argument("--smoke", action="store_true")
    arguments = parser.parse_args()
    bin_folder = pathlib.Path(arguments.build).resolve() / "bin"
    rounds, seconds = (1, 1) if arguments.smoke else (7, 3)
    limit_port = free_port()
    with tempfile.TemporaryDirectory() as folder, running(bin_folder / "beast_limit", str(limit_port)):
        wait_for(limit_port)
        with server(bin_folder, f"sqlite:{folder}/auth.db") as (port, process):
            users = register(port, 16)
            token = grants(port, users, 1)[0]["access_token"]
            measure(port, limit_port, token, users, bin_folder, process, rounds, seconds)
        hs256 = {"token__algorithm": "HS256", "token__secret": "benchmark-" * 5}
        beside(bin_folder, f"sqlite:{folder}/hs256.db", "HS256", (), rounds, seconds, **hs256)
        beside(bin_folder, f"sqlite:{folder}/first.db", "HS256, every token as if new", (), rounds, seconds, token__verified_cache="0", **hs256)
        beside(bin_folder, f"sqlite:{folder}/new.db", "ES256, every token as if new", ("es256",), rounds, seconds, token__verified_cache="0")
        with server(bin_folder, f"sqlite:{folder}/two.db", http__threads="2") as (port, _):
            token = grants(port, register(port, 1), 1)[0]["access_token"]
            row("GET /v1/auth/me, 64 connections, two I/O threads", [wrk(port, "/v1/auth/me", 64, seconds, token)[0] for _ in range(rounds)], "requests/s")


main()
