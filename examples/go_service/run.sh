#!/bin/bash
# examples/go_service/run.sh [-listen ADDRESS:PORT]: builds the notes service and starts it on the database of examples/run.sh, or on DATABASE_URL.
set -euo pipefail
cd "$(dirname "$0")/../.."
(cmake --preset dev && cmake --build --preset dev --target authkit authkit_c authkit_c_static authkit_server) >&2
cmake --install build --prefix build/prefix >/dev/null
export PKG_CONFIG_PATH="$PWD/build/prefix/lib/pkgconfig" LD_LIBRARY_PATH="$PWD/build/prefix/lib" CGO_ENABLED=1 GOTOOLCHAIN=local
mkdir -p build/example
export DATABASE_URL="${DATABASE_URL:-sqlite:build/example/auth.db}"
root=$PWD && (cd examples/go_service && go build -buildvcs=false -o "$root/build/go_service" .) >&2
exec build/go_service "$@"
