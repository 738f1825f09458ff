#!/bin/bash
# run.sh [ROUNDS]: kills the server of build/ with SIGKILL in the middle of a load, ROUNDS times, and checks what it had confirmed.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
exec /usr/bin/python3 "$here/kill9.py" --server "$here/../../build/bin/authkit" --rounds "${1:-3}"
