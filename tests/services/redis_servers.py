"""The Redis parts of services.py: one server with an append-only file, one behind TLS and an ACL, and a cluster of three masters; and, by itself, a
master with a replica and three sentinels."""

import shutil
import socket
import subprocess

PLAIN = ("redis", "redis_tls")
CLUSTER = ("cluster1", "cluster2", "cluster3")
DATA = ("master", "replica")
SENTINELS = ("sentinel1", "sentinel2", "sentinel3")
WATCHED = DATA + SENTINELS
NAMES = PLAIN + CLUSTER + WATCHED
MASTER_NAME = "authkit-test"
BUS = 10000  # added to a node's port, unless cluster-port says otherwise
SLOTS = ((0, 5460), (5461, 10922), (10923, 16383))
USER = "authkit"


def make_certificates(folder):
    """An authority, and certificates of it for one key: a good one, one that has expired, one for another name."""
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    new_key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    openssl("req", "-x509", *new_key, "-days", "30", "-subj", "/CN=authkit test authority", "-keyout", "ca.key", "-out", "ca.pem")
    openssl("req", *new_key, "-subj", "/CN=localhost", "-keyout", "server.key", "-out", "server.csr")
    for name, days, names in (("server", "30", "DNS:localhost,IP:127.0.0.1"), ("expired", "-1", "DNS:localhost"), ("stranger", "30", "DNS:stranger")):
        (folder / "names").write_text(f"subjectAltName={names}\n")
        openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", days, "-extfile", "names", "-out",
                f"{name}.pem")
    (folder / "server.key").chmod(0o644)  # the server runs as another user


def is_cluster(name):
    return name in CLUSTER


def settings(name, folder, port_of, bus_port):
    port = port_of(name)
    if name in SENTINELS:
        return (f"bind 127.0.0.1\ndir {folder}\nport {port}\nsentinel monitor {MASTER_NAME} 127.0.0.1 {port_of('master')} 2\n"
                f"sentinel down-after-milliseconds {MASTER_NAME} 1000\nsentinel failover-timeout {MASTER_NAME} 3000\n")
    common = f"bind 127.0.0.1\ndir {folder}\ndaemonize no\nsave \"\"\nloglevel notice\nmaxmemory-policy noeviction\n"
    if name == "redis_tls":
        return common + (f"port 0\ntls-port {port}\ntls-cert-file server.pem\ntls-key-file server.key\ntls-ca-cert-file ca.pem\n"
                         f"tls-auth-clients no\nuser default off\nuser {USER} on >{USER} ~* &* +@all\n")
    common += f"port {port}\nunixsocket {folder}/socket\nunixsocketperm 777\nappendonly yes\nappendfsync always\n"
    if name in DATA:
        common += "repl-diskless-sync-delay 0\n" + (f"replicaof 127.0.0.1 {port_of('master')}\n" if name == "replica" else "")
    if is_cluster(name):
        common += f"cluster-enabled yes\ncluster-config-file nodes.conf\ncluster-node-timeout 2000\ncluster-port {bus_port}\n"
    return common


def node_id(name):
    return f"{CLUSTER.index(name) + 1:040x}"


def nodes_conf(me, port, bus_port):
    """What `redis-cli --cluster create` would arrive at, some seconds later."""
    lines = []
    for name, (first, last) in zip(CLUSTER, SLOTS):
        flags = "myself,master" if name == me else "master"
        epoch = CLUSTER.index(name) + 1
        lines.append(f"{node_id(name)} 127.0.0.1:{port(name)}@{bus_port(name)} {flags} - 0 0 {epoch} connected {first}-{last}\n")
    return "".join(lines) + f"vars currentEpoch {len(CLUSTER)} lastVoteEpoch 0\n"


def make(name, folder, port, bus_port):
    """Everything of a server but the process; `port` and `bus_port` give those of a name."""
    folder.mkdir()
    if name == "redis_tls":
        make_certificates(folder)
    if is_cluster(name):
        (folder / "nodes.conf").write_text(nodes_conf(name, port, bus_port))
    (folder / "redis.conf").write_text(settings(name, folder, port, bus_port(name)))


def command(folder):
    found = shutil.which("redis-server")
    return [found, str(folder / "redis.conf"), *(["--sentinel"] if folder.name in SENTINELS else [])] if found else None


def is_ready(name, port):
    """Behind TLS that it listens is enough; elsewhere it must serve, in a cluster all slots; a sentinel must know the replica and the other two, or it can do
    nothing when the master goes."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as client:
            if name == "redis_tls":
                return True
            question = {"replica": "INFO replication"}.get(name, "CLUSTER INFO" if is_cluster(name) else "PING")
            client.sendall(f"{'INFO sentinel' if name in SENTINELS else question}\r\n".encode())
            answer = client.recv(4096)
            return any(sign in answer for sign in (b"cluster_state:ok", b"+PONG\r\n", b"role:master", b"master_link_status:up", b"slaves=1,sentinels=3"))
    except OSError:
        return False


def watched_environment(port):
    sentinels = ",".join(f"127.0.0.1:{port(name)}" for name in SENTINELS)
    return {"AUTHKIT_TEST_REDIS_SENTINEL": f"redis+sentinel://{sentinels}/{MASTER_NAME}"}


def environment(folder, port):
    cluster = ",".join(f"127.0.0.1:{port(name)}" for name in CLUSTER)
    return {
        "AUTHKIT_TEST_REDIS": f"redis://127.0.0.1:{port('redis')}/0",
        "AUTHKIT_TEST_REDIS_SOCKET": f"unix:{folder}/redis/socket",
        "AUTHKIT_TEST_REDIS_TLS": f"rediss://{USER}:{USER}@localhost:{port('redis_tls')}/0?ca_file={folder}/redis_tls/ca.pem",
        "AUTHKIT_TEST_REDIS_CLUSTER": f"redis+cluster://{cluster}",
    }
