#!/usr/bin/python3
"""GET /v1/auth/me and logins of the example server, each beside its limit measured in the same run.

server_bench.py [--build DIR] [--smoke]    --smoke: one short round, for "it runs and the ratios can be printed"
"""

import argparse
import http.client
import json
import pathlib
import re
import socket
import statistics
import subprocess
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
PASSWORD = "correct horse battery staple"
OPTIONS = {
    "limit.sign_up_address": "1000000/1h",
    "limit.login_address": "1000000/15m",
    "limit.login_pair": "100000/15m",
    "limit.login_identifier": "100000/15m",
    "http.access_log": "off",
    "log.level": "warning",
}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port):
    for _ in range(1000):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.01)
    raise SystemExit(f"error: nothing listens on port {port}")


def post(connection, path, body):
    connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
    response = connection.getresponse()
    return response.status, json.loads(response.read() or b"{}")


def wrk(port, path, connections, seconds, token=None):
    """Requests a second and the 99th percentile in ms. Any answer but 200 ends the run: a refused request is fast and says nothing."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", f"http://127.0.0.1:{port}{path}"]
    if token:
        command += ["-H", f"Authorization: Bearer {token}"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in text:
        raise SystemExit(f"error: {path} was refused:\n{text}")
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", text).groups()
    return float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1]), float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def storm(port, users, seconds, connections):
    """Logins a second from that many clients at once, each as its own user."""
    done, end = [0] * connections, time.monotonic() + seconds

    def client(index):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while time.monotonic() < end:
            status, _ = post(connection, "/v1/auth/login", {"email": users[index % len(users)], "password": PASSWORD})
            if status == 200:
                done[index] += 1

    threads = [threading.Thread(target=client, args=(index,)) for index in range(connections)]
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / (time.monotonic() - begun)


def resident_mib(process):
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024


def row(name, values, unit):
    print(f"{name:58} {statistics.median(values):10.2f} {unit}  ({min(values):.2f} to {max(values):.2f})", flush=True)


def measure(port, limit_port, token, users, bin_folder, process, rounds, seconds):
    for connections in (10, 64):
        me, limit, p99 = [], [], []
        for _ in range(rounds):
            rate, worst = wrk(port, "/v1/auth/me", connections, seconds, token)
            me.append(rate)
            p99.append(worst)
            limit.append(wrk(limit_port, "/", connections, seconds)[0])
        row(f"beast_limit, {connections} connections", limit, "requests/s")
        row(f"GET /v1/auth/me, {connections} connections", me, "requests/s")
        row(f"GET /v1/auth/me p99, {connections} connections", p99, "ms")
        row(f"me / beast_limit, {connections} connections", [a / b for a, b in zip(me, limit)], "x")
    row("resident memory before the storm", [resident_mib(process)], "MiB")
    logins, ceiling = [], []
    for _ in range(rounds):
        logins.append(storm(port, users, seconds, 16))
        ceiling.append(float(re.search(r"([\d.]+)", subprocess.run([bin_folder / "password_bench", "--ceiling", str(seconds), "2"], check=True,
                                                                    capture_output=True, text=True).stdout)[1]))
    row("crypto_pwhash alone, 2 threads", ceiling, "hashes/s")
    row("logins, 16 clients", logins, "logins/s")
    row("logins / crypto_pwhash ceiling", [a / b for a, b in zip(logins, ceiling)], "x")
    background = threading.Thread(target=storm, args=(port, users, seconds + 1, 16))
    background.start()
    rate, worst = wrk(port, "/v1/auth/me", 4, seconds, token)
    background.join()
    row("me during the login storm", [rate], "requests/s")
    row("me p99 during the login storm", [worst], "ms")
    row("resident memory after the storm", [resident_mib(process)], "MiB")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default=ROOT / "build")
    parser.add_argument("--smoke", action="store_true")
    arguments = parser.parse_args()
    bin_folder = pathlib.Path(arguments.build).resolve() / "bin"
    rounds, seconds = (1, 1) if arguments.smoke else (7, 3)
    port, limit_port = free_port(), free_port()
    with tempfile.TemporaryDirectory() as folder:
        settings = [word for name, value in OPTIONS.items() for word in ("--set", f"{name}={value}")]
        begun = time.monotonic()
        server = subprocess.Popen([bin_folder / "authkit", "serve", "--listen", f"127.0.0.1:{port}", "--database", f"sqlite:{folder}/auth.db", *settings],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        limit = subprocess.Popen([bin_folder / "beast_limit", str(limit_port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_for(port)
            row("start to first accept, new database", [(time.monotonic() - begun) * 1000], "ms")
            wait_for(limit_port)
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            users = [f"user{n}@example.org" for n in range(16)]
            for user in users:
                if post(connection, "/v1/auth/register", {"email": user, "password": PASSWORD})[0] != 201:
                    raise SystemExit("error: a registration was refused")
            token = post(connection, "/v1/auth/login", {"email": users[0], "password": PASSWORD})[1]["access_token"]
            measure(port, limit_port, token, users, bin_folder, server, rounds, seconds)
        finally:
            for process in (server, limit):
                process.terminate()
                process.wait(30)


main()
