#!/bin/sh
# Installs the languages of the example endpoints from the system: as root with apt-get, and only what is missing.
# Elsewhere it does nothing: an example whose language is missing is skipped and says so. With CI=true that is an error.
set -u

missing() { # the packages of what is not there
    php -m 2>/dev/null | grep -qx pdo_sqlite || echo php-cli php-sqlite3
    [ -e /usr/share/php/Illuminate/autoload.php ] || echo php-laravel-framework
    command -v node >/dev/null 2>&1 || echo nodejs
    command -v npm >/dev/null 2>&1 || echo npm
    command -v rackup >/dev/null 2>&1 && ruby -e 'require "sinatra/base"; require "sqlite3"; require "webrick"' 2>/dev/null ||
        echo ruby-sinatra ruby-sqlite3 ruby-webrick
    command -v go >/dev/null 2>&1 && [ -d /usr/share/gocode/src/github.com/mattn/go-sqlite3 ] ||
        echo golang-go golang-github-mattn-go-sqlite3-dev libsqlite3-dev gcc libc6-dev
    command -v javac >/dev/null 2>&1 || echo default-jdk-headless
    [ -e /usr/share/java/sqlite-jdbc.jar ] || echo libxerial-sqlite-jdbc-java
    python3 -c 'import venv, ensurepip' 2>/dev/null || echo python3-venv
}

install() { # two that install at once wait for each other
    apt-get update -qq -o DPkg::Lock::Timeout=300
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"
}

packages=$(missing)
if [ -n "$packages" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing the languages of the examples:" $packages
    output=$(install $packages 2>&1) || printf '%s\nThey could not be installed.\n' "$output" >&2
fi

packages=$(missing)
if [ -n "$packages" ] && [ "${CI:-}" = true ]; then
    echo "CI needs these packages, and they could not be installed:" $packages >&2
    exit 1
fi
