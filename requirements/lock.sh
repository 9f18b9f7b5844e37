#!/bin/sh
# Writes the lock files from pyproject.toml: all versions and hashes, for every system and Python from 3.11 on.
# Usage: requirements/lock.sh TOOLS [--upgrade]   TOOLS is a folder for a throw-away environment.
set -eu
tools=$1
shift
if [ ! -x "$tools/bin/uv" ]; then
    "${PYTHON:-python3}" -m venv --clear "$tools"
    "$tools/bin/python" -m pip --quiet --disable-pip-version-check install "uv<1"
fi

compile() {
    "$tools/bin/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-header --no-emit-index-url --no-emit-find-links "$@"
}

compile pyproject.toml --output-file requirements/run.txt "$@"
compile pyproject.toml --group build --constraints requirements/run.txt \
    --output-file requirements/check.txt "$@"
compile pyproject.toml --extra mock --extra serve --group build --constraints requirements/run.txt \
    --output-file requirements/demo.txt "$@"
compile pyproject.toml --extra mock --extra serve --extra postgresql \
    --constraints requirements/demo.txt \
    --output-file requirements/workers.txt "$@"
compile pyproject.toml --extra all --group dev --constraints requirements/workers.txt \
    --output-file requirements/dev.txt "$@"
compile pyproject.toml --extra all --group bench --constraints requirements/dev.txt \
    --output-file requirements/bench.txt "$@"
compile pyproject.toml --extra all --group mutants --constraints requirements/dev.txt \
    --output-file requirements/mutants.txt "$@"
