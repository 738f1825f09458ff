"""clang-tidy over everything that is compiled, with .clang-tidy. What was clean stays clean until it or a header it includes changes."""

import hashlib
import json
import re
import subprocess

import house
import layers

CHECKED = ("src/", "capi/", "examples/")


def fingerprint(tree, path):
    """Changes whenever the file, a header of ours below it, or the rules do."""
    digest = hashlib.sha256(tree.text(".clang-tidy").encode())
    seen, todo = set(), [path]
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        digest.update(f"{name}\0{tree.text(name)}\0".encode())
        folder = name.rsplit("/", 1)[0]
        for _, include in layers.INCLUDE.findall(tree.text(name)):
            todo += [place for place in (f"include/{include}", f"src/{include}", f"{folder}/{include}") if tree.exists(place)][:1]
    return digest.hexdigest()


def configured(tree):
    """A build folder of our own: clang cannot read the precompiled headers of the others."""
    folder = tree.build / "tidy"
    source = re.search(r"^CMAKE_HOME_DIRECTORY:INTERNAL=(.*)$", (tree.build / "CMakeCache.txt").read_text(), re.MULTILINE).group(1)
    subprocess.run(["cmake", "-S", source, "-B", folder, "-G", "Ninja", "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON"], check=True, capture_output=True)
    return folder


def tidied(tree, path, compiled, folder):
    if not any(file.endswith("/" + path) for file in compiled):
        return [f"{path}: no target compiles it"]
    stamp = folder / "clean" / fingerprint(tree, path)
    if stamp.exists():
        return []
    run = subprocess.run(["clang-tidy", "--quiet", "-p", folder, "--extra-arg=-Wno-unknown-warning-option", tree.root / path],
                         cwd=tree.root, capture_output=True, text=True)
    if run.returncode == 0:
        stamp.touch()
        return []
    findings = re.findall(r"^(.*?: (?:warning|error): .*)$", run.stdout + run.stderr, re.MULTILINE)
    return sorted({finding.removeprefix(f"{tree.root}/") for finding in findings}) or [f"{path}: clang-tidy failed"]


def check(tree, paths):
    folder = configured(tree)
    compiled = {row["file"] for row in json.loads((folder / "compile_commands.json").read_text())}
    (folder / "clean").mkdir(exist_ok=True)
    judged = [path for path in paths if path.startswith(CHECKED) and path.endswith(".cpp")]
    return house.in_parallel(lambda path: tidied(tree, path, compiled, folder), judged)


PLANTS = [("src/core/hex.cpp", "int planted(int* p) {\n  p = 0;\n  return *p;\n}\n")]
