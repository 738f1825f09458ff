#!/usr/bin/python3
"""The servers that tests talk to, on free loopback ports, with everything in one folder: PostgreSQL (a primary and two streaming replicas) with
PgBouncer in front, and Redis (one with an append-only file, one behind TLS and an ACL, a cluster of three; by itself, a master with a replica that three
sentinels watch). As root they run as another user.

    services.py up DIR [PART]      starts postgresql and redis, or one part: these, or sentinel; prints `export NAME=value` lines, also kept in DIR/env
    services.py down DIR           kills all by process id and removes DIR
    services.py kill DIR NAME SIG  sends the signal to a server and its children: KILL, STOP, CONT, TERM
    services.py start DIR NAME     starts one again that was killed
    services.py names              of all servers
"""

import glob
import json
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time

import redis_servers

POSTGRESQL = ("primary", "replica1", "replica2", "pgbouncer")
# The cluster first: a master of one waits two seconds before it serves.
PARTS = {"redis": redis_servers.CLUSTER + redis_servers.PLAIN, "postgresql": POSTGRESQL, "sentinel": redis_servers.WATCHED}
USUAL = ("redis", "postgresql")  # what is meant by all
NAMES = tuple(name for part in PARTS.values() for name in part)
PATIENCE = 60  # seconds; a server that is not up by then will not come


def fail(sentence):
    sys.exit(f"error: {sentence}")


def unprivileged():
    """PostgreSQL and PgBouncer refuse to run as root."""
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam("postgres")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def program(name):
    if name == "pgbouncer":
        found = shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin")
        return found or fail("pgbouncer is missing: apt-get install pgbouncer")
    versions = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"), key=lambda path: int(path.split("/")[4]))
    return versions[-1] if versions else fail(f"PostgreSQL's {name} is missing: apt-get install postgresql")


def free_ports(names):
    """Different ones: all are held until the last is known."""
    listeners = {name: socket.create_server(("127.0.0.1", 0)) for name in names}
    ports = {name: listener.getsockname()[1] for name, listener in listeners.items()}
    for listener in listeners.values():
        listener.close()
    return ports


def run(folder, *command, **more):
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **unprivileged(), **more)
    if done.returncode != 0:
        fail(f"{command[0]} failed:\n{done.stdout}")


class Services:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.state_file = self.folder / "state.json"
        self.state = json.loads(self.state_file.read_text()) if self.state_file.exists() else {"ports": {}, "pids": {}}

    def port(self, name):
        return self.state["ports"][name]

    def save(self):
        self.state_file.write_text(json.dumps(self.state))

    # Starting

    def up(self, parts):
        self.folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
        names = [name for part in parts for name in PARTS[part]]
        self.state["ports"] = free_ports(names + [f"{name} bus" for name in names if redis_servers.is_cluster(name)])
        for part in parts:
            self.make_postgresql() if part == "postgresql" else self.make_redis(PARTS[part])
            for name in PARTS[part]:
                self.start(name, wait=name in redis_servers.DATA)  # a sentinel asks for replicas at its start, and ten seconds later
        for name in names:
            self.wait_until_ready(name)
        environment = {"AUTHKIT_TEST_SERVICES": str(self.folder)}
        for part in parts:
            environment |= {"postgresql": self.postgresql_environment, "redis": lambda: redis_servers.environment(self.folder, self.port),
                            "sentinel": lambda: redis_servers.watched_environment(self.port)}[part]()
        text = "".join(f"export {name}='{value}'\n" for name, value in environment.items())
        (self.folder / "env").write_text(text)
        print(text, end="")

    def postgresql_environment(self):
        def url(name):
            return f"postgresql://authkit:authkit@127.0.0.1:{self.port(name)}/authkit"

        return {
            "AUTHKIT_TEST_POSTGRESQL": url("primary"),
            "AUTHKIT_TEST_REPLICAS": f"{url('replica1')},{url('replica2')}",
            "AUTHKIT_TEST_PGBOUNCER": url("pgbouncer"),
        }

    def make_redis(self, names):
        for name in names:
            folder = self.folder / name
            redis_servers.make(name, folder, self.port, lambda node: self.state["ports"].get(f"{node} bus"))
            if os.geteuid() == 0:
                for path in (folder, *folder.iterdir()):
                    shutil.chown(path, "postgres")

    def make_postgresql(self):
        self.make_primary()
        for name in ("replica1", "replica2"):
            self.make_replica(name)
        self.make_pgbouncer()

    def make_primary(self):
        data = self.folder / "primary"
        run(self.folder, program("initdb"), "--no-sync", "--no-locale", "-E", "UTF8", "--wal-segsize=4", "--no-instructions", "-A", "trust",
            "-U", "postgres", "-D", str(data))
        with (data / "postgresql.conf").open("a") as conf:
            conf.write(f"listen_addresses = '127.0.0.1'\nport = {self.port('primary')}\nunix_socket_directories = '{self.folder}'\n"
                       "fsync = off\nmax_connections = 200\nmax_wal_senders = 10\nshared_buffers = 64MB\nhot_standby_feedback = on\nwal_retrieve_retry_interval = 100\n"
                       "dynamic_shared_memory_type = mmap\nwal_keep_size = 256MB\nlog_min_messages = warning\nclient_connection_check_interval = 500\n")
        (data / "pg_hba.conf").write_text("local all all trust\nhost all postgres 127.0.0.1/32 trust\nhost replication postgres 127.0.0.1/32 trust\n"
                                          "host all all 127.0.0.1/32 scram-sha-256\n")
        # Without a server. It also writes the settings above into the control file, which a standby compares with its own.
        run(self.folder, program("postgres"), "--single", "-D", str(data), "postgres",
            input="CREATE ROLE authkit LOGIN CREATEDB PASSWORD 'authkit'\nCREATE DATABASE authkit OWNER authkit\n")

    def make_replica(self, name):
        data = self.folder / name
        run(self.folder, "cp", "-a", "--reflink=auto", str(self.folder / "primary"), str(data))
        (data / "standby.signal").touch()
        if os.geteuid() == 0:
            shutil.chown(data / "standby.signal", "postgres")
        with (data / "postgresql.conf").open("a") as conf:
            conf.write(f"port = {self.port(name)}\n"
                       f"primary_conninfo = 'host=127.0.0.1 port={self.port('primary')} user=postgres application_name={name}'\n")

    def make_pgbouncer(self):
        folder = self.folder / "pgbouncer"
        folder.mkdir()
        (folder / "users.txt").write_text('"authkit" "authkit"\n')
        (folder / "pgbouncer.ini").write_text(
            f"[databases]\nauthkit = host=127.0.0.1 port={self.port('primary')} dbname=authkit user=authkit password=authkit\n"
            f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {self.port('pgbouncer')}\nunix_socket_dir =\npool_mode = transaction\n"
            f"auth_type = scram-sha-256\nauth_file = {folder}/users.txt\ndefault_pool_size = 20\nmax_client_conn = 500\nquery_wait_timeout = 5\n"
            "server_login_retry = 1\nlog_connections = 0\nlog_disconnections = 0\n")
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")

    def start(self, name, wait=True):
        data = self.folder / name
        if name == "pgbouncer":
            command = [program("pgbouncer"), str(data / "pgbouncer.ini")]
        elif name in redis_servers.NAMES:
            command = redis_servers.command(data) or fail("redis-server is missing: apt-get install redis-server")
        else:
            # A killed server whose parent never reaped it still looks alive to the next one.
            for stale in (data / "postmaster.pid", self.folder / f".s.PGSQL.{self.port(name)}.lock"):
                stale.unlink(missing_ok=True)
            command = [program("postgres"), "-D", str(data)]
        with (self.folder / f"{name}.log").open("a") as log:
            server = subprocess.Popen(command, cwd=data, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, **unprivileged())
        self.state["pids"][name] = server.pid
        self.save()
        if wait:
            self.wait_until_ready(name)

    def wait_until_ready(self, name):
        end = time.monotonic() + PATIENCE
        while not self.is_ready(name):
            if time.monotonic() > end or not self.is_alive(name):
                fail(f"{name} did not start:\n{(self.folder / f'{name}.log').read_text()[-2000:]}")
            time.sleep(0.02)

    def is_ready(self, name):
        if name == "pgbouncer":
            with socket.socket() as client:
                return client.connect_ex(("127.0.0.1", self.port(name))) == 0
        if name in redis_servers.NAMES:
            return redis_servers.is_ready(name, self.port(name))
        try:
            lines = (self.folder / name / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) >= 8 and lines[7].strip() == "ready"

    # Stopping. A process id counts only while its process works in our folder.

    def is_alive(self, name):
        pid = self.state["pids"].get(name)
        try:
            state = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
            return state != "Z" and os.readlink(f"/proc/{pid}/cwd") == str(self.folder / name)
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            return False

    def family(self, name):
        """The server first, then its children, which outlive a killed one for some milliseconds."""
        if not self.is_alive(name):
            return []
        pid = self.state["pids"][name]
        children = []
        for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
            children += [int(child) for child in task.read_text().split()]
        return [pid, *children]

    def kill(self, name, number):
        family = self.family(name)
        for pid in family:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass
        if number == signal.SIGKILL:
            end = time.monotonic() + PATIENCE
            while self.is_alive(name) and time.monotonic() < end:
                time.sleep(0.005)

    def down(self):
        for name in NAMES:
            self.kill(name, signal.SIGCONT)
            self.kill(name, signal.SIGQUIT)  # at once, but PostgreSQL gives its shared memory back
        end = time.monotonic() + 2
        while any(self.is_alive(name) for name in NAMES) and time.monotonic() < end:
            time.sleep(0.01)
        for name in NAMES:
            self.kill(name, signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)


def main(arguments):
    if arguments == ["names"]:
        return print(*NAMES)
    if len(arguments) < 2:
        sys.exit(__doc__)
    command, folder, *rest = arguments
    services = Services(pathlib.Path(folder).resolve())
    if command == "up" and (not rest or len(rest) == 1 and rest[0] in PARTS):
        return services.up(rest or list(USUAL))
    if command == "down" and not rest:
        return services.down()
    if command == "kill" and len(rest) == 2 and rest[0] in NAMES:
        return services.kill(rest[0], getattr(signal, f"SIG{rest[1].removeprefix('SIG')}"))
    if command == "start" and len(rest) == 1 and rest[0] in NAMES:
        return services.start(rest[0])
    sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
