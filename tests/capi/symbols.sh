#!/bin/bash
# symbols.sh LIBRARY: what the library exports is what symbols.txt says, and nothing else.
set -uo pipefail
exported=$(nm -D --defined-only "$1" | awk '$2 ~ /[TDBWRV]/ {print $3}' | sed 's/@@.*//' | grep -v '^AUTHKIT_' | sort)
diff <(sort "$(dirname "$0")/symbols.txt") <(echo "$exported") || { echo "0 passed, 1 failed"; exit 1; }
echo "1 passed, 0 failed"
