#!/bin/bash
# Installs the library of build/ into a new place, moves that place, and builds outside projects against it the ways people do.
set -uo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
root="$(cd "$here/../.." && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

# consumer NAME PROGRAM FUNCTION: the function builds, the program runs and says what it should.
consumer() {
  local name=$1 program=$2 log="$work/log"
  if (set -e && "$3") >"$log" 2>&1 && "$program" >>"$log" 2>&1 && grep -q 'works$' "$log"; then
    passed=$((passed + 1)) && echo "ok      $name"
  else
    failed=$((failed + 1)) && echo "FAILED  $name" && cat "$log"
  fi
}

install_and_move() {
  cmake --build "$root/build" --target authkit
  cmake --install "$root/build" --prefix "$work/first"
  mv "$work/first" "$work/prefix"
  touch "$work/installed"
}
through_find_package() {
  cmake -S "$here" -B "$work/find_package" -DCMAKE_PREFIX_PATH="$work/prefix"
  cmake --build "$work/find_package"
}
through_pkg_config() {
  export PKG_CONFIG_PATH="$(dirname "$(find "$work/prefix" -name authkit.pc)")"
  mkdir "$work/pkg_config"
  c++ -std=c++20 "$here/program.cpp" $(pkg-config --cflags --libs 'authkit >= 0.1') -o "$work/pkg_config/program"
}
through_add_subdirectory() {
  cmake -S "$here" -B "$work/add_subdirectory" -G Ninja -DAUTHKIT_SOURCE="$root" -DCMAKE_CXX_COMPILER_LAUNCHER="$(command -v ccache)"
  cmake --build "$work/add_subdirectory" --target program
}
the_quickstart() {
  cmake -S "$root/examples/quickstart" -B "$work/quickstart" -DCMAKE_PREFIX_PATH="$work/prefix"
  cmake --build "$work/quickstart"
  cd "$work/quickstart"
}

if ! (set -e && install_and_move) >"$work/log" 2>&1; then
  cat "$work/log"
  echo "0 passed, 1 failed"
  exit 1
fi
consumer find_package "$work/find_package/program" through_find_package
consumer pkg-config "$work/pkg_config/program" through_pkg_config
consumer add_subdirectory "$work/add_subdirectory/program" through_add_subdirectory
consumer examples/quickstart "$work/quickstart/quickstart" the_quickstart
echo "$passed passed, $failed failed"
((failed == 0))
