#!/bin/sh
# Installs the programs that tests need from the system: as root with apt-get, and only what is missing.
# Elsewhere it does nothing: tests that miss a program are skipped and say so. With CI=true a missing one is an error.
set -u
PATH=$PATH:/usr/sbin:/usr/local/sbin

has() { # has PROGRAM: Debian keeps PostgreSQL's server programs off the search path
    command -v "$1" >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/"$1" >/dev/null 2>&1
}

missing() { # the packages of the programs that are not there
    has nginx || echo nginx
    has initdb || echo postgresql
    has node || echo nodejs
    has npm || echo npm
    has php || echo php-cli
    has curl || echo curl
    has zsh || echo zsh
    has fish || echo fish
    has chromium || echo chromium
    has promtool || echo prometheus
}

install() { # without starting the services: the tests start their own, on ports of their own
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy"
        trap 'rm -f "$policy"' EXIT
    fi
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
}

packages=$(missing)
if [ -n "$packages" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing what the tests need:" $packages
    output=$(install $packages 2>&1) || printf '%s\nIt could not be installed.\n' "$output" >&2
fi

packages=$(missing)
if [ -n "$packages" ] && [ "${CI:-}" = true ]; then
    echo "CI needs these packages, and they could not be installed:" $packages >&2
    exit 1
fi
