#!/usr/bin/python3
"""The house checks. Each reads the tree, then proves on a copy with a planted violation that it would have found one.

    run.py [--build DIR] [CHECK...]       all but tidy when none is named
    run.py [--build DIR] --write-tables   puts the program's tables into README.md
"""

import argparse
import pathlib
import shutil
import sys
import tempfile
import time

import format
import headers
import house
import layers
import readme
import sizes
import tidy
import words

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHECKS = {"layers": layers, "headers": headers, "sizes": sizes, "format": format, "words": words, "readme": readme, "tidy": tidy}


def blind_spots(check, tree):
    """The planted violations that the check does not find."""
    with tempfile.TemporaryDirectory() as name:
        copy = house.Tree(name, tree.build)
        for path in tree.files():
            (copy.root / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(tree.root / path, copy.root / path)
        for path, content in check.PLANTS:
            (copy.root / path).parent.mkdir(parents=True, exist_ok=True)
            (copy.root / path).write_text(content)
        return [f"{path}: the violation planted there was not found" for path, _ in check.PLANTS if not check.check(copy, [path])]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default=ROOT / "build")
    parser.add_argument("--write-tables", action="store_true")
    parser.add_argument("checks", nargs="*")
    arguments = parser.parse_args()
    tree = house.Tree(ROOT, pathlib.Path(arguments.build).resolve())
    if arguments.write_tables:
        return readme.write(tree)

    unknown = set(arguments.checks) - set(CHECKS)
    if unknown:
        parser.error(f"no such check: {', '.join(unknown)}; there are {', '.join(CHECKS)}")
    passed = failed = 0
    for name in arguments.checks or [name for name in CHECKS if name != "tidy"]:
        begun = time.monotonic()
        for what, findings in ((name, CHECKS[name].check(tree, tree.files())), (f"{name}, planted", blind_spots(CHECKS[name], tree))):
            passed, failed = (passed, failed + 1) if findings else (passed + 1, failed)
            print(f"{what:18} {'FAILED' if findings else 'ok'}  ({time.monotonic() - begun:.1f} s)", flush=True)
            print("".join(f"  {finding}\n" for finding in findings), end="", flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
