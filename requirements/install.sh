#!/bin/sh
# Makes a virtual environment and installs a lock file and this project into it.
# Usage: requirements/install.sh VENV LOCK        PYTHON=python3.12 chooses the interpreter.
set -eu
venv=$1
lock=$2

can() { # can INTERPRETER CODE: does it run, is it new enough, and does CODE work?
    "$1" -c "import sys; sys.exit(1) if sys.version_info < (3, 11) else None; $2" >/dev/null 2>&1
}

choose() { # choose CODE: the first interpreter that can
    for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3}; do
        if can "$candidate" "$1"; then
            echo "$candidate"
            return 0
        fi
    done
    return 1
}

install_venv_module() { # Debian keeps the venv module's other half in a package of its own
    version=$("$1" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
        echo "$1 cannot make virtual environments: install its venv module (on Debian and Ubuntu: apt-get install $version-venv)." >&2
        exit 1
    fi
    echo "Installing $version-venv."
    if ! output=$({ apt-get update -qq; DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$version-venv"; } 2>&1); then
        echo "$output" >&2
        exit 1
    fi
}

if ! can "$venv/bin/python" "import pip"; then
    if ! python=$(choose "import venv, ensurepip"); then
        if ! python=$(choose "pass"); then
            echo "This needs Python 3.11 or newer, and none was found: install it, or name it with make PYTHON=/path/to/python3." >&2
            exit 1
        fi
        install_venv_module "$python"
    fi
    "$python" -m venv --clear "$venv"
fi

pip() { # says nothing unless it fails
    if ! output=$("$venv/bin/python" -m pip --disable-pip-version-check --no-input "$@" 2>&1); then
        echo "$output" >&2
        echo "Installing failed; the reason stands above. Once it is removed, the same command goes on from here." >&2
        exit 1
    fi
}

echo "Installing the pinned dependencies into $venv; this takes a minute, and only when they have changed."
pip install --require-hashes -r "$lock"
pip install --no-deps --no-build-isolation --editable .
