"""What the benchmarks of the example server share: starting it, loading it, printing rows."""

import contextlib
import http.client
import json
import pathlib
import re
import resource
import socket
import statistics
import subprocess
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
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
    """Requests a second, the 99th and the 95th percentile in ms. Any answer but 200 ends the run: a refused request is fast and says nothing."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", HERE / "percentiles.lua", f"http://127.0.0.1:{port}{path}"]
    if token:
        command += ["-H", f"Authorization: Bearer {token}"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in text:
        raise SystemExit(f"error: {path} was refused:\n{text}")
    p99, p95 = re.search(r"p99 ([\d.]+) p95 ([\d.]+)", text).groups()
    return float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1]), float(p99), float(p95)


def load(port, mode, lines, threads, seconds):
    """Requests of requests.lua: how many a second were answered well, and the 99th percentile in ms. A refused one ends the run."""
    with tempfile.NamedTemporaryFile("w") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        text = subprocess.run(["wrk", f"-t{threads}", f"-c{threads}", f"-d{seconds}s", "--latency", "--timeout", "30s", "-s", HERE / "requests.lua",
                               f"http://127.0.0.1:{port}", "--", mode, file.name, str(threads), PASSWORD],
                              check=True, capture_output=True, text=True).stdout
    good, bad, taken, answer = re.search(r"good (\d+) bad (\d+) in ([\d.]+) ?(.*)", text).groups()
    if int(bad) > 0:
        raise SystemExit(f"error: {mode} was refused: {answer}")
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", text).groups()
    return int(good) / float(taken), float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def storm(port, users, seconds, connections):
    """Logins a second from that many clients at once."""
    return load(port, "login", users, connections, seconds)[0]


def resident_mib(process):
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024


def row(name, values, unit):
    print(f"{name:58} {statistics.median(values):10.2f} {unit}  ({min(values):.2f} to {max(values):.2f})", flush=True)


def processor_seconds(process):
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


@contextlib.contextmanager
def running(*command):
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


@contextlib.contextmanager
def server(bin_folder, database, **options):
    """The example server with these options beside OPTIONS ("__" for the dot): its port and process."""
    port = free_port()
    settings = dict(OPTIONS, **{name.replace("__", "."): value for name, value in options.items()})
    words = [word for name, value in settings.items() for word in ("--set", f"{name}={value}")]
    with running(bin_folder / "authkit", "serve", "--listen", f"127.0.0.1:{port}", "--database", database, *words) as process:
        wait_for(port)
        yield port, process


def register(port, count):
    """Makes that many users."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    users = [f"user{n}@example.org" for n in range(count)]
    for user in users:
        status, answer = post(connection, "/v1/auth/register", {"email": user, "password": PASSWORD})
        if status != 201:
            raise SystemExit(f"error: a registration was refused: {answer}")
    return users


def grants(port, users, count):
    """That many logins."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    found = []
    for n in range(count):
        status, answer = post(connection, "/v1/auth/login", {"email": users[n % len(users)], "password": PASSWORD})
        if status != 200:
            raise SystemExit(f"error: a login was refused: {answer}")
        found.append(answer)
    return found
