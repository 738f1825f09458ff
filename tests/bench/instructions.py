#!/usr/bin/python3
"""Instructions of the hot paths, counted by callgrind: the same in every run, whatever else the machine does, so a guard against growing slower.

instructions.py [--build DIR] [--record]    Ends with "N passed, N failed". --record writes instructions.json anew.

What is compared is our own part: a path less the bare primitive under it, which a new OpenSSL may change.
"""

import argparse
import json
import pathlib
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

HERE = pathlib.Path(__file__).resolve().parent
RECORDED = HERE / "instructions.json"
MORE = 1.10  # allowed over what was recorded: another compiler's version


def counted(program, name, times):
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program, name, str(times)]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    return int(re.search(r"Collected : (\d+)", text)[1])


def each(program, name):
    times = 2000 if "again" in name or "check" in name else 5 if name.startswith("rs256.issue") else 20 if name[:2] != "hs" else 200
    return (counted(program, name, 3 * times) - counted(program, name, times)) / (2 * times)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default=HERE.parents[1] / "build")
    parser.add_argument("--record", action="store_true")
    arguments = parser.parse_args()
    program = pathlib.Path(arguments.build).resolve() / "bin" / "instructions"
    names = subprocess.run([program], check=True, capture_output=True, text=True).stdout.split()
    with ThreadPoolExecutor(2) as pool:
        found = dict(zip(names, pool.map(lambda name: each(program, name), names)))
    own = {}
    for name in names:
        if name.endswith("_bare"):
            continue
        bare = found.get(name + "_bare", 0)
        own[name] = round(found[name] - bare)
        print(f"{name:22} {found[name]:12,.0f}  bare {bare:12,.0f}  own {own[name]:8,}", flush=True)
    if arguments.record:
        RECORDED.write_text(json.dumps(own, indent=1) + "\n")
    recorded = json.loads(RECORDED.read_text())
    failed = 0
    for name, count in own.items():
        if count > recorded[name] * MORE + 200 + found.get(name + "_bare", 0) / 50:  # a signature takes turns of its own
            failed += 1
            print(f"{name}: {count:,} instructions of our own, recorded were {recorded[name]:,}")
    print(f"{len(own) - failed} passed, {failed} failed")
    raise SystemExit(failed > 0)


main()
