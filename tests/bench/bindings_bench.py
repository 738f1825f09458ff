#!/usr/bin/python3
"""What C, Go and Python add to one verify, beside PyJWT and golang-jwt with the same key and the same token, which check signature, exp, iss and aud.

Processor time, so that a busy machine moves the figures little; Go's holds its garbage collector.

bindings_bench.py [--build DIR] [--smoke]    --smoke: one short round, for "it runs and the ratios can be printed"
"""

import argparse
import os
import pathlib
import secrets
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGES = ("PyJWT==2.15.1", "cryptography==50.0.2")
BESIDE = {"PyJWT decode": "Python verify_token", "golang-jwt Parse": "Go VerifyToken"}
USER = "0190d9a8-0000-7000-8000-000000000001"


def prepare(build):
    """The same interpreter with PyJWT beside it, and the Go program."""
    venv, program = build / "bench-venv", build / "bin/go_verify"
    if not (venv / "done").exists():
        subprocess.run(["/usr/bin/python3", "-m", "venv", venv], check=True)
        subprocess.run([venv / "bin/pip", "install", "-q", "--disable-pip-version-check", *PACKAGES], check=True)
        (venv / "done").touch()
    prefix = build / "prefix"
    subprocess.run(["cmake", "--install", build, "--prefix", prefix], check=True, stdout=subprocess.DEVNULL)
    os.environ.update(PKG_CONFIG_PATH=f"{prefix}/lib/pkgconfig", LD_LIBRARY_PATH=f"{prefix}/lib", CGO_ENABLED="1", GOTOOLCHAIN="local",
                      AUTHKIT_LIBRARY=f"{build}/lib/libauthkit_c.so.0", PYTHONPATH=str(ROOT / "bindings/python"), PYTHONDONTWRITEBYTECODE="1")
    subprocess.run(["go", "build", "-buildvcs=false", "-o", program, "."], check=True, cwd=pathlib.Path(__file__).with_name("go_verify"))
    return venv / "bin/python", program


def python_rows(algorithm, secret, token, rounds, budget):
    """Runs in the virtual environment: the binding's two forms, and PyJWT."""
    import authkit
    import jwt

    with authkit.Authkit(env=True) as auth:
        key = secret if algorithm == "HS256" else jwt.PyJWK(auth.jwks()["keys"][0]).key
        contenders = {
            "Python check_token": lambda: auth.check_token(token),
            "Python verify_token": lambda: auth.verify_token(token),
            "PyJWT decode": lambda: jwt.decode(token, key, algorithms=[algorithm], audience="authkit", issuer="authkit"),
        }
        for _ in range(rounds):
            for name, verify in contenders.items():
                begun, calls = time.process_time_ns(), 0
                while (spent := time.process_time_ns() - begun) < budget * 1_000_000:
                    for _ in range(50):
                        verify()
                    calls += 50
                print(f"{name}\t{spent // calls}")


def token_of(interpreter):
    code = f"import authkit\nwith authkit.Authkit(env=True) as auth: print(auth.issue_token({{'sub': '{USER}', 'roles': ['reader']}}))"
    return subprocess.run([interpreter, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def figures(commands):
    """The median of each contender's rounds, in the order of their appearance."""
    rounds = {}
    for command in commands:
        for line in subprocess.run([str(word) for word in command], check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines():
            name, nanoseconds = line.split("\t")
            rounds.setdefault(name, []).append(int(nanoseconds))
    return {name: statistics.median(values) for name, values in rounds.items()}


def report(algorithm, medians):
    limit = medians["C++ Tokens::verify"]
    print(f"{algorithm:34} {'ns a verify':>12} {'/ C++':>8} {'beside it':>10}")
    for name, value in medians.items():
        rival = next((other for other, ours in BESIDE.items() if ours == name), None)
        beside = f"{value / medians[rival]:8.2f}   of {rival}" if rival else ""
        print(f"{name:34} {value:12.0f} {value / limit:8.2f}   {beside}", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default=ROOT / "build")
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--python-rows", nargs=5, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.python_rows:
        algorithm, secret, token, rounds, budget = arguments.python_rows
        return python_rows(algorithm, secret, token, int(rounds), int(budget))

    build = pathlib.Path(arguments.build).resolve()
    interpreter, go_program = prepare(build)
    rounds, budget = (1, 100) if arguments.smoke else (7, 500)
    for algorithm in ("ES256", "HS256"):
        secret = secrets.token_hex(32) if algorithm == "HS256" else ""
        with tempfile.TemporaryDirectory() as folder:
            os.environ.update(DATABASE_URL=f"sqlite:{folder}/auth.db", AUTHKIT_TOKEN_ALGORITHM=algorithm, AUTHKIT_LOG_LEVEL="error",
                              AUTHKIT_TOKEN_ACCESS_LIFETIME="1h")
            os.environ.pop("AUTHKIT_TOKEN_SECRET", None)
            if secret:
                os.environ["AUTHKIT_TOKEN_SECRET"] = secret
            token = token_of(interpreter)
            report(algorithm, figures([
                [build / "bin/bindings_bench", token, rounds, budget],
                [interpreter, __file__, "--python-rows", algorithm, secret, token, rounds, budget],
                [go_program, "-algorithm", algorithm, "-secret", secret, "-rounds", rounds, "-budget", f"{budget}ms", token],
            ]))
    return 0


sys.exit(main())
