"""Who may include whom. A row of ALLOWED is a layer and the layers its files may name in `#include "..."`."""

import posixpath
import re

FEATURES = {"ticket", "factor", "notify", "password", "token", "session", "account", "limit", "event", "revocation"}

# Public headers by the layer they speak for; one that is not named here belongs to everybody.
PUBLIC = {
    **dict.fromkeys(("password", "token", "key", "remote_keys", "session", "session_store", "account", "account_store"), "features"),
    **dict.fromkeys(("limit", "event", "revocation", "ticket_store", "factor_store", "outbox_store", "notify", "role"), "features"),
    "database": "database",
    "soci": "database",
    **dict.fromkeys(("auth", "config"), "front"),
}

ALLOWED = {
    "core": {"core", "base"},
    **{feature: {"core", feature, "base", "features"} for feature in FEATURES},
    # Tickets and factors have no face of their own: the flows are their one user.
    "account": {"core", "account", "ticket", "factor", "base", "features"},
    "db": {"core", "db", "base", "database"},
    "redis": {"core", "redis", "base"},
    "net": {"core", "net", "base"},
    "adapter": {"core", "db", "redis", "base", "database", "features"} | FEATURES,
    "root": {"core", "db", "redis", "net", "root", "base", "database", "features", "front"} | FEATURES,
    "include": {"base", "database", "features", "front"},
    "guest": {"base", "database", "features", "front", "own"},
}

# Third-party headers that only some files may see.
THIRD_PARTY = [
    (r"(soci/.*|sqlite3\.h)", r"src/db/.*|src/\w+/sql_\w+\.[ch]pp|tests/.*|include/authkit/soci\.hpp"),
    (r"boost/(asio|beast)(/.*|\.hpp)", r"src/(redis|net)/.*|examples/server/listener\.cpp|tests/.*"),
    (r"boost/json.*", r".*\.cpp|src/core/json\.hpp|src/token/strict_json\.hpp|examples/.*|tests/.*"),
    (r"(CLI|curl)/.*", r"examples/.*|src/net/.*|tests/.*"),
]

INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]', re.MULTILINE)


def layer_of(path):
    parts = path.split("/")
    if parts[0] == "include":
        return "include"
    if parts[0] in ("capi", "examples", "bindings"):
        return "guest"
    if parts[0] != "src":
        return None
    if re.match(r"(sql|redis)_\w+_(store|stream)\.", parts[-1]):
        return "adapter"
    return "root" if len(parts) == 2 else parts[1]


def target_of(tree, path, name):
    """The layer a quoted include leads to, or None when it leads nowhere it may."""
    if name.startswith("authkit/"):
        return PUBLIC.get(name.removeprefix("authkit/").split(".")[0], "base")
    beside = posixpath.normpath(posixpath.join(posixpath.dirname(path), name))
    if layer_of(path) == "guest":
        own = "/".join(path.split("/")[: 1 if path.startswith("capi/") else 2])
        return "own" if any(place.startswith(own + "/") and tree.exists(place) for place in (beside, f"{own}/{name}")) else None
    if ".." in name:
        return None
    if tree.exists("src/" + name):
        return name.split("/")[0] if "/" in name else "root"
    return layer_of(path) if tree.exists(beside) else None


def check(tree, paths):
    findings = []
    for path in paths:
        layer = layer_of(path)
        for match in INCLUDE.finditer(tree.text(path)) if path.endswith((".cpp", ".hpp", ".h", ".c")) else ():
            name = match[2]
            if match[1] == "<":
                findings += [f"{path}: may not include <{name}>" for what, where in THIRD_PARTY if re.fullmatch(what, name) and not re.fullmatch(where, path)]
            elif layer in ALLOWED and target_of(tree, path, name) not in ALLOWED[layer]:
                findings.append(f'{path}: layer {layer} may not include "{name}"')
            elif layer and layer not in ALLOWED:
                findings.append(f"{path}: src/{layer} is no layer of the table in tests/checks/layers.py")
    return findings


PLANTS = [
    ("src/session/planted.cpp", '#include "db/sqlite.hpp"\n'),
    ("src/account/planted.cpp", '#include "authkit/database.hpp"\n'),
    ("src/core/planted.hpp", '#include "authkit/account.hpp"\n'),
    ("src/core/planted.cpp", '#include "../db/sqlite.hpp"\n'),
    ("src/db/planted.cpp", '#include "authkit/session_store.hpp"\n'),
    ("src/token/planted.cpp", "#include <soci/soci.h>\n"),
    ("examples/server/planted.cpp", '#include "core/hex.hpp"\n'),
    ("examples/server/planted_too.cpp", "#include <boost/beast.hpp>\n"),
    ("src/newcomer/planted.cpp", '#include "core/hex.hpp"\n'),
]
