#!/bin/bash
# tests/constant_time/run.sh [PROGRAM]: runs each case of constant_time.cpp under valgrind; a planted leak must be reported, everything else
# must be silent. Ends with "N passed, N failed".
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
program=${1:-build/bin/authkit_constant_time}
passed=0 failed=0
for name in $("$program"); do
  output=$(valgrind -q --error-exitcode=99 "$program" "$name" 2>&1)
  status=$?
  expected=0
  [[ $name != planted_* ]] || expected=99
  if ((status == expected)); then
    passed=$((passed + 1))
    echo "$name: ok"
  else
    failed=$((failed + 1))
    echo "$name: exit code $status where $expected is right"
    head -n 40 <<<"$output"
  fi
done
((passed + failed > 0)) || failed=1
echo "$passed passed, $failed failed"
exit $((failed > 0))
