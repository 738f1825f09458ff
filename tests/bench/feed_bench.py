#!/usr/bin/python3
"""How soon a token that one process revoked is refused by another (feed_bench): through Redis, with one entry in ten lost on the way, while Redis is
killed and started again and again, and the same with the feed alone.

feed_bench.py [--build DIR] [--smoke]
"""

import argparse
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
SERVICES = ROOT / "tests/services/services.py"
BOUND_MS = 5000  # revocation.staleness_bound


def services(*words):
    return subprocess.run([SERVICES, *words], check=True, capture_output=True, text=True).stdout


def run(program, environment, count, rate, *more):
    done = subprocess.run([program, str(count), str(rate), *more], env=environment, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def killed_again_and_again(folder, stop):
    while not stop.wait(2):
        services("kill", folder, "redis", "KILL")
        time.sleep(0.5)
        services("start", folder, "redis")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default=ROOT / "build", type=pathlib.Path)
    parser.add_argument("--smoke", action="store_true")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was started is stopped
    program, late = arguments.build / "bin/feed_bench", 0
    count, rate = (2_000, 1000) if arguments.smoke else (100_000, 1000)
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as folder:
        os.chmod(folder, 0o755)  # the servers may run as another user
        try:
            printed = services("up", f"{folder}/services")
            environment = {**os.environ, **dict(line.removeprefix("export ").replace("'", "").split("=", 1) for line in printed.splitlines())}
            nowhere = {**environment, "AUTHKIT_TEST_REDIS": "redis://127.0.0.1:1"}
            stop = threading.Event()
            killer = threading.Thread(target=killed_again_and_again, args=(f"{folder}/services", stop))
            for name, where, words in (("through Redis", environment, ()), ("one entry in ten is lost", environment, ("drop",)),
                                       ("Redis is killed every 2.5 s", environment, ()), ("the feed alone", nowhere, ())):
                if "killed" in name:
                    killer.start()
                figures = run(program, where, count, rate, *words)
                if "killed" in name:
                    stop.set()
                    killer.join()
                late += figures["max_ms"] > BOUND_MS
                print(f"{name:28} {figures['revocations']} revocations at {rate}/s: refused elsewhere after p50 {figures['p50_ms']:.3f}, p99 "
                      f"{figures['p99_ms']:.3f}, p99.9 {figures['p999_ms']:.3f}, at most {figures['max_ms']:.1f} ms; "
                      f"{figures['system_calls']} system calls in 1,000,000 checks", flush=True)
        finally:
            subprocess.run([SERVICES, "down", f"{folder}/services"], check=False)
    return 1 if late else 0


sys.exit(main())
