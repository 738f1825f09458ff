#!/usr/bin/python3
"""Draws how figures grow with what is there: plots.py [--build DIR] [NAME...] writes revocations.svg, connections.svg, users-sqlite.svg and, where
AUTHKIT_TEST_POSTGRESQL is set, users-postgresql.svg, or those of that name. Some ten minutes.

A line stands for the medians of its rounds; both axes begin at zero but that of the amount, which is logarithmic.
"""

import argparse
import math
import os
import pathlib
import re
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 640, 360, 80, 50, 40, 20
COLOURS = ("#1f5fa8", "#b4431f", "#2f7d3a")


def run(*command):
    return subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True).stdout


def figure(text, name):
    return float(re.search(re.escape(name) + r"\s+([\d.]+)", text)[1])


def number(value):
    return f"{value / 1e6:g} M" if value >= 1e6 else f"{value / 1e3:g} k" if value >= 1e3 else f"{value:g}"


def svg(title, amounts, amount_name, unit, lines):
    """`lines`: name to a value for each amount."""
    most = max(value for values in lines.values() for value in values)
    step = 10 ** math.floor(math.log10(most))
    step = step / 2 if most / step < 4 else step
    top = step * math.ceil(most / step)
    first, last = math.log10(max(amounts[0], 1)), math.log10(amounts[-1])

    def x(amount):
        return LEFT + (math.log10(max(amount, 1)) - first) / (last - first) * (WIDTH - LEFT - RIGHT)

    def y(value):
        return HEIGHT - BOTTOM - value / top * (HEIGHT - BOTTOM - TOP)

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
           f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/><text x="{LEFT}" y="22" font-size="15">{title}</text>']
    for i in range(round(top / step) + 1):
        out.append(f'<path d="M{LEFT} {y(i * step):.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>'
                   f'<text x="{LEFT - 8}" y="{y(i * step) + 4:.1f}" text-anchor="end">{number(i * step)}</text>')
    for amount in amounts:
        out.append(f'<text x="{x(amount):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{number(amount)}</text>')
    out.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 10}" text-anchor="middle">{amount_name}</text>'
               f'<text transform="translate(18 {HEIGHT / 2}) rotate(-90)" text-anchor="middle">{unit}</text>')
    for colour, (name, values) in zip(COLOURS, lines.items()):
        points = " ".join(f"{x(amount):.1f},{y(value):.1f}" for amount, value in zip(amounts, values))
        out.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
                   f'<text x="{x(amounts[0]) + 6:.1f}" y="{y(values[0]) - 6:.1f}" fill="{colour}">{name}</text>')
    return "\n".join(out) + "\n</svg>\n"


def revocations(build):
    amounts = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000]
    found = [run(build / "bin" / "revocation_bench", amount) for amount in amounts]
    checks = {name: [figure(text, f"check, {name}") for text in found] for name in ("token alive", "session revoked")}
    return svg("One revocation check", amounts, "live revocations", "nanoseconds", checks)


def connections(build):
    amounts = [10, 100, 1_000, 10_000]
    found = [run(HERE / "connections_bench.py", "--build", build, "--count", amount) for amount in amounts]
    rates = {"me alone": [figure(text, "me alone, 10 connections") for text in found],
             "me beside them": [figure(text, f"me beside {amount} connections") for amount, text in zip(amounts, found)]}
    return svg("GET /v1/auth/me beside other connections", amounts, "connections", "requests a second", rates)


def users(build, database, title):
    amounts = [1_000, 10_000, 100_000, 1_000_000]
    found = [run(build / "bin" / "growth_bench", "--users", amount, database) for amount in amounts]
    times = {name: [figure(text, name) for text in found] for name in ("login", "refresh", "find by e-mail")}
    return svg(f"Flows on {title}, with a hash of 64 KiB", amounts, "users, each with a live session and an event", "microseconds", times)


PLOTS = {"revocations": revocations, "connections": connections, "users-sqlite": lambda build: users(build, "sqlite", "SQLite"),
         "users-postgresql": lambda build: users(build, "postgresql", "PostgreSQL")}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default=HERE.parents[1] / "build")
    parser.add_argument("names", nargs="*", metavar="NAME")
    arguments = parser.parse_args()
    build = pathlib.Path(arguments.build).resolve()
    for name in arguments.names or [name for name in PLOTS if name != "users-postgresql" or "AUTHKIT_TEST_POSTGRESQL" in os.environ]:
        (HERE / f"{name}.svg").write_text(PLOTS[name](build))


main()
