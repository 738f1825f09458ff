"""Every folder says what lives there, and the tables of README.md are what the program says."""

import posixpath
import re
import subprocess

BEGIN, END = "<!-- table: {} -->\n", "<!-- end of table: {} -->"


def error_table(tree):
    rows = re.findall(r'^AUTHKIT_ERROR\((\w+), \w+, (\d+), (\d+), (\w+), "([^"]*)"\)', tree.text("include/authkit/errors.def"), re.MULTILINE)
    lines = [f"| {number} | `{name}` | {status} | {title} |" for name, number, status, _, title in rows]
    return "\n".join(["| number | code | HTTP status | meaning |", "|---|---|---|---|", *lines]) + "\n"


def option_table(tree):
    program = tree.build / "bin/authkit_option_table"
    return subprocess.run([program], check=True, capture_output=True, text=True).stdout


TABLES = {"errors": error_table, "options": option_table}


def block(text, name):
    match = re.search(re.escape(BEGIN.format(name)) + "(.*?)" + re.escape(END.format(name)), text, re.DOTALL)
    return match[1] if match else None


def check(tree, paths):
    folders = {posixpath.dirname(path) for path in paths if not path.startswith(".") and "/" in path}
    findings = [f"{folder}: has no README.md" for folder in sorted(folders) if not tree.exists(folder + "/README.md")]
    if "README.md" in paths:
        text = tree.text("README.md")
        findings += [f"README.md: the table of {name} is not what the program says (tests/checks/run.py --write-tables)"
                     for name, table in TABLES.items() if block(text, name) != table(tree)]
    return findings


def write(tree):
    """Puts the tables of the program into README.md."""
    text = tree.text("README.md")
    for name, table in TABLES.items():
        inside = block(text, name)
        if inside is None:
            raise SystemExit(f"README.md has no markers for the table of {name}")
        text = text.replace(BEGIN.format(name) + inside + END.format(name), BEGIN.format(name) + table(tree) + END.format(name))
    (tree.root / "README.md").write_text(text, encoding="utf-8")


PLANTS = [
    ("src/newcomer/planted.cpp", ""),
    ("README.md", BEGIN.format("errors") + "| 999 |\n" + END.format("errors")),
]
