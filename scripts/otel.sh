#!/usr/bin/env bash
# Runs scripts/otel.py with the types of OpenTelemetry for Python (the package opentelemetry-proto), in a virtual environment. Prints
# `skipped: opentelemetry-proto` where Python or the package is missing.
#
#   scripts/otel.sh [VAST]     VAST is the program `vast`
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
vast="${1:-${CARGO_TARGET_DIR:-target}/debug/vast}"
[ -x "$vast" ] || { echo "there is no program $vast; cargo build makes it" >&2; exit 2; }
venv=$(realpath -m "${OTEL_VENV:-target/otel-venv}")
if ! { command -v python3 && { [ -x "$venv/bin/python" ] || python3 -m venv "$venv"; }; } >/dev/null 2>&1 ||
  ! "$venv/bin/pip" install -q --disable-pip-version-check opentelemetry-proto==1.45.2 >/dev/null 2>&1; then
  echo "skipped: opentelemetry-proto"
  exit 0
fi
exec "$venv/bin/python" scripts/otel.py --vast "$vast"
