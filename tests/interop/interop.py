"""interop.py BUILD: every algorithm both ways with every peer. Prints what failed, then "N passed, N failed"."""

import json
import pathlib
import subprocess
import sys

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import HMACAlgorithm, RSAAlgorithm

HERE = pathlib.Path(__file__).resolve().parent
BIN = pathlib.Path(sys.argv[1]).resolve() / "bin"
AUTHKIT, INTEROP = BIN / "authkit", BIN / "authkit_interop"
USER = "01890a5d-ac96-774b-bcce-b302099a8057"
PEERS = {
    "PyJWT": [sys.executable, "-B", HERE / "pyjwt_peer.py"],
    "joserfc": [sys.executable, "-B", HERE / "joserfc_peer.py"],
    "golang-jwt": [BIN / "interop_golang"],
    "jose": ["node", HERE / "jose_peer.js"],
}
ALGORITHMS = "HS256 HS384 HS512 RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA".split()
counts = {True: 0, False: 0}


def check(name, good, why=""):
    counts[bool(good)] += 1
    if not good:
        print(f"FAILED  {name}: {why}")


class Process:
    """A program that answers each line by one line."""

    def __init__(self, *command):
        self.process = subprocess.Popen([str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def line(self, text):
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().rstrip("\n")

    def ask(self, **request):
        answer = self.line(json.dumps(request))
        return json.loads(answer) if answer else {"error": "it ended"}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()


def changed(token):
    """The same token with other claims: one character in the middle of the payload."""
    head, payload, signature = token.split(".")
    at = len(payload) // 2
    return ".".join((head, payload[:at] + ("A" if payload[at] != "A" else "B") + payload[at + 1 :], signature))


def from_authkit(name, peer, alg, token, key):
    """The peer accepts authkit's token under `key`, and not a changed one."""
    rules = {"op": "verify", "alg": alg, "iss": "authkit", "aud": "authkit", **key}
    good, bad = peer.ask(token=token, **rules), peer.ask(token=changed(token), **rules)
    check(name, good.get("sub") == USER and "error" in bad, f"{good}, and of the changed one {bad}")


def to_authkit(name, verdicts, alg, token, key):
    """authkit accepts the peer's token under `key`, and not a changed one, nor under another algorithm."""

    def verdict(text, algorithm):
        opts = {"iss": "the peer", "aud": "authkit", "leeway": 5}
        return verdicts.line(json.dumps({"mode": "jwt", "alg": algorithm, "jwk": key, "token": text, "opts": opts}))

    other = next(one for one in ALGORITHMS if one != alg)
    answers = verdict(token, alg), verdict(changed(token), alg), verdict(token, other)
    check(name, answers[0] == "ok" and all(answer.startswith("reject ") for answer in answers[1:]), answers)


def exchange(name, peer, verdicts, issued, whole_set):
    for alg in ALGORITHMS:
        from_authkit(f"{alg}: authkit's token, read by {name}", peer, alg, issued[alg]["token"], {"jwk": issued[alg]["jwk"]})
        if not alg.startswith("HS"):  # whose keys are in no set
            from_authkit(f"{alg}: authkit's key set, read by {name}", peer, alg, issued[alg]["token"], {"set": whole_set})
        theirs = peer.ask(op="issue", alg=alg)
        if "error" in theirs:
            check(f"{alg}: a token of {name}", False, theirs)
            continue
        to_authkit(f"{alg}: a token of {name}, read by authkit", verdicts, alg, theirs["token"], theirs["jwk"])
        to_authkit(f"{alg}: a key set of {name}, read by authkit", verdicts, alg, theirs["token"], theirs["set"])


def simplejwt_keys():
    """By algorithm: what Django is given to sign and to verify with, and the JWK that authkit is given."""
    secret = "a secret that Django and authkit share, in text"
    key = rsa.generate_private_key(65537, 2048)
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    yield "HS256", secret, "", HMACAlgorithm.to_jwk(secret)
    yield "RS256", private, public, RSAAlgorithm.to_jwk(key)


def exchange_simplejwt(authkit):
    for alg, signing, verifying, jwk in simplejwt_keys():
        members = json.loads(jwk)
        members.pop("key_ops", None)
        key = json.dumps(members, separators=(",", ":"))
        django = [Process(sys.executable, "-B", HERE / "simplejwt_peer.py", alg, signing, verifying, kind) for kind in ("access", "refresh")]
        with django[0] as access, django[1] as refresh:
            for user in (USER, "42", 42):
                theirs = access.ask(op="issue", user=user).get("token", "no.token.here")
                answer = authkit.line(f"check {alg} {key} {theirs}")
                check(f"{alg}: an access token of simplejwt for {user!r}", answer == f"ok {user}", answer)
                answer = authkit.line(f"check {alg} {key} {changed(theirs)}")
                check(f"{alg}: a changed one", answer == "reject", answer)
            answer = authkit.line(f"check {alg} {key} {refresh.ask(op='issue', user=USER).get('token')}")
            check(f"{alg}: a refresh token of simplejwt", answer == "reject", answer)
            ours = authkit.line(f"issue {alg} {key}")
            answer = access.ask(op="verify", token=ours)
            check(f"{alg}: authkit's token, read by simplejwt", answer.get("user_id") == USER, answer)
            answer = access.ask(op="verify", token=changed(ours))
            check(f"{alg}: a changed one of authkit's", "error" in answer, answer)


def main():
    lines = subprocess.run([INTEROP, "issue"], check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    issued = {line["alg"]: line for line in map(json.loads, lines[:-1])}
    whole_set = json.loads(lines[-1])["set"]
    check("authkit issues with every algorithm", list(issued) == ALGORITHMS, list(issued))
    with Process(AUTHKIT, "vectors") as verdicts:
        for name, command in PEERS.items():
            with Process(*command) as peer:
                exchange(name, peer, verdicts, issued, whole_set)
    with Process(INTEROP, "simplejwt") as authkit:
        exchange_simplejwt(authkit)
    print(f"{counts[True]} passed, {counts[False]} failed")
    return counts[False] > 0


sys.exit(main())
