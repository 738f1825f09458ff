#!/bin/bash
# tests/interop/run.sh [BUILD]: gets the other libraries into BUILD (default: build) when they are not there, and exchanges tokens and keys with
# them. Ends with "N passed, N failed".
set -uo pipefail
cd "$(dirname "$0")" || exit 1
build=$(realpath "${1:-../../build}")
venv=$build/interop-venv wanted=requirements.txt
export PIP_DISABLE_PIP_VERSION_CHECK=1 NODE_PATH=/usr/share/nodejs
export CGO_ENABLED=0 GOTOOLCHAIN=local GOFLAGS="-mod=readonly -buildvcs=false"

broken() {
  echo "error: $*" >&2
  echo "0 passed, 1 failed"
  exit 1
}

[ -x "$build/bin/authkit_interop" ] && [ -x "$build/bin/authkit" ] || broken "build authkit_interop and authkit_server first"
if ! cmp -s "$wanted" "$venv/$wanted"; then
  /usr/bin/python3 -m venv --clear "$venv" && "$venv/bin/pip" install -q -r "$wanted" && cp "$wanted" "$venv/" || broken "no Python libraries"
fi
(cd golang && go build -o "$build/bin/interop_golang" .) || broken "no Go libraries"
node -e 'require("jose")' || broken "no jose for Node"

exec "$venv/bin/python" -B interop.py "$build"
