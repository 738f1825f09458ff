#!/bin/bash
# install.sh SECTION...: installs what is missing of those sections of packages.txt. Says and does nothing when nothing is missing.
set -euo pipefail
export LC_ALL=C
list="$(cd "$(dirname "$0")" && pwd)/packages.txt"

fail() {
  echo "error: $*" >&2
  exit 1
}

wanted=()
for section in "$@"; do
  mapfile -t part < <(awk -v want="# $section" '/^#/ { on = $0 == want; next } on && NF { print $1 }' "$list")
  ((${#part[@]})) || fail "packages.txt has no section '$section'"
  wanted+=("${part[@]}")
done

command -v dpkg-query >/dev/null || fail "this is no Debian: install what $list names your own way, then build with cmake"
mapfile -t missing < <(comm -13 <(dpkg-query -W -f='${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p' | sort -u) \
  <(printf '%s\n' "${wanted[@]}" | sort -u))
((${#missing[@]})) || exit 0

as_root=()
if ((EUID != 0)); then
  command -v sudo >/dev/null || fail "packages are missing and there is no sudo: run as root: apt-get install ${missing[*]}"
  as_root=(sudo)
fi
command -v apt-get >/dev/null || fail "packages are missing and there is no apt-get: ${missing[*]}"

echo "Installing ${#missing[@]} Debian packages: ${missing[*]}"
apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=120)
"${apt[@]}" update || fail "apt-get update failed: see above"
"${apt[@]}" install -y --no-install-recommends "${missing[@]}" || fail "apt-get install failed: see above"
