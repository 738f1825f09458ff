"""What the Python peers share: JSON lines in, JSON lines out."""

import json
import sys
import time

CLAIMS = {"iss": "the peer", "aud": ["somebody", "authkit"], "sub": "a user"}


def claims():
    now = int(time.time())
    return {**CLAIMS, "iat": now, "nbf": now, "exp": now + 300}


def answer(issue, verify):
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["op"] == "issue":
                reply = issue(request["alg"])
            else:
                reply = {"sub": verify(request)["sub"]}
        except Exception as refused:  # whatever a library says no with
            reply = {"error": repr(refused)[:200]}
        print(json.dumps(reply), flush=True)
