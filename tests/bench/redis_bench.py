#!/usr/bin/python3
"""The Redis client beside blocking hiredis (redis_bench) and redis-benchmark, on a server of its own.

redis_bench.py [--build DIR] [--smoke]    --smoke: one short round
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SERVICES = ROOT / "tests/services/services.py"


def redis_benchmark(port, clients, pipeline, count):
    command = ["redis-benchmark", "-p", port, "-c", str(clients), "-P", str(pipeline), "-n", str(count), "-d", "32", "-t", "get", "--csv"]
    last = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1]
    rate = float(last.split(",")[1].strip('"'))
    print(f"redis-benchmark, {clients} connections, {pipeline} at once {rate / 1000:15.2f} k/s", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default=ROOT / "build", type=pathlib.Path)
    parser.add_argument("--smoke", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as folder:
        os.chmod(folder, 0o755)  # the servers may run as another user
        try:
            printed = subprocess.run([SERVICES, "up", f"{folder}/redis", "redis"], check=True, capture_output=True, text=True).stdout
            port = re.search(r"AUTHKIT_TEST_REDIS='redis://127\.0\.0\.1:(\d+)/", printed)[1]
            rounds, seconds = ("1", "0.2") if arguments.smoke else ("7", "1")
            subprocess.run([arguments.build / "bin/redis_bench", "127.0.0.1", port, rounds, seconds], check=True)
            for clients, pipeline in ((64, 1), (64, 16), (1, 64)):
                redis_benchmark(port, clients, pipeline, 20_000 if arguments.smoke else 200_000)
        finally:
            subprocess.run([SERVICES, "down", f"{folder}/redis"], check=False)


sys.exit(main())
