"""Builds the wheel: libauthkit_c and the libraries it needs travel inside. AUTHKIT_LIBRARY names one that is built already."""

import os
import pathlib
import re
import shutil
import subprocess

from setuptools import setup
from setuptools.command.build_py import build_py
from wheel.bdist_wheel import bdist_wheel

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# What every Linux system brings, or must keep up to date by itself because it does TLS (OpenSSL, libpq, libcurl), stays outside.
CARRIED = re.compile(r"lib(soci_\w+|sodium|fmt|utf8proc|boost_\w+|sqlite3)\.so")


def version() -> str:
    found = re.search(r"project\(authkit VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text())
    if found is None:
        raise SystemExit("CMakeLists.txt names no version")
    return found[1]


def built_library(folder: pathlib.Path) -> pathlib.Path:
    named = os.environ.get("AUTHKIT_LIBRARY")
    if named:
        return pathlib.Path(named).resolve()
    options = ["-DCMAKE_BUILD_TYPE=Release", "-DAUTHKIT_C=ON", "-DAUTHKIT_TESTS=OFF", "-DAUTHKIT_EXAMPLES=OFF"]
    subprocess.run(["cmake", "-S", str(ROOT), "-B", str(folder), "-G", "Ninja", *options], check=True)
    subprocess.run(["cmake", "--build", str(folder), "--target", "authkit_c"], check=True)
    return (folder / "lib/libauthkit_c.so.0").resolve()


def carry(library: pathlib.Path, target: pathlib.Path) -> None:
    shutil.copy2(library, target / "libauthkit_c.so.0")
    for name, path in re.findall(r"(\S+) => (\S+)", subprocess.run(["ldd", str(library)], check=True, capture_output=True, text=True).stdout):
        if CARRIED.match(name):
            shutil.copy2(path, target / name)
    for carried in target.glob("*.so*"):  # each looks beside itself
        subprocess.run(["patchelf", "--force-rpath", "--set-rpath", "$ORIGIN", str(carried)], check=True)


class BuildWithLibrary(build_py):
    def run(self) -> None:
        super().run()
        target = pathlib.Path(self.build_lib) / "authkit"
        target.mkdir(parents=True, exist_ok=True)
        carry(built_library(pathlib.Path(self.build_lib).resolve().parent / "native"), target)


class PlatformWheel(bdist_wheel):
    def finalize_options(self) -> None:
        super().finalize_options()
        self.root_is_pure = False

    def get_tag(self) -> "tuple[str, str, str]":
        return ("py3", "none", super().get_tag()[2])


setup(version=version(), cmdclass={"build_py": BuildWithLibrary, "bdist_wheel": PlatformWheel})
