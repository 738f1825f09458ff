#!/bin/bash
# examples/run.sh [--once]: builds the example server, starts it on 127.0.0.1 and shows a whole login life with real requests.
# It then goes on serving until Ctrl-C; --once stops it instead. AUTHKIT_EXAMPLE_PORT picks the port (default 8000, or the next free one).
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
export LC_ALL=C.UTF-8

once=false
case "${1-}" in
  --once) once=true ;;
  '') ;;
  *) echo "usage: examples/run.sh [--once]" >&2 && exit 2 ;;
esac

if [ -t 1 ]; then bold=$'\e[1m' green=$'\e[32m' red=$'\e[31m' dim=$'\e[2m' plain=$'\e[0m'; else bold='' green='' red='' dim='' plain=''; fi

fail() {
  echo "${red}error:${plain} $*" >&2
  exit 1
}

port_is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

pick_port() {
  local port=${AUTHKIT_EXAMPLE_PORT:-8000}
  [[ $port =~ ^[0-9]+$ ]] && ((port >= 1024 && port <= 65535)) || fail "AUTHKIT_EXAMPLE_PORT is '$port'; it takes a port from 1024 to 65535"
  until port_is_free "$port"; do
    [ -z "${AUTHKIT_EXAMPLE_PORT-}" ] || fail "port $port of AUTHKIT_EXAMPLE_PORT is taken"
    ((port++ < 8100)) || fail "no port from 8000 to 8100 is free: set AUTHKIT_EXAMPLE_PORT"
  done
  echo "$port"
}

# request METHOD PATH [TOKEN] [JSON]: sets $status and $body.
request() {
  local arguments=(-sS --max-time 20 -X "$1" -w '\n%{http_code}')
  [ -z "${3-}" ] || arguments+=(-H "Authorization: Bearer $3")
  [ -z "${4-}" ] || arguments+=(-H 'Content-Type: application/json' --data-binary "$4")
  local answer
  answer=$(curl "${arguments[@]}" "$url$2" 2>&1) || {
    status=000 body=$answer
    return
  }
  status=${answer##*$'\n'} body=${answer%$'\n'*}
}

# text NAME: a text member of $body. Ids and tokens hold no character that JSON escapes.
text() { sed -n "s/.*\"$1\" *: *\"\([^\"]*\)\".*/\1/p" <<<"$body" | head -n 1; }

# step WORDS WANTED: says how the last request went.
steps=0 wrong=0
step() {
  steps=$((steps + 1))
  local mark="${green}✓${plain}"
  [ "$status" = "$2" ] || mark="${red}✗${plain}" wrong=$((wrong + (status != $2)))
  printf '  %s %-58s %s\n' "$mark" "$1" "HTTP $status"
  local shown=${body//$'\n'/ }
  ((${#shown} > 110)) && shown="${shown:0:110}..."
  [ -z "$shown" ] || echo "      ${dim}$shown${plain}"
}

echo "${bold}1. Packages${plain}"
tests/services/install.sh build server test || fail "the example cannot be built without these packages"
echo "${bold}2. Build${plain}"
mkdir -p build/example 2>/dev/null && [ -w build ] && [ -w build/example ] ||
  fail "build/ belongs to somebody else ($(stat -c %U build)): remove it or run as that user"
cmake --preset dev >build/example/configure.txt 2>&1 || { cat build/example/configure.txt && fail "cmake could not configure: see above"; }
cmake --build --preset dev --target authkit_server || fail "the build failed: see above"

echo "${bold}3. Server${plain}"
port=$(pick_port) || exit 1
url="http://127.0.0.1:$port"
# People who try this run it more often than three times an hour, which is what one address may sign up by default.
build/bin/authkit serve --database sqlite:build/example/auth.db --set "http.listen=127.0.0.1:$port" --set limit.sign_up_address=1000/1h \
  >build/example/server.log 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null' EXIT
trap 'exit 0' INT TERM

for ((try = 0; try < 100; try++)); do
  kill -0 "$server" 2>/dev/null || { tail -n 5 build/example/server.log && fail "the server did not start: see above and build/example/server.log"; }
  request GET /ready
  [ "$status" = 200 ] && break
  sleep 0.1
done
[ "$status" = 200 ] || fail "the server did not become ready within 10 s: see build/example/server.log"
echo "  listening on $url, its database is build/example/auth.db"

echo "${bold}4. A login life${plain}"
email="ada-$(date +%s)-$$@example.org"
password="correct horse battery staple"

request POST /v1/auth/register '' "{\"email\":\"$email\",\"password\":\"$password\"}"
step "register $email" 201
request POST /v1/auth/login '' "{\"email\":\"$email\",\"password\":\"a wrong guess, surely\"}"
step "log in with a wrong password: refused" 401
request POST /v1/auth/login '' "{\"email\":\"$email\",\"password\":\"$password\"}"
access=$(text access_token) refresh=$(text refresh_token)
body="access token of ${#access} characters, refresh token of ${#refresh}"
step "log in" 200
request GET /v1/auth/me "$access"
step "who am I" 200
request POST /v1/auth/refresh '' "{\"refresh_token\":\"$refresh\"}"
access=$(text access_token) refresh=$(text refresh_token)
body="a new access token and a new refresh token"
step "refresh" 200
request GET /v1/auth/me "$access"
step "who am I, with the new token" 200
request POST /v1/auth/logout "$access"
step "log out" 204
request GET /v1/auth/me "$access"
step "the access token after the logout: refused" 401
request POST /v1/auth/refresh '' "{\"refresh_token\":\"$refresh\"}"
step "the refresh token after the logout: refused" 401

if ((wrong)); then
  fail "$wrong of $steps steps went wrong; the server's log is build/example/server.log"
fi
echo "${green}${bold}All $steps steps went as they should.${plain}"
$once && exit 0
echo
echo "The server goes on at ${bold}$url${plain} (Ctrl-C stops it). Try:"
echo "  curl $url/v1/auth/register -H 'Content-Type: application/json' -d '{\"email\":\"you@example.org\",\"password\":\"$password\"}'"
wait "$server"
fail "the server ended by itself: see build/example/server.log"
