"""What must hold after a crash, and how to break it on purpose."""

import contextlib
import sqlite3
import time

import client
from client import PASSWORD


# Ids are stored as hex text.
UUID = "substr(id,1,8)||'-'||substr(id,9,4)||'-'||substr(id,13,4)||'-'||substr(id,17,4)||'-'||substr(id,21)"

QUERIES = {
    "a user without its event": f"""SELECT email FROM authkit_account a WHERE NOT EXISTS
        (SELECT 1 FROM authkit_event WHERE tenant = a.tenant AND action = 'user.registered' AND subject = {UUID.replace('(id,', '(a.id,')})""",
    "an event without its user": f"""SELECT seq FROM authkit_event WHERE action = 'user.registered' AND subject NOT IN (SELECT {UUID} FROM authkit_account)""",
    "a session without its user": "SELECT 1 FROM authkit_session s WHERE NOT EXISTS (SELECT 1 FROM authkit_account a WHERE a.id = s.user_id)",
}


def database(path, everybody):
    """The file by itself, read while no server runs. `everybody`: all addresses whose registration was ever confirmed."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        findings = [f"integrity_check: {row[0]}" for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
        findings += [f"foreign_key_check: {row}" for row in connection.execute("PRAGMA foreign_key_check")]
        for what, query in QUERIES.items():
            findings += [f"{what}: {row[0]}" for row in connection.execute(query)]
        stored = {row[0] for row in connection.execute("SELECT email FROM authkit_account")}
    return findings + [f"a confirmed registration is gone: {email}" for email in sorted(everybody - stored)]


def call(port, *words, **more):
    """Until there is an answer: that a busy machine lets a call pass its deadline says nothing of what was stored."""
    for _ in range(50):
        status, answer = client.call(port, *words, **more)
        if status != 503:
            break
        time.sleep(0.1)
    return status, answer


def confirmed(port, clients):
    """What the clients of this round were told, asked of the server again. Findings by what they are about."""
    live = [session for session in clients.sessions if not session.ended and not session.closing]
    return {
        "every confirmed registration can log in": lost_registrations(port, clients.registered),
        "every ended session stays out": living_dead(port, [session for session in clients.sessions if session.ended]),
        "every live session goes on, with one successor to each refresh token": broken_sessions(port, live),
    }


def lost_registrations(port, registered):
    findings = []
    for email, user in registered.items():
        status, answer = call(port, "POST", "/v1/auth/login", {"email": email, "password": PASSWORD})
        if status != 200 or answer["user"]["id"] != user:
            findings.append(f"{email}: the login answered {status} {answer.get('code')}")
    return findings


def living_dead(port, ended):
    findings = []
    for session in ended:
        for name, (status, _) in {
            "access token": call(port, "GET", "/v1/auth/me", token=session.access),
            "refresh token": call(port, "POST", "/v1/auth/refresh", {"refresh_token": session.refresh}),
        }.items():
            if status != 401:
                findings.append(f"{session.email}: the {name} answered {status} after the logout")
    return findings


def broken_sessions(port, live):
    findings = []
    for session in live:
        if session.previous and not session.open:
            # As a client that never saw the answer would: it asks with the token before, and must get what it had been given.
            status, answer = call(port, "POST", "/v1/auth/refresh", {"refresh_token": session.previous})
            if status != 200 or answer["refresh_token"] != session.refresh:
                findings.append(f"{session.email}: a second successor, or none: {status} {answer.get('code')}")
        status, answer = call(port, "POST", "/v1/auth/refresh", {"refresh_token": session.refresh})
        if status != 200:
            findings.append(f"{session.email}: the live refresh token answered {status} {answer.get('code')}")
            continue
        session.previous, session.refresh, session.access, session.open = session.refresh, answer["refresh_token"], answer["access_token"], False
        if call(port, "GET", "/v1/auth/me", token=session.access)[0] != 200:
            findings.append(f"{session.email}: the new access token is refused")
    return findings


def sabotage(path, clients):
    """Takes away by hand what the checks above are there to miss: an event, a user, a session, the record of who logged out."""
    live = next(session for session in clients.sessions if not session.ended and not session.closing)
    user = bytes.fromhex(clients.registered[live.email].replace("-", ""))
    lost = next(email for email in clients.registered if email != live.email)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("DELETE FROM authkit_revocation")
        connection.execute("DELETE FROM authkit_session WHERE user_id = ?", (user,))
        connection.execute("DELETE FROM authkit_event WHERE subject = ?", (clients.registered[live.email],))
        connection.execute("DELETE FROM authkit_account WHERE email = ?", (lost,))
