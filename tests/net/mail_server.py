#!/usr/bin/env python3
"""mail_server.py FOLDER: SMTP servers on loopback, until standard input ends.

Prints two ports when both listen: one without TLS, one that takes nothing before STARTTLS and a login (user `ada`, password `pa:ss w/rd`). FOLDER gets
ca.pem, and a file a message in FOLDER/mail: the recipient in the first line, then what arrived. Each line of standard input is answered with "ok":
`take`, `busy` (451 for every recipient), `refuse` (550), `stop` and `start` (nothing listens in between).
"""

import pathlib
import socket
import ssl
import subprocess
import sys

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

folder = pathlib.Path(sys.argv[1])
mode = "take"
count = 0


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if mode == "busy":
            return "451 try again later"
        if mode == "refuse":
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        global count
        count += 1
        head = ",".join(envelope.rcpt_tos) + "\n"
        draft = folder / "draft"
        draft.write_bytes(head.encode() + envelope.content)
        draft.rename(folder / "mail" / f"{count:04}")
        return "250 taken"


def authenticate(server, session, envelope, mechanism, data):
    good = mechanism in ("PLAIN", "LOGIN") and data.login == b"ada" and data.password == b"pa:ss w/rd"
    return AuthResult(success=good, handled=False)


def make_certificate():
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "mail.key")
    names = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1")
    subprocess.run(["openssl", "req", "-x509", *key, "-out", "ca.pem", "-days", "1", *names], check=True, cwd=folder, stderr=subprocess.PIPE)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "ca.pem", folder / "mail.key")
    return context


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def main():
    global mode
    (folder / "mail").mkdir()
    secure_only = {"tls_context": make_certificate(), "require_starttls": True, "auth_required": True, "authenticator": authenticate}
    options = {free_port(): {}, free_port(): secure_only}

    def start():
        servers = [Controller(Handler(), hostname="127.0.0.1", port=port, **more) for port, more in options.items()]
        for server in servers:
            server.start()
        return servers

    running = start()
    print(*options, flush=True)
    for line in sys.stdin:
        command = line.strip()
        if command == "stop":
            for server in running:
                server.stop()
        elif command == "start":
            running = start()
        else:
            mode = command
        print("ok", flush=True)
    for server in running:
        server.stop()


if __name__ == "__main__":
    main()
