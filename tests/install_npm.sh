#!/bin/sh
# Installs the tools from npm that tests run, as tests/npm/package-lock.json pins them. Usage: tests/install_npm.sh FOLDER
# Without npm it does nothing: the tests are skipped and say so. With CI=true that is an error.
set -u
folder=$1
lock=$(dirname "$0")/npm

if ! command -v npm >/dev/null 2>&1; then
    echo "npm is not installed, so the tests that need it are left out." >&2
    [ "${CI:-}" = true ] && exit 1
    exit 0
fi

mkdir -p "$folder" && cp "$lock/package.json" "$lock/package-lock.json" "$folder" || exit 1
if cmp -s "$folder/package-lock.json" "$folder/.ready"; then
    exit 0
fi
echo "Installing the tests' tools from npm; this takes a minute, and only when they have changed."
if output=$(cd "$folder" && npm ci --omit=optional --ignore-scripts --no-audit --no-fund 2>&1); then
    cp "$folder/package-lock.json" "$folder/.ready"
else
    printf '%s\nThey could not be installed; the reason stands above.\n' "$output" >&2
    [ "${CI:-}" = true ] && exit 1
    exit 0
fi
