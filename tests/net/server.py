#!/usr/bin/env python3
"""server.py FOLDER: HTTPS servers on loopback that answer well and badly, until standard input ends.

Prints one line when all listen: the ports of the server with a good certificate, of the one with another's name, of the one whose certificate is
over, of the plain one, and of the one that never says a word. FOLDER gets ca.pem; FOLDER/jwks.json is served as it is at the time.
"""

import hashlib
import http.server
import pathlib
import socket
import ssl
import subprocess
import sys
import threading

folder = pathlib.Path(sys.argv[1])
seen = []


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def make_ca():
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "1", "-subj", "/CN=test authority")


def certify(name, names, *validity):
    """A certificate for `names`, and its key, in one file."""
    (folder / f"{name}.ext").write_text(f"subjectAltName={names}\n")
    request = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}")
    openssl("req", *request, "-keyout", f"{name}.key", "-out", f"{name}.csr")
    signing = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", f"{name}.ext")
    openssl("x509", "-req", "-in", f"{name}.csr", *signing, *validity, "-out", f"{name}.crt")
    (folder / f"{name}.pem").write_text((folder / f"{name}.key").read_text() + (folder / f"{name}.crt").read_text())


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        seen.append(self.path)
        self.close_connection = True
        answer = getattr(self, "answer_" + self.path[1:].split("?")[0], None)
        try:
            answer() if answer else self.send(404, b"no")
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
            pass  # who asked had enough

    def send(self, status, body, *headers, length=None):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def answer_good(self):
        self.send(200, b"hello", ("Content-Type", "image/png"))

    def answer_range(self):
        """What begins with the digits of the query is known: `correct horse breached` twice, `correct horse padding` never."""
        prefix = self.path.split("=")[1]
        rows = ["0" * 35 + ":7"]
        for text, count in ((b"correct horse breached", 2), (b"correct horse padding", 0)):
            digest = hashlib.sha1(text).hexdigest().upper()
            rows += [f"{digest[5:]}:{count}"] if digest.startswith(prefix) else []
        self.send(200, "\r\n".join(rows).encode(), ("Content-Type", "text/plain"))

    def answer_jwks(self):
        self.send(200, (folder / "jwks.json").read_bytes())

    def answer_seen(self):
        self.send(200, "\n".join(seen).encode())

    def answer_headers(self):
        self.send(200, str(self.headers).encode(), ("Set-Cookie", "a=b; Path=/"))

    def answer_redirect(self):
        self.send(302, b"", ("Location", "/followed"))

    def answer_empty(self):
        self.send(204, b"")

    def answer_fits(self):
        self.send(200, b"x" * 1000)

    def answer_huge(self):
        self.send(200, b"x" * 1001)

    def answer_endless(self):
        self.send_response(200)
        self.end_headers()
        while True:
            self.wfile.write(b"x" * 65536)

    def answer_dribble(self):
        self.send_response(200)
        self.end_headers()
        while not over.wait(0.02):
            self.wfile.write(b"x")

    def answer_silent(self):
        over.wait()

    def answer_early(self):
        self.send(200, b"half", length=8)

    def answer_nothing(self):
        pass

    def answer_noise(self):
        self.wfile.write(b"what is HTTP?\r\n\r\n")

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    def __init__(self, certificate=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.context = None
        if certificate:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(folder / f"{certificate}.pem")
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def finish_request(self, request, client_address):
        if self.context:
            try:
                request = self.context.wrap_socket(request, server_side=True)
            except (OSError, ssl.SSLError):
                return  # the client did not like the certificate
        super().finish_request(request, client_address)
        request.close()


over = threading.Event()
make_ca()
certify("good", "DNS:localhost,IP:127.0.0.1", "-days", "1")
certify("another", "DNS:another.example,IP:127.0.0.2", "-days", "1")
certify("expired", "DNS:localhost,IP:127.0.0.1", "-days", "-1")
servers = [Server("good"), Server("another"), Server("expired"), Server()]
mute = socket.create_server(("127.0.0.1", 0))
print(*(server.server_port for server in servers), mute.getsockname()[1], flush=True)
sys.stdin.read()
over.set()
