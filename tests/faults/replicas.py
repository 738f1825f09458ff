#!/usr/bin/python3
"""Holds replicas back, pauses, freezes and kills them, kills the primary and promotes a replica, while four processes write and read (causal.cpp): no
read that carries a position may be older than it, and undisturbed replicas take nearly all of them."""

import argparse
import json
import os
import subprocess
import sys
import threading
import time

import kill9
from outage import own_services, services

FEWEST_BY_REPLICA = 0.95  # of the reads, when nothing disturbs
SLOWEST_CHOICE = 10_000  # nanoseconds; ten times what a choice may take
PATIENCE = 300  # seconds; a run that is not through by then hangs


class Cluster:
    """The test servers, and psql as their superuser."""

    def __init__(self, folder, environment):
        self.folder, self.environment = folder, environment
        replicas = self.environment["AUTHKIT_TEST_REPLICAS"].split(",")
        self.urls = {"primary": self.environment["AUTHKIT_TEST_POSTGRESQL"], "replica1": replicas[0], "replica2": replicas[1]}

    def sql(self, name, *statements):
        url = self.urls[name].replace("authkit:authkit@", "postgres@").rsplit("/", 1)[0] + "/postgres"
        commands = [word for statement in statements for word in ("-c", statement)]
        done = subprocess.run(["psql", url, "-qAt", "-v", "ON_ERROR_STOP=1", *commands], stdout=subprocess.PIPE, text=True, check=True, timeout=60)
        return done.stdout.strip()

    def set(self, name, setting, value):
        self.sql(name, f"ALTER SYSTEM SET {setting} = '{value}'", "SELECT pg_reload_conf()")

    def wait_until_level(self, primary="primary"):
        end = time.monotonic() + 60
        for name in ("replica1", "replica2"):
            if name == primary:
                continue
            lsn = self.sql(primary, "SELECT pg_current_wal_flush_lsn()")
            while self.sql(name, f"SELECT pg_last_wal_replay_lsn() >= '{lsn}'") != "t":
                assert time.monotonic() < end, f"{name} does not catch up"
                time.sleep(0.05)

    # What is done, and undone.

    def undisturbed(self):
        return lambda: None

    def held_back(self, *names):
        def undo():
            for name in names:
                self.set(name, "recovery_min_apply_delay", "0")

        for name in names:
            self.set(name, "recovery_min_apply_delay", "5s")
        return undo

    def paused(self, *names):
        def undo():
            for name in names:
                self.sql(name, "SELECT pg_wal_replay_resume()")

        for name in names:
            self.sql(name, "SELECT pg_wal_replay_pause()")
        return undo

    def struck(self, name, how):
        """Again and again, half a second each time, until undone."""
        stop = threading.Event()

        def strike():
            while not stop.wait(0.5):
                services(self.folder, "kill", name, how)
                time.sleep(0.5)
                services(self.folder, *(("kill", name, "CONT") if how == "STOP" else ("start", name)))

        def undo():
            stop.set()
            thread.join()

        thread = threading.Thread(target=strike)
        thread.start()
        return undo

    def failed_over(self):
        """In the middle: the primary dies and replica1, which had confirmed every commit, takes over; replica2 follows it."""
        self.set("primary", "synchronous_standby_names", "replica1")

        def strike():
            time.sleep(1)
            services(self.folder, "kill", "primary", "KILL")
            time.sleep(0.5)
            self.sql("replica1", "SELECT pg_promote()")
            port = self.urls["replica1"].rsplit(":", 1)[1].split("/")[0]
            self.set("replica2", "primary_conninfo", f"host=127.0.0.1 port={port} user=postgres application_name=replica2")

        thread = threading.Thread(target=strike)
        thread.start()
        return thread.join


SCENARIOS = [
    ("nothing disturbs", Cluster.undisturbed, ()),
    ("one replica is held back 5 s", Cluster.held_back, ("replica1",)),
    ("both replicas are held back 5 s", Cluster.held_back, ("replica1", "replica2")),
    ("replay is paused on one", Cluster.paused, ("replica2",)),
    ("replay is paused on both", Cluster.paused, ("replica1", "replica2")),
    ("a replica is killed again and again", Cluster.struck, ("replica1", "KILL")),
    ("a replica is frozen again and again", Cluster.struck, ("replica1", "STOP")),
    ("the primary is killed again and again", Cluster.struck, ("primary", "KILL")),
    ("the primary is frozen again and again", Cluster.struck, ("primary", "STOP")),
    ("a replica takes over", Cluster.failed_over, ()),  # last: there is no way back
]


def run(program, cluster, pairs, *blind, disturb=lambda: lambda: None):
    """What the four say at the end; disturbed once they are at work, and what they had read from replicas was fresh."""
    ring = subprocess.Popen([program, str(pairs), *blind], env={**os.environ, **cluster.environment}, stdout=subprocess.PIPE, text=True)
    try:
        time.sleep(0.5)
        undo = disturb()
        try:
            said = ring.communicate(timeout=PATIENCE)[0]
        finally:
            undo()
    finally:
        ring.kill()
    return json.loads(said) if ring.returncode == 0 else None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True)
    parser.add_argument("--pairs", type=int, default=10_000)
    arguments = parser.parse_args()
    score = kill9.Score()
    with own_services() as (folder, environment):
        cluster = Cluster(folder / "services", environment)
        run(arguments.program, cluster, 40)  # makes the tables
        blind = run(arguments.program, cluster, 1500, "blind", disturb=lambda: cluster.paused("replica1", "replica2"))
        score.count("who does not ask for more is shown the past", [] if blind and blind["stale"] else ["it was not there to be seen"])
        for name, disturb, details in SCENARIOS:
            cluster.wait_until_level()
            tally = run(arguments.program, cluster, arguments.pairs, disturb=lambda: disturb(cluster, *details))
            score.count(f"{name}: all four processes end", [] if tally else ["one did not"])
            if not tally:
                continue
            share = tally["by_replica"] / tally["pairs"]
            print(f"{name}: {tally['pairs']} pairs, {tally['stale']} stale, {tally['failed']} failed, {share:.1%} by a replica, "
                  f"the slowest {tally['slowest_ms']} ms, a choice {tally['choice_ns']} ns", flush=True)
            score.count(f"{name}: choosing costs nothing", [f"{tally['choice_ns']} ns"] if tally["choice_ns"] > SLOWEST_CHOICE else [])
            score.count(f"{name}: no read is older than its position", [f"{tally['stale']} are"] if tally["stale"] else [])
            if disturb is Cluster.undisturbed:
                for _ in range(2):  # the machine may have been busy with something else
                    if share < FEWEST_BY_REPLICA and (again := run(arguments.program, cluster, arguments.pairs)):
                        share = max(share, again["by_replica"] / again["pairs"])
                score.count(f"{name}: replicas take the reads", [f"only {share:.1%}"] if share < FEWEST_BY_REPLICA else [])
    return score.verdict()


if __name__ == "__main__":
    sys.exit(main())
