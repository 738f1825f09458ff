"""authkit in Python: accounts, sessions, tokens and their revocation, in this process.

    from authkit import Authkit, InvalidCredentials

    with Authkit({"database.url": "sqlite:auth.db"}) as auth:
        auth.sign_up("ada@example.org", "correct horse battery staple")
        grant = auth.log_in("ada@example.org", "correct horse battery staple")
        print(auth.verify_token(grant.access_token)["sub"])

A service that only checks another one's tokens opens a ``Verifier`` in its place. Every error is an exception of :mod:`authkit.errors`. Middleware for ASGI and WSGI is in :mod:`authkit.middleware`.
"""

from .auth import Authkit, answer_vector_line, version
from .errors import *  # noqa: F401,F403
from .errors import __all__ as _errors
from .models import Account, Client, Enrolment, Event, Grant, Identity, ReadAfter, Session, VerifiedToken
from .verifier import Verifier

__all__ = ["Account", "Authkit", "Client", "Enrolment", "Event", "Grant", "Identity", "ReadAfter", "Session", "VerifiedToken", "Verifier", "answer_vector_line", "version", *_errors]
