#!/usr/bin/env bash
# Resolves requirements/*.in to lock files with hashes.
set -euo pipefail
cd "$(dirname "$0")/.."
uv() { .venv/bin/uv --quiet pip compile --generate-hashes --python-version 3.10 "$@"; }
uv requirements/uv.in -o requirements/uv.lock
uv --override requirements/overrides.in requirements/app.in -o requirements/app.lock
