"""The three who share one database: the C++ server, Python in this process, Go in a process of its own. All answer to the same few operations."""

import http.client
import json
import subprocess

import authkit


class Refused(Exception):
    """What was asked was refused; str() is the code of the error table."""


class Cpp:
    """The server, over HTTP; what HTTP does not offer, its command line does."""

    name = "C++"
    revoked = "invalid_token"  # HTTP does not tell a stranger why

    def __init__(self, program, url):
        self._program, self._address = program, url.removeprefix("http://")

    def _call(self, method, path, body=None, token=None):
        connection = http.client.HTTPConnection(self._address, timeout=20)
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        response = connection.getresponse()
        text = response.read()
        connection.close()
        document = json.loads(text) if text else {}
        if response.status >= 400:
            raise Refused(document["code"])
        return document

    def sign_up(self, email, password):
        return self._call("POST", "/v1/auth/register", {"email": email, "password": password})["user"]["id"]

    def log_in(self, email, password):
        return self._pair(self._call("POST", "/v1/auth/login", {"email": email, "password": password}))

    def refresh(self, token):
        return self._pair(self._call("POST", "/v1/auth/refresh", {"refresh_token": token}))

    def verify(self, token):
        return self._call("GET", "/v1/auth/me", token=token)["id"]

    def log_out(self, token):
        self._call("POST", "/v1/auth/logout", token=token)

    def hash(self, password):
        return subprocess.run([self._program, "hash"], input=password + "\n", check=True, capture_output=True, text=True).stdout.strip()

    @staticmethod
    def _pair(grant):
        return {"access": grant["access_token"], "refresh": grant["refresh_token"]}


class Python:
    """The binding, in this process."""

    name = "Python"
    revoked = "token_revoked"

    def __init__(self):
        self._auth = authkit.Authkit(env=True)

    def close(self):
        self._auth.close()

    def __getattr__(self, operation):
        def carry_out(*arguments):
            try:
                return getattr(self, "_" + operation)(*arguments)
            except authkit.AuthkitError as failure:
                raise Refused(failure.code) from failure

        return carry_out

    def _sign_up(self, email, password):
        return self._auth.sign_up(email, password).id

    def _sign_up_seen(self, email, password):
        seen = authkit.ReadAfter()
        self._auth.sign_up(email, password, client=authkit.Client(read_after=seen))
        return seen.text

    def _emails(self, seen):
        return [user.email for user in self._auth.users(authkit.Client(read_after=authkit.ReadAfter(seen)))]

    def _log_in(self, email, password):
        grant = self._auth.log_in(email, password)
        return {"access": grant.access_token, "refresh": grant.refresh_token}

    def _refresh(self, token):
        grant = self._auth.refresh(token)
        return {"access": grant.access_token, "refresh": grant.refresh_token}

    def _verify(self, token):
        return self._auth.check_token(token).user_id

    def _log_out(self, token):
        self._auth.log_out(token)

    def _issue(self, user):
        return self._auth.issue_token({"sub": user})

    def _revoke(self, token):
        self._auth.revoke_token(token)

    def _hash(self, password):
        return self._auth.hash_password(password)

    def _check(self, password, encoded):
        return self._auth.verify_password(password, encoded)


class Go:
    """The binding, in go_member, a line a call."""

    name = "Go"
    revoked = "token_revoked"

    def __init__(self, program):
        self._process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def close(self):
        self._process.stdin.close()
        if self._process.wait(20) != 0:
            raise SystemExit("error: the Go member ended badly")

    def __getattr__(self, operation):
        def carry_out(*arguments):
            self._process.stdin.write(json.dumps({"op": operation, "args": arguments}) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
            if not line:
                raise SystemExit("error: the Go member is gone")
            answer = json.loads(line)
            if "error" in answer:
                raise Refused(answer["error"])
            return answer.get("result")

        return carry_out
