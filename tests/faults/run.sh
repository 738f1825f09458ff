#!/bin/bash
# run.sh [ROUNDS]: takes away, in the middle of a load, what the server of build/ stands on (itself, PostgreSQL, its replicas, PgBouncer), ROUNDS times each, and checks what
# it had confirmed. Ends with "N passed, N failed".
set -uo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
server="$here/../../build/bin/authkit" rounds="${1:-3}"
export PYTHONDONTWRITEBYTECODE=1
log="$(mktemp)"
trap 'rm -f "$log"' EXIT
{
  for program in kill9 outage table two_servers; do
    echo "== $program"
    /usr/bin/python3 "$here/$program.py" --server "$server" --rounds "$rounds" 2>&1 || echo "$program ended with exit code $?"
  done
  echo "== replicas"
  /usr/bin/python3 "$here/replicas.py" --program "$here/../../build/bin/authkit_causal" --pairs $((rounds * 500)) 2>&1 || echo "replicas ended with exit code $?"
} | tee "$log"
# A program that broke off printed no summary: that is one failure.
awk '/^[0-9]+ passed, [0-9]+ failed$/ { p += $1; f += $3; n++ } END { f += 5 - n; print p + 0 " passed, " f + 0 " failed"; exit f > 0 }' "$log"
