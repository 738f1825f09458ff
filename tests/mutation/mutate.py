"""Runs patches.py: each patch is applied to a copy of its file, which is compiled and linked before the rest of the library; then the token
tests must fail. The library, test objects and what was planted before come from caches, so that a patch costs a few seconds."""

import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import time

import patches

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "build/mutation"
CXX = ["ccache", "g++", "-std=c++20", "-O0", "-g0", "-w", f"-DAUTHKIT_VECTORS=\"{ROOT}/tests/vectors\""]
LIBS = ["-lboost_json", "-lfmt", "-lcrypto", "-lsodium", "-lutf8proc", "-lpthread"]

# Tests by how quickly they answer; a patch that one group does not notice meets the next.
GROUPS = {
    "bytes": ["core_test"],
    "tokens": ["token_claims_test", "token_format_test", "token_kind_test"],
    "keys": ["key_number_test", "key_pem_test", "key_test", "key_life_test", "token_test"],
    "vectors": ["token_hostile_test", "token_vector_test"],
}
SHARED = ["tests/main.cpp", "tests/unit/key_samples.cpp"]
# A header's patch is compiled into these.
USERS = {"token/strict_json.hpp": ["token/claims_reader.cpp", "token/jose_header.cpp"]}


def run(command, **options):
    return subprocess.run(command, capture_output=True, text=True, errors="replace", **options)


def compile_file(source, target, first_include=None):
    include = ([f"-I{first_include}"] if first_include else []) + [f"-I{ROOT}/src", f"-I{ROOT}/include", f"-I{ROOT}/build/include", f"-I{ROOT}/tests"]
    return run([*CXX, *include, "-c", str(source), "-o", str(target)])


def unit_tests(names):
    return sorted(path for name in names for path in (ROOT / "tests/unit").glob(name + ".cpp"))


def prepare(library, jobs, tests):
    """The library without debug information, and the objects of the test binaries."""
    OUT.mkdir(parents=True, exist_ok=True)
    subprocess.run(["strip", "-g", "-o", OUT / "authkit.a", library], check=True)
    vectors = sorted(path for path in (ROOT / "tests/vectors").glob("*.cpp") if path.name != "hostile_main.cpp")
    groups = {name: unit_tests(files) + (vectors if name == "vectors" else []) for name, files in tests.items()}
    shared = [ROOT / path for path in SHARED]
    objects = {}

    def build(source):
        target = OUT / "tests" / (source.stem + ".o")
        target.parent.mkdir(exist_ok=True)
        done = compile_file(source, target)
        if done.returncode != 0:
            sys.exit(f"error: {source} does not compile:\n{done.stderr}")
        objects[source] = str(target)

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        list(pool.map(build, {*shared, *(source for sources in groups.values() for source in sources)}))
    return {name: [objects[source] for source in [*shared, *sources]] for name, sources in groups.items()}


def first_failure(output):
    found = re.search(r"TEST CASE:\s*(.*)", output)
    return found[1].strip() if found else "the program ended"


def noticed(groups, mutants, folder):
    """The test case that fails, or None."""
    for name, objects in groups.items():
        program = folder / name
        linked = run(["g++", "-o", str(program), *mutants, *objects, str(OUT / "authkit.a"), *LIBS])
        if linked.returncode != 0:
            return "error: " + linked.stderr[-2000:]
        try:
            done = run([str(program), "--abort-after=1", "--no-path-filenames"], timeout=300)
        except subprocess.TimeoutExpired:
            return "a test that never ends"
        finally:
            program.unlink()
        if done.returncode != 0:
            return first_failure(done.stdout)
    return None


def try_patch(number, groups):
    path, old, new, what = patches.PATCHES[number]
    folder = OUT / f"mutant{number}"
    (folder / pathlib.Path(path).parent).mkdir(parents=True, exist_ok=True)
    original = (ROOT / "src" / path).read_text()
    if original.count(old) != 1:
        return path, what, f"error: the text is there {original.count(old)} times"
    (folder / path).write_text(original.replace(old, new))
    mutants = []
    for user in USERS.get(path, [path]):
        source = folder / user
        if user != path:
            source.parent.mkdir(exist_ok=True)
            source.write_text((ROOT / "src" / user).read_text())
        target = folder / (source.stem + ".o")
        done = compile_file(source, target, folder)
        if done.returncode != 0:
            return path, what, "error: it does not compile: " + done.stderr[:2000]
        mutants.append(str(target))
    return path, what, noticed(groups, mutants, folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--library", type=pathlib.Path, default=ROOT / "build/libauthkit.a")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--only", default="", help="patches whose file or name holds this text")
    parser.add_argument("--quick", action="store_true", help="without the hostile tokens and the vectors")
    arguments = parser.parse_args()
    if not arguments.library.exists():
        sys.exit(f"error: {arguments.library} is not there: tests/run.sh makes it")

    begun = time.monotonic()
    wanted = {name: files for name, files in GROUPS.items() if not (arguments.quick and name == "vectors")}
    groups = prepare(arguments.library, arguments.jobs, wanted)
    chosen = [n for n, patch in enumerate(patches.PATCHES) if arguments.only in patch[0] + " " + patch[3]]
    failed = 0
    if verdict := noticed(groups, [], OUT):
        sys.exit(f"error: the tests fail without any patch: {verdict}")
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        for path, what, verdict in pool.map(lambda n: try_patch(n, groups), chosen):
            survived = verdict is None or verdict.startswith("error: ")
            failed += survived
            print(f"{path}: {what} | {verdict or 'NOT NOTICED'}", flush=True)
    print(f"Took {time.monotonic() - begun:.0f} s.")
    print(f"{len(chosen) - failed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
