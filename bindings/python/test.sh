#!/bin/bash
# bindings/python/test.sh [BUILD]: builds the wheel around BUILD's libauthkit_c (default: build), installs it into a virtual environment of its own and
# runs mypy --strict and the tests there. Ends with "N passed, N failed".
set -uo pipefail
cd "$(dirname "$0")" || exit 1
build=$(realpath "${1:-../../build}") venv="$(realpath "${1:-../../build}")/python-venv"
export AUTHKIT_LIBRARY="$build/lib/libauthkit_c.so.0" PIP_DISABLE_PIP_VERSION_CHECK=1
[ -f "$AUTHKIT_LIBRARY" ] || { echo "error: build authkit_c first: $AUTHKIT_LIBRARY is not there" >&2; exit 1; }

[ -x "$venv/bin/pytest" ] || { /usr/bin/python3 -m venv "$venv" && "$venv/bin/pip" install -q pytest mypy; } || exit 1
source_copy=$(mktemp -d)
trap 'rm -rf "$source_copy"' EXIT
mkdir -p "$source_copy/bindings" && cp -r . "$source_copy/bindings/python" && cp ../../CMakeLists.txt "$source_copy/" # the tree stays clean
"$venv/bin/pip" install -q --force-reinstall --no-deps "$source_copy/bindings/python" || exit 1
export AUTHKIT_HOSTILE="$build/bin/authkit_hostile" # writes vectors and hostile tokens
unset AUTHKIT_LIBRARY # from here on it is the wheel's own

status=0
"$venv/bin/mypy" --strict --cache-dir "$build/mypy" authkit || status=1
/usr/bin/python3 ../gen_errors.py --check || status=1
mkdir -p "$build/python-tests" && cp tests/*.py "$build/python-tests/"
(cd "$build/python-tests" && AUTHKIT_ROOT="$OLDPWD/../.." "$venv/bin/pytest" -q -p no:cacheprovider .) | tee "$build/python-tests/log.txt" || status=1
passed=$(grep -oE '[0-9]+ passed' "$build/python-tests/log.txt" | tail -1 | cut -d' ' -f1)
failed=$(grep -oE '[0-9]+ (failed|error)' "$build/python-tests/log.txt" | awk '{n += $1} END {print n + 0}')
echo "$((${passed:-0} + (status == 0))) passed, $((failed + (status != 0 && failed == 0))) failed"
exit $status
