#!/usr/bin/python3
"""The C interface only grows: what a program was compiled against at the last release still holds. Compares with the last tag, when there is one, what
abidiff sees in a library of empty functions made from each c.h, and the values of the constants; proves first that it would see each kind of break.
Ends with "N passed, N failed".
"""

import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
HEADERS = ("c.h", "errors.def", "export.h")
COMPILER = ["cc", "-std=c11", "-w"]


def header_folder(folder, read):
    """The public headers of one state of the tree; read(name) gives a file's text."""
    (folder / "authkit").mkdir(parents=True)
    for name in HEADERS:
        (folder / "authkit" / name).write_text(read(name))
    (folder / "authkit/version.h").write_text("")
    return folder


def plain(folder):
    """The header without comments and preprocessor lines."""
    text = re.sub(r"/\*.*?\*/", "", (folder / "authkit/c.h").read_text(), flags=re.S)
    return re.sub(r"^\s*#.*$", "", text, flags=re.M)


def library(folder):
    """A shared library with c.h's functions, all empty, and its debug information."""
    bodies = []
    for result, name, arguments in re.findall(r"AUTHKIT_API\s+([^;(]*?)\b(authkit_\w+)\(([^;]*?)\);", plain(folder), flags=re.S):
        bodies.append(f"{result}{name}({arguments}) {{ {'' if result.strip() == 'void' else 'return 0;'} }}")
    source, target = folder / "stub.c", folder / "libstub.so"
    source.write_text("#include <authkit/c.h>\n" + "\n".join(bodies) + "\n")
    subprocess.run([*COMPILER, "-g", "-shared", "-fPIC", "-Wl,-soname,libauthkit_c.so.0", "-I", folder, source, "-o", target], check=True)
    return target, len(bodies)


def constants(folder):
    """Every enumerator and its value."""
    text = subprocess.run([*COMPILER, "-E", "-P", "-I", folder, folder / "authkit/c.h"], check=True, capture_output=True, text=True).stdout
    return {name: int(value) for name, value in re.findall(r"\b(AUTHKIT_\w+) = (\d+)", text)}


def breaks(old, new):
    """What a program compiled against `old` would miss in `new`."""
    (old_library, _), (new_library, _) = library(old), library(new)
    difference = subprocess.run(["abidiff", "--no-added-syms", old_library, new_library], capture_output=True, text=True)
    found = difference.stdout.splitlines() if difference.returncode else []
    after = constants(new)
    return found + [f"{name} was {value}, is {after.get(name)}" for name, value in constants(old).items() if after.get(name) != value]


def planted(pattern, replacement):
    """The header with one change; the change must be one."""

    def change(text):
        changed, count = re.subn(pattern, replacement, text, count=1)
        if count != 1:
            raise SystemExit(f"error: c.h has nothing that looks like {pattern}")
        return changed

    return change


BREAKS = {
    "a function is gone": planted(r"AUTHKIT_API authkit_status authkit_jwks\([^;]*;", ""),
    "an argument is new": planted(r"(authkit_maintain\(authkit_ctx\* ctx, uint32_t budget_ms)", r"\1, int32_t more"),
    "an argument is another": planted(r"(authkit_maintain\(authkit_ctx\* ctx, )uint32_t", r"\1uint64_t"),
    "a result is another": planted(r"int32_t authkit_error_http_status", "int64_t authkit_error_http_status"),
    "a member is new": planted(r"(  int64_t auth_time_ms;)", r"\1 int64_t more;"),
    "a callback is another": planted(r"(\*authkit_log_fn\)\(void\* user, )int32_t", r"\1int64_t"),
    "a constant is another": planted(r"AUTHKIT_COOKIE = 1", "AUTHKIT_COOKIE = 2"),
}
GROWTH = {
    "nothing changed": lambda text: text,
    "a function is new": planted(r"(AUTHKIT_API void authkit_free)", r"AUTHKIT_API authkit_status authkit_newcomer(authkit_ctx* ctx);\n\1"),
    "a constant is new": planted(r"AUTHKIT_ALL = 2", "AUTHKIT_ALL = 2, AUTHKIT_MORE = 3"),
}


def last_tag():
    git = ["git", "-c", "safe.directory=*", "-C", ROOT]
    if not (ROOT / ".git").exists():
        return None, None
    tag = subprocess.run([*git, "describe", "--tags", "--abbrev=0"], capture_output=True, text=True).stdout.strip()

    def read(name):
        return subprocess.run([*git, "show", f"{tag}:include/authkit/{name}"], check=True, capture_output=True, text=True).stdout

    return tag or None, read


def main():
    passed = failed = 0

    def verdict(good, what, lines=()):
        nonlocal passed, failed
        passed, failed = (passed + 1, failed) if good else (passed, failed + 1)
        if not good:
            print(f"FAILED  {what}", *lines, sep="\n  ")

    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        now = header_folder(folder / "now", lambda file: (ROOT / "include/authkit" / file).read_text())

        def changed(number, change):
            return header_folder(folder / str(number), lambda file: change((now / "authkit" / file).read_text()) if file == "c.h" else
                                 (now / "authkit" / file).read_text())

        symbols = len((ROOT / "tests/capi/symbols.txt").read_text().split())
        functions = library(now)[1]
        verdict(functions == symbols, f"c.h declares {functions} functions, symbols.txt names {symbols}")
        cases = [(what, change, True) for what, change in BREAKS.items()] + [(what, change, False) for what, change in GROWTH.items()]
        for number, (what, change, is_break) in enumerate(cases):
            found = breaks(now, changed(number, change))
            verdict(bool(found) == is_break, f"{what}: " + ("not found" if is_break else "taken for a break"), found)
        tag, read = last_tag()
        if tag:
            found = breaks(header_folder(folder / "tag", read), now)
            verdict(not found, f"programs compiled against {tag} break", found)
        else:
            print("no release is tagged yet, so there is nothing that could break")
    print(f"{passed} passed, {failed} failed")
    return failed != 0


sys.exit(main())
