"""Every C and C++ file is as .clang-format writes it."""

import subprocess

import house


def unformatted(tree, path):
    run = subprocess.run(["clang-format", "--dry-run", "-Werror", "--style=file", path], cwd=tree.root, capture_output=True, text=True)
    if run.returncode != 0:
        first = run.stderr.strip().splitlines()[0] if run.stderr.strip() else "clang-format failed"
        yield f"{path}: {first} (clang-format -i {path})"


def check(tree, paths):
    return house.in_parallel(lambda path: list(unformatted(tree, path)), [path for path in paths if path.endswith((".cpp", ".hpp", ".h", ".c"))])


PLANTS = [("src/core/planted.cpp", "int   planted( ) { return 0 ;}\n")]
