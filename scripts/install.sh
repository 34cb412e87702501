#!/usr/bin/env bash
# Makes .venv with Python 3.10 and exactly the packages of the lock files.
set -euo pipefail
cd "$(dirname "$0")/.."

runs_310() { [ -n "$1" ] && "$1" -c 'import sys, venv; sys.exit(sys.version_info[:2] != (3, 10))' >/dev/null 2>&1; }

find_python() {
    local candidate
    for candidate in "${PYTHON:-}" "$(command -v python3.10 || true)" \
        "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.10*/bin/python /usr/local/opt/python@3.10/bin/python3.10 "$(command -v python3 || true)"; do
        if runs_310 "$candidate"; then echo "$candidate"; return; fi
    done
    if command -v uv >/dev/null && uv python install 3.10 >&2; then uv python find 3.10; return; fi
    echo "No Python 3.10 was found, and Rasa 3.6 runs on no later one. Install it (Debian: python3.10 from your" >&2
    echo "distribution or pyenv install 3.10; any system: uv python install 3.10), or name one: PYTHON=/path make run" >&2
    return 1
}

# Anything left of an installation that did not finish would only confuse: start again.
if [ ! -x .venv/bin/python ] || ! runs_310 .venv/bin/python || [ ! -x .venv/bin/pip ]; then
    python=$(find_python)
    echo "Making the environment in .venv with $("$python" --version) ($python)"
    rm -rf .venv
    "$python" -m venv .venv
fi
echo "Installing packages (about 2 GB; a few minutes on a slow line)"
.venv/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/uv.lock
.venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps --require-hashes -r requirements/app.lock
.venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable .
echo "Compiling"
.venv/bin/python -m compileall -q -j 0 .venv/lib >/dev/null 2>&1 || true # a few packages ship files for other Pythons
