#!/bin/sh
# Exchanges the containers of compose.production.yaml for those of $SHIPLOG_VERSION, one server after the other: nginx
# sends nothing more to the one that goes, and gets to know its new address when it is ready.
set -eu
cd "$(dirname "$0")"

compose() { docker compose -f compose.production.yaml --env-file production.env "$@"; }

# Tells nginx of both servers; the one named, if any, gets no requests. The file is mounted: it is written in place.
route() {
  for server in server-1 server-2; do
    if [ "$server" = "${1:-}" ]; then echo "server $server:4000 down;"
    else echo "server $server:4000 max_fails=2 fail_timeout=5s;"; fi
  done > upstream.conf
  # There is none yet at the first roll.
  if [ -n "$(compose ps -q --status running nginx)" ]; then compose exec -T nginx nginx -s reload; fi
}

trap route EXIT
compose up -d --no-build --wait postgres redis
for server in server-1 server-2; do
  route "$server"
  # Requests that the old workers of nginx have begun to pass on.
  sleep 2
  compose up -d --no-build --no-deps --wait "$server"
  route
done
compose up -d --no-build --wait
