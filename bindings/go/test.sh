#!/bin/bash
# bindings/go/test.sh [BUILD]: runs go vet and the tests with the race detector against BUILD's libauthkit_c (default: build).
# Ends with "N passed, N failed".
set -uo pipefail
cd "$(dirname "$0")" || exit 1
build=$(realpath "${1:-../../build}")
export LD_LIBRARY_PATH="$build/prefix/lib" PKG_CONFIG_PATH="$build/prefix/lib/pkgconfig"
export AUTHKIT_HOSTILE="$build/bin/authkit_hostile" # writes vectors and hostile tokens
export CGO_ENABLED=1 GOTOOLCHAIN=local GOFLAGS=-mod=mod
cmake --install "$build" --prefix "$build/prefix" >"$build/go-install.txt" 2>&1 || { cat "$build/go-install.txt"; exit 1; }

status=0
[ -z "$(gofmt -l .)" ] || { echo "gofmt would change: $(gofmt -l .)"; status=1; }
go vet ./... || status=1
go test -race -count=1 -v ./... >"$build/go-test.txt" 2>&1 || status=1
grep -E '^\s*--- FAIL|^panic|_test.go:|^FAIL' "$build/go-test.txt"
passed=$(grep -c '^--- PASS' "$build/go-test.txt")
failed=$(grep -c '^--- FAIL' "$build/go-test.txt")
((status == 0 || failed > 0)) || failed=1
echo "$passed passed, $failed failed"
exit $status
