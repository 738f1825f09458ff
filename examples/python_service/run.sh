#!/bin/bash
# examples/python_service/run.sh [--listen ADDRESS:PORT]: starts the notes service on the database of examples/run.sh, or on DATABASE_URL.
# A service of your own installs the wheel (`pip install ./bindings/python`); this takes binding and library from where they are.
set -euo pipefail
cd "$(dirname "$0")/../.."
(cmake --preset dev && cmake --build --preset dev --target authkit_c) >&2
mkdir -p build/example
export DATABASE_URL="${DATABASE_URL:-sqlite:build/example/auth.db}"
export AUTHKIT_LIBRARY="$PWD/build/lib/libauthkit_c.so.0" PYTHONPATH=bindings/python PYTHONDONTWRITEBYTECODE=1
exec /usr/bin/python3 examples/python_service/service.py "$@"
