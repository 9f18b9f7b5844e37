#!/bin/sh
# A loop with curl and jq: sh curl_loop.sh URL
set -e
printf '%s' "$BROADCAST_HEADERS" | jq -r 'to_entries[] | "header = \"\(.key): \(.value)\""' > "${TMPDIR:-/tmp}/curl_loop.$$"
trap 'rm -f "${TMPDIR:-/tmp}/curl_loop.$$"' EXIT
token=
while :; do
  set -- "$1"
  [ -z "$token" ] || set -- "$1" -G --data-urlencode "next=$token"
  page=$(curl -sSf --compressed --retry 2 --max-time 10 -K "${TMPDIR:-/tmp}/curl_loop.$$" "$@")
  printf '%s' "$page" | jq -c '.list[]'
  token=$(printf '%s' "$page" | jq -r '.next // ""')
  [ -n "$token" ] || exit 0
done
