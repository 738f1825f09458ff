#!/bin/bash
# tests/run.sh [--full]: builds authkit, runs every test and ends with "N passed, N failed".
# --full adds what CI demands: outside consumers, the bindings, other libraries and languages, kill -9 rounds, fuzzers, benchmarks, both sanitizers.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
export LC_ALL=C.UTF-8 CTEST_OUTPUT_ON_FAILURE=1
export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1 UBSAN_OPTIONS=print_stacktrace=1 TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1

full=false
case "${1-}" in
  --full) full=true ;;
  '') ;;
  *) echo "usage: tests/run.sh [--full]" >&2 && exit 2 ;;
esac

begun=$SECONDS
tally="$(mktemp)"  # "passed failed", a line a part
on_exit=("rm -f '$tally'")
trap 'for action in "${on_exit[@]}"; do eval "$action"; done' EXIT

verdict() {
  local passed failed
  read -r passed failed < <(awk '{ p += $1; f += $2 } END { print p + 0, f + 0 }' "$tally")
  echo
  echo "Took $(((SECONDS - begun) / 60)) min $(((SECONDS - begun) % 60)) s."
  echo "$passed passed, $failed failed"
  exit $((failed > 0))
}

# fatal SENTENCE: nothing after this could be run.
fatal() {
  echo "error: $*" >&2
  echo "0 1" >>"$tally"
  verdict
}

# counts LOG: "passed failed" from its last summary; nothing when it has none. A test that is switched off counts as failed.
counts() {
  sed 's/^[0-9]*: //' "$1" | awk '
    /^\[doctest\] test cases:/ { gsub(/[|:]/, " "); for (i = 2; i <= NF; i++) n[$i] = $(i - 1); p = n["passed"]; f = n["failed"] + n["skipped"]; seen = 1 }
    /^[0-9]+ passed, [0-9]+ failed$/ { p = $1; f = $3; seen = 1 }
    END { if (seen) print p, f }'
}

# part NAME COMMAND...: runs one part of the tests and adds what its summary says. No summary, or no test in it, is a failure.
part() {
  local name=$1 log=build/log/${1//[^a-zA-Z0-9_]/_}.txt start=$SECONDS status=0 p=0 f=0 why=
  shift
  timeout --kill-after=10 900 "$@" >"$log" 2>&1 </dev/null || status=$?
  read -r p f <<<"$(counts "$log")"
  p=${p:-0} f=${f:-0}
  if ((status != 0 && f == 0)); then
    f=1 why=" (exit code $status)"
  elif ((p + f == 0)); then
    f=1 why=" (it printed no summary)"
  fi
  echo "$p $f" >>"$tally"
  printf '%-32s %s\n' "$name" "$p passed, $f failed$why  ($((SECONDS - start)) s)"
  ((f == 0)) || tail -n 200 "$log"
}

# configure PRESET OPTION...
configure() {
  local preset=$1 log=build/log/configure_$1.txt
  shift
  cmake --preset "$preset" "$@" >"$log" 2>&1 || { cat "$log" && fatal "cmake could not configure the preset $preset: see above"; }
}

# build PRESET: beside tests, so it shows nothing unless it fails. Tests of what was not built fail by themselves.
build() {
  local log=build/log/build_$1.txt start=$SECONDS
  if cmake --build --preset "$1" >"$log" 2>&1; then
    printf '%-32s %s\n' "build ($1)" "($((SECONDS - start)) s)"
  else
    tail -n 200 "$log"
    echo "0 1" >>"$tally"
  fi
}

# start_services: PostgreSQL and the rest, in a folder in memory, for all parts.
start_services() {
  local folder
  folder="$(mktemp -d -p "$([ -w /dev/shm ] && echo /dev/shm || echo /tmp)" authkit-services-XXXXXX)" || fatal "no folder for the servers"
  on_exit+=("tests/services/services.py down '$folder'")
  tests/services/services.py up "$folder" >build/log/services.txt 2>&1 || { cat build/log/services.txt && fatal "the servers did not start: see above"; }
  . "$folder/env"
}

# beside COMMAND...: a part, or some of them in order, beside others, `at_once` at a time: most keep one core busy. `wait` waits for all of them.
at_once=2
beside() {
  (($(jobs -rp | wc -l) < at_once)) || wait -n
  "$@" &
}

# tests_of FOLDER: everything CMake knows as a test, what takes longest first.
tests_of() {
  ctest --test-dir "$1" -N | sed -n 's/^ *Test *#[0-9]*: //p' | awk '/contract/ { print 1, $0; next } /redis|unit/ { print 2, $0; next } { print 3, $0 }' |
    sort -s -k 1,1n | cut -d ' ' -f 2
}

# run_tests FOLDER LABEL
run_tests() {
  local name
  for name in $(tests_of "$1"); do
    beside part "$2$name" ctest --test-dir "$1" -V --timeout 600 -R "^$name\$"
  done
}

# bindings: in order, for they install into one folder.
bindings() {
  part "python" bindings/python/test.sh
  part "go" bindings/go/test.sh
  part "languages" tests/languages/run.sh
  part "interop" tests/interop/run.sh
}

tests/services/install.sh build server test || fatal "the packages that tests need are not there: see above"
mkdir -p build/log 2>/dev/null && [ -w build ] && [ -w build/log ] || fatal "build/ belongs to somebody else ($(stat -c %U build)): remove it or run as that user"

echo "==> build"
configure dev
cmake --build --preset dev || fatal "the build failed: see above"
start_services
echo "==> tests"
run_tests build ""
beside part "house checks" tests/checks/run.py
wait
$full || verdict

echo "==> full"
configure asan -DAUTHKIT_BENCH=OFF
configure tsan -DAUTHKIT_BENCH=OFF -DAUTHKIT_EXAMPLES=OFF
beside build asan
beside bindings
beside build tsan
beside part "consumers" tests/consumer/run.sh
beside part "fuzzers" tests/fuzz/run.sh 20
wait
beside part "faults" tests/faults/run.sh 3  # has bounds of time, so beside no build
beside part "constant time" tests/constant_time/run.sh
wait
at_once=3  # these wait for servers more than they compute, and have no tight times
run_tests build/asan "asan: "
beside part "benchmarks" tests/bench/run.sh --smoke
run_tests build/tsan "tsan: "
wait
verdict
