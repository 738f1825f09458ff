#!/bin/bash
# tests/bench/run.sh [--smoke]: every benchmark, each beside its limit in the same run. --smoke: short rounds that show they work; the figures mean little.
# Ends with "N passed, N failed": what ran, not how fast.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
smoke=${1-} rounds=7 passed=0 failed=0
[ "$smoke" = --smoke ] && rounds=1

bench() {
  echo "== $1"
  shift
  if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}

cmake --build build --target authkit_benches >build/benches.txt 2>&1 || { tail -n 50 build/benches.txt; echo "0 passed, 1 failed"; exit 1; }
command -v wrk >/dev/null || { echo "error: wrk is missing: apt-get install wrk" >&2; exit 1; }
bench "passwords" build/bin/password_bench "$rounds"
bench "revocation" build/bin/revocation_bench
bench "growth" build/bin/growth_bench $smoke
bench "statements" build/bin/statement_bench $smoke
bench "tokens" build/bin/token_bench "$rounds"
bench "instructions" tests/bench/instructions.py
bench "feed" tests/bench/feed_bench.py $smoke
bench "redis" tests/bench/redis_bench.py $smoke
bench "server" tests/bench/server_bench.py $smoke
bench "flows" tests/bench/flows_bench.py $smoke
bench "connections" tests/bench/connections_bench.py $smoke
bench "bindings" tests/bench/bindings_bench.py $smoke
echo "$passed passed, $failed failed"
exit $((failed > 0))
