#!/bin/bash
# tests/fuzz/run.sh SECONDS [TARGET...]: builds the fuzzers and runs each of them, or those named, that long. Ends with "N passed, N failed".
# The same seed each time, so that a finding comes again; AUTHKIT_FUZZ_SEED=0 takes a new one. What it learns stays in build/fuzz/corpus; an input that
# breaks a target is kept in build/fuzz/crashes.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
export LC_ALL=C.UTF-8
seed=${AUTHKIT_FUZZ_SEED:-1}
export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1:allocator_may_return_null=1 UBSAN_OPTIONS=print_stacktrace=1

seconds=${1-}
[[ $seconds =~ ^[1-9][0-9]*$ ]] || { echo "usage: tests/fuzz/run.sh SECONDS [TARGET...]" >&2 && exit 2; }
shift

mkdir -p build/fuzz
build_log=build/fuzz/build.txt
if ! { cmake --preset fuzz -DAUTHKIT_WERROR=OFF && cmake --build build/fuzz --target authkit_fuzz; } >$build_log 2>&1; then
  tail -n 100 $build_log
  echo "error: the fuzzers could not be built: see above" >&2
  echo "0 passed, 1 failed"
  exit 1
fi
program=build/fuzz/bin/authkit_fuzz
(($# > 0)) || mapfile -t targets < <("$program" 2>/dev/null)
(($# == 0)) || targets=("$@")

# Longest inputs: enough for every rule to be met, short enough to be quick.
max_length() {
  case $1 in
    token | guard) echo 1024 ;;
    jwk) echo 2048 ;;
    der) echo 150 ;;
    *) echo 512 ;;
  esac
}

# fuzz TARGET: runs it and says how it went.
fuzz() {
  local target=$1
  local corpus=build/fuzz/corpus/$target crashes=build/fuzz/crashes/$target log=build/fuzz/$target.txt dictionary=tests/fuzz/$target.dict verdict=FAILED runs
  mkdir -p "$corpus" "$crashes"
  local options=(-seed="$seed" -max_total_time="$seconds" -max_len="$(max_length "$target")" -timeout=5 -rss_limit_mb=512 -print_final_stats=1 -artifact_prefix="$crashes/")
  [[ ! -f $dictionary ]] || options+=(-dict="$dictionary")
  export AUTHKIT_FUZZ=$target
  if AUTHKIT_FUZZ_SEEDS=$corpus "$program" >"$log" 2>&1 && "$program" "${options[@]}" "$corpus" >>"$log" 2>&1; then verdict=ok; fi
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | tail -n 1)
  echo "$target: ${runs:-0} executions, corpus $(find "$corpus" -type f | wc -l), $verdict"
  [[ $verdict == ok ]] || {
    grep -v '^#[0-9]' "$log" | tail -n 60
    echo "the input: $(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1)"
    echo "again with: AUTHKIT_FUZZ=$target $program FILE"
  }
}

# Two at a time; each keeps one core busy.
said=build/fuzz/said
rm -rf $said
mkdir -p $said
for target in "${targets[@]}"; do
  (($(jobs -rp | wc -l) < 2)) || wait -n
  fuzz "$target" >"$said/$target" &
done
wait
passed=0 failed=0
for target in "${targets[@]}"; do
  cat "$said/$target"
  if grep -q ", ok$" "$said/$target"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
done
echo "$passed passed, $failed failed"
exit $((failed > 0))
