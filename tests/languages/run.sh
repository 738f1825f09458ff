#!/bin/bash
# tests/languages/run.sh [BUILD]: C++, Python and Go on one database, and the example services beside them, from what BUILD (default: build) holds.
# Ends with "N passed, N failed".
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
root=$PWD build=$(realpath "${1:-build}")
prefix="$build/prefix"
export LD_LIBRARY_PATH="$prefix/lib" PKG_CONFIG_PATH="$prefix/lib/pkgconfig" CGO_ENABLED=1 GOTOOLCHAIN=local
export AUTHKIT_LIBRARY="$build/lib/libauthkit_c.so.0" PYTHONPATH="$root/bindings/python" PYTHONDONTWRITEBYTECODE=1

prepare() {
  mkdir -p "$build/languages" &&
    cmake --install "$build" --prefix "$prefix" &&
    (cd tests/languages/go_member && go vet . && go build -buildvcs=false -o "$build/languages/go_member" .) &&
    (cd examples/go_service && go vet . && go build -buildvcs=false -o "$build/languages/go_service" .) &&
    [ -z "$(gofmt -l tests/languages examples/go_service)" ]
}
if ! prepare >"$build/languages.txt" 2>&1; then
  cat "$build/languages.txt"
  echo "0 passed, 1 failed"
  exit 1
fi
exec /usr/bin/python3 tests/languages/languages.py --build "$build" --go-member "$build/languages/go_member" --go-service "$build/languages/go_service"
