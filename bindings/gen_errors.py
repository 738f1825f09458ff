#!/usr/bin/env python3
"""Makes the error classes of the Python and Go bindings from include/authkit/errors.def.

gen_errors.py          writes bindings/python/authkit/errors.py and bindings/go/errors.go
gen_errors.py --check  writes nothing; fails when either differs from what it would write
"""

import pathlib
import re
import sys
import textwrap
from typing import List, NamedTuple

HERE = pathlib.Path(__file__).resolve().parent
ROW = re.compile(r'AUTHKIT_ERROR\(\s*(\w+),\s*(\w+),\s*(\d+),\s*(\d+),\s*(\w+),\s*"([^"]*)"\s*\)')
KINDS = ("input", "auth", "state", "limit", "backend", "internal")


class Row(NamedTuple):
    name: str
    number: int
    status: int
    kind: str
    title: str

    @property
    def camel(self) -> str:
        return "".join(part.capitalize() for part in self.name.split("_"))


def read_rows() -> List[Row]:
    text = (HERE.parent / "include/authkit/errors.def").read_text()
    return [Row(m[0], int(m[2]), int(m[3]), m[4], m[5]) for m in ROW.findall(text)]


PYTHON_HEAD = '''"""Exceptions of authkit, one per row of the error table. Made by bindings/gen_errors.py; do not edit."""

from typing import Any, Dict, Mapping, Optional, Type

from ._error import AuthkitError

__all__ = [
{names}
]


'''


def python_text(rows: List[Row]) -> str:
    bases = [f"{kind.capitalize()}Error" for kind in KINDS]
    names = ", ".join(f'"{name}"' for name in ("AuthkitError", *bases, *(row.camel for row in rows), "from_status"))
    out = [PYTHON_HEAD.format(names=textwrap.fill(names, 118, initial_indent="    ", subsequent_indent="    ") + ",")]
    for base in bases:
        out.append(f'class {base}(AuthkitError):\n    """Any error of the {base[:-5].lower()} block."""\n\n\n')
    for row in rows:
        out.append(
            f'class {row.camel}({row.kind.capitalize()}Error):\n    """{row.title}."""\n\n'
            f'    code, number, http_status, title = "{row.name}", {row.number}, {row.status}, "{row.title}"\n\n\n'
        )
    out.append(
        "_by_number: Dict[int, Type[AuthkitError]] = {\n"
        "    row.number: row for block in AuthkitError.__subclasses__() for row in block.__subclasses__()\n}\n\n\n"
        "def from_status(status: int, detail: str, document: Optional[Mapping[str, Any]] = None) -> AuthkitError:\n"
        '    """The exception of a status of the C interface; an unknown one is an AuthkitError."""\n'
        "    return _by_number.get(status, AuthkitError)(detail, document)\n"
    )
    return "".join(out)


GO_HEAD = """// Made by bindings/gen_errors.py from the error table; do not edit.

package authkit

// Code is a row of the error table. Test for one with errors.Is(err, authkit.ErrInvalidCredentials).
type Code int32

// The error table.
const (
"""


def go_text(rows: List[Row]) -> str:
    width = max(len(row.camel) for row in rows) + 3
    out = [GO_HEAD]
    for row in rows:
        out.append(f"\t// {row.title}.\n\tErr{row.camel} Code = {row.number}\n")
    out.append(")\n\nvar codes = map[Code]struct {\n\tname   string\n\tstatus int\n\ttitle  string\n}{\n")
    for row in rows:
        out.append(f'\t{("Err" + row.camel + ":").ljust(width + 2)}{{"{row.name}", {row.status}, "{row.title}"}},\n')
    out.append("}\n")
    return "".join(out)


def main() -> int:
    rows = read_rows()
    check = sys.argv[1:] == ["--check"]
    differs = []
    for path, text in ((HERE / "python/authkit/errors.py", python_text(rows)), (HERE / "go/errors.go", go_text(rows))):
        if path.exists() and path.read_text() == text:
            continue
        if check:
            differs.append(str(path.relative_to(HERE.parent)))
        else:
            path.write_text(text)
    if differs:
        print(f"{', '.join(differs)}: not what errors.def says; run bindings/gen_errors.py")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
