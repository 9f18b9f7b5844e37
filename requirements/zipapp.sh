#!/bin/sh
# Builds broadcast-check.pyz, one file that needs nothing but Python: requirements/zipapp.sh PYTHON FOLDER
# It holds compiled modules, so it runs on this system with this version of Python; elsewhere it says so.
set -eu
python=$1
folder=$2
site=$(mktemp -d)
trap 'rm -rf "$site"' EXIT

pip() { # says nothing unless it fails
    if ! output=$("$python" -m pip --disable-pip-version-check --no-input "$@" 2>&1); then
        echo "$output" >&2
        exit 1
    fi
}

pip install --target "$site/packages" --require-hashes -r requirements/run.txt
pip install --target "$site/packages" --no-deps --no-build-isolation .
rm -rf "$site/packages/bin"
"$python" - >"$site/preamble.py" <<'END'
import platform, sys
print(f"""import platform
import sys

here = "Python %d.%d on %s %s" % (*sys.version_info[:2], platform.system(), platform.machine())
built_for = {"Python %d.%d on %s %s" % (*sys.version_info[:2], platform.system(), platform.machine())!r}
if here != built_for:
    sys.exit(f"This broadcast-check.pyz was built for {{built_for}}, and this is {{here}}. Build one here: make zipapp")""")
END
mkdir -p "$folder"
# At its first start it unpacks itself into ~/.shiv, or into the folder that SHIV_ROOT names.
"$python" -m shiv --site-packages "$site/packages" --entry-point broadcast_commands:check --reproducible \
    --python '/usr/bin/env python3' --preamble "$site/preamble.py" \
    --output-file "$folder/broadcast-check.pyz" >/dev/null
echo "Built $folder/broadcast-check.pyz. Start it with: python3 $folder/broadcast-check.pyz URL"
