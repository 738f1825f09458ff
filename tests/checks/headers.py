"""Each public header compiles alone, with the standard library and nothing else in sight."""

import re
import subprocess
import tempfile

import house

STANDARD_C = {"stddef.h", "stdint.h"}
OPT_IN = "include/authkit/soci.hpp"  # the one header that shows a third party


def version_header(tree, folder):
    version = re.search(r"project\(authkit VERSION (\d+)\.(\d+)\.(\d+)", tree.text("CMakeLists.txt"))
    text = tree.text("include/authkit/version.h.in").replace("@PROJECT_VERSION@", ".".join(version.groups()))
    for name, number in zip(("MAJOR", "MINOR", "PATCH"), version.groups()):
        text = text.replace(f"@PROJECT_VERSION_{name}@", number)
    (folder / "authkit").mkdir()
    (folder / "authkit/version.h").write_text(text)


def included(tree, path):
    for name in re.findall(r"^\s*#\s*include\s*<([^>]+)>", tree.text(path), re.MULTILINE):
        if path != OPT_IN and ("/" in name or ("." in name and name not in STANDARD_C)):
            yield f"{path}: a public header may not include <{name}>"


def compiled(tree, path, folder):
    languages = [["c++", "-std=c++20"]] + ([["c", "-std=c11"]] if path.endswith("/c.h") else [])
    for language, standard in languages:
        run = subprocess.run(
            ["g++", "-x", language, standard, "-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Werror", f"-I{tree.root}/include", f"-I{folder}", "-"],
            input=f'#include "{path.removeprefix("include/")}"\n', capture_output=True, text=True)
        if run.returncode != 0:
            yield f"{path}: does not compile alone as {language}: {run.stderr.strip().splitlines()[0] if run.stderr else 'no message'}"


def check(tree, paths):
    headers = [path for path in paths if re.fullmatch(r"include/authkit/.*\.(hpp|h)", path)]
    with tempfile.TemporaryDirectory() as name:
        folder = tree.root.__class__(name)
        version_header(tree, folder)
        return house.in_parallel(lambda path: [*included(tree, path), *compiled(tree, path, folder)], headers)


PLANTS = [
    ("include/authkit/planted.hpp", "#pragma once\n#include <openssl/evp.h>\n"),
    ("include/authkit/planted_too.hpp", "#pragma once\nnamespace authkit { std::string planted(); }\n"),
]
