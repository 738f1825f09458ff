#!/bin/bash
# run.sh [BUILD]: installs what BUILD (default: build) holds into a new place, moves that place, and builds outside projects against it the ways people do;
# packs and unpacks the Debian packages; asks every one of them for the version. Ends with "N passed, N failed".
set -uo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
root="$(cd "$here/../.." && pwd)"
build="$(realpath "${1:-$root/build}")"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
prefix="$work/prefix" debs="$work/debs"
passed=0 failed=0

# check NAME FUNCTION: the function, in a shell of its own that ends at the first command that fails, works.
check() {
  local log="$work/log" start=$SECONDS
  (set -e; "$2") >"$log" 2>&1 </dev/null
  if [ $? = 0 ]; then
    passed=$((passed + 1)) && echo "ok      $1 ($((SECONDS - start)) s)"
  else
    failed=$((failed + 1)) && echo "FAILED  $1" && cat "$log"
  fi
}

# works PROGRAM...: it runs in a folder of its own and says what it should.
works() {
  (cd "$(mktemp -d -p "$work")" && "$@") | tee "$work/said"
  grep -q 'works$' "$work/said"
}

# cmake_project SOURCE TARGET OPTION...: configures, builds and runs a project against the moved prefix.
cmake_project() {
  local folder
  folder="$(mktemp -d -p "$work")"
  cmake -S "$1" -B "$folder" -DCMAKE_PREFIX_PATH="$prefix" "${@:3}"
  cmake --build "$folder"
  works "$folder/$2"
}
pkg_config_path() { export PKG_CONFIG_PATH="$1/lib/pkgconfig" PKG_CONFIG_LIBDIR="$1/lib/pkgconfig:$(pkg-config --variable pc_path pkg-config)"; }
c_makefile() {
  cp -r "$root/examples/c_quickstart" "$work/makefile_$1"
  make -C "$work/makefile_$1" PKG="$1"
}

install_and_move() {
  cmake --build "$build" --target authkit authkit_c authkit_c_static authkit_server
  cmake --install "$build" --prefix "$work/first"
  mv "$work/first" "$prefix"
}

cpp_find_package() { cmake_project "$here" program; }
cpp_pkg_config() {
  pkg_config_path "$prefix"
  c++ -std=c++20 "$here/program.cpp" $(pkg-config --cflags --libs 'authkit >= 0.1') -o "$work/cpp_pkg_config"
  works "$work/cpp_pkg_config"
}
cpp_own_rows() {
  cmake_project "$here" own_rows
  pkg_config_path "$prefix"
  c++ -std=c++20 "$here/own_rows.cpp" $(pkg-config --cflags --libs authkit) -o "$work/cpp_own_rows"
  works "$work/cpp_own_rows"
}
cpp_quickstart() { cmake_project "$root/examples/quickstart" quickstart; }
c_find_package() { cmake_project "$root/examples/c_quickstart" c_quickstart; }
c_find_package_static() { cmake_project "$here/c_static" c_static; }
c_pkg_config() {
  pkg_config_path "$prefix"
  c_makefile authkit_c
  readelf -d "$work/makefile_authkit_c/c_quickstart" | grep -q 'NEEDED.*libauthkit_c.so.0'
  LD_LIBRARY_PATH="$prefix/lib" works "$work/makefile_authkit_c/c_quickstart"
}
c_pkg_config_static() {
  pkg_config_path "$prefix"
  c_makefile authkit_c_static
  works "$work/makefile_authkit_c_static/c_quickstart"
}
# The one consumer that compiles the library again, so it is also the one that shows libauthkit as a shared library, and by the other compiler. Its folder
# stays for the next run.
cpp_add_subdirectory_shared() {
  local sub="$build/consumer"
  cmake -S "$here" -B "$sub" -G Ninja -DAUTHKIT_SOURCE="$root" -DBUILD_SHARED_LIBS=ON -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_BUILD_TYPE= -DAUTHKIT_PRECOMPILE=ON \
    -DCMAKE_CXX_COMPILER_LAUNCHER="$root/src/cmake/ccache.sh"
  cmake --build "$sub" --target program
  works "$sub/program"
  cmake --install "$sub/authkit" --prefix "$work/shared"
  pkg_config_path "$work/shared"
  [ "$(pkg-config --libs-only-l authkit | xargs)" = "-lauthkit" ]
  c++ -std=c++20 "$here/program.cpp" $(pkg-config --cflags --libs authkit) -o "$work/shared/program"
  LD_LIBRARY_PATH="$work/shared/lib" works "$work/shared/program"
  leaked=$(nm -DC --defined-only "$work/shared/lib/libauthkit.so" | grep -E ' [TDB] ' | grep -vE ' [TDB] (authkit::|(vtable|typeinfo|typeinfo name) for authkit::)' || true)
  [ -z "$leaked" ] || { echo "exported, and not ours: $leaked" && return 1; }
}

deb_packages() {
  (cd "$build" && cpack -G DEB -B "$debs")
  rm -rf "$debs/_CPack_Packages"
  mkdir "$work/deb" "$work/deb_dev"
  dpkg-deb -x "$debs"/authkit_*.deb "$work/deb"
  dpkg-deb -x "$debs"/authkit-dev_*.deb "$work/deb_dev"
  (cd "$work/deb" && find . -type f -o -type l | sed 's/\.so\.0\.[0-9.]*$/.so.0.*/' | sort | diff "$here/deb_contents.txt" -)
  dpkg-deb -f "$debs"/authkit_*.deb Depends | grep -q 'libssl3.*libstdc++6'
  dpkg-deb -f "$debs"/authkit-dev_*.deb Depends | grep -q '^authkit (= '
  "$work/deb/usr/bin/authkit" --help
}
# Both packages, unpacked over one another as apt would, and nothing else of authkit.
deb_consumer() {
  cp -a "$work/deb/usr" "$work/usr"
  cp -a "$work/deb_dev/usr/." "$work/usr"
  pkg_config_path "$work/usr"
  cc -std=gnu11 "$root/examples/c_quickstart/main.c" $(pkg-config --cflags --libs authkit_c) -o "$work/deb_program"
  LD_LIBRARY_PATH="$work/usr/lib" works "$work/deb_program"
}

# CMakeLists.txt states the version; whoever can be asked for it answers the same.
one_version() {
  local version
  version=$(sed -n 's/^project(authkit VERSION \([0-9.]*\).*/\1/p' "$root/CMakeLists.txt")
  [ -n "$version" ]
  same() { echo "$1: $2" && [ "$2" = "$version" ]; }
  pkg_config_path "$prefix"
  for name in authkit authkit_c authkit_c_static; do same "pkg-config $name" "$(pkg-config --modversion $name)"; done
  same "CMake package" "$(sed -n 's/^set(PACKAGE_VERSION "\(.*\)")/\1/p' "$prefix/lib/cmake/authkit/authkit-config-version.cmake")"
  same "version.h" "$(sed -n 's/^#define AUTHKIT_VERSION "\(.*\)"/\1/p' "$prefix/include/authkit/version.h")"
  same "authkit --version" "$("$prefix/bin/authkit" --version | grep -oE '[0-9]+\.[0-9]+\.[0-9]+')"
  same "libauthkit_c.so" "$(basename "$(readlink -f "$prefix/lib/libauthkit_c.so.0")" | sed 's/.*\.so\.//')"
  same "authkit_version(), from Python" \
    "$(AUTHKIT_LIBRARY="$prefix/lib/libauthkit_c.so.0" PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$root/bindings/python" /usr/bin/python3 -c 'import authkit; print(authkit.version())')"
  for deb in "$debs"/*.deb; do same "$(basename "$deb")" "$(dpkg-deb -f "$deb" Version | sed 's/-[0-9]*$//')"; done
}

check "install" install_and_move
((failed == 0)) || { echo "$passed passed, $failed failed"; exit 1; }
check "C++: find_package" cpp_find_package
check "C++: pkg-config" cpp_pkg_config
check "C++: rows of one's own (soci.hpp)" cpp_own_rows
check "C++: examples/quickstart" cpp_quickstart
check "C: find_package (examples/c_quickstart)" c_find_package
check "C: pkg-config and make" c_pkg_config
check "C: find_package, static" c_find_package_static
check "C: pkg-config and make, static" c_pkg_config_static
check "C++: add_subdirectory, shared, clang" cpp_add_subdirectory_shared
check "Debian packages" deb_packages
check "Debian packages: a C program" deb_consumer
check "one version everywhere" one_version
echo "$passed passed, $failed failed"
((failed == 0))
