#!/usr/bin/env bash
# The Python package beside a stand-in for the described system (httpx and lxml, written by us along its description) and beside the Rust
# client, against one nginx: requests per second and CPU time per request, as medians of alternating rounds; then the time of three sources
# of 1 s in parallel, and the time in which an answer becomes dictionaries. Usage: bench-peers/python.sh [ROUNDS]
# Needs the optimized wheel (scripts/wheel.sh). What is missing here prints `skipped: NAME`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
rounds="${1:-5}"
. bench-peers/nginx.sh
need_nginx
wheel=$(ls python/dist/*.whl 2>/dev/null | head -1 || true)
[ -n "$wheel" ] || { echo "skipped: wheel (scripts/wheel.sh)"; exit 0; }
venv=${VAST_PYTHON_VENV:-python/.venv}
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/pip" install -q --disable-pip-version-check httpx lxml
"$venv/bin/pip" install -q --disable-pip-version-check --no-index --force-reinstall --no-deps "$wheel"
measure() { "$venv/bin/python" bench-peers/python/measure.py "$@"; }
rust="${VAST_BENCH:-${CARGO_TARGET_DIR:-target}/dist/vast-bench}"
[ -x "$rust" ] || { rust=; echo "skipped: the Rust client (cargo build --profile dist -p vast-bench)"; }

if [ -n "$rust" ]; then serve_document "$rust" --document; else serve_document cat crates/vast-bench/documents/full.xml; fi
for round in $(seq "$rounds"); do
  for in_flight in 1 16 64; do
    measure stand_in "$url" 1000 "$in_flight"
    measure ours "$url" 10000 "$in_flight"
    measure request_ad "$url" 10000 "$in_flight"
    [ -z "$rust" ] || "$rust" --against ours "$url" 10240 "$in_flight" | sed 's/^ours/rust/; s/cpu_us_per_request/us/'
  done
done >"$scratch/results"
echo "$(grep -m1 'model name' /proc/cpuinfo | cut -d: -f2 | xargs), $(nproc) processors, load $(cut -d' ' -f1 /proc/loadavg), medians of $rounds rounds"
measure table "$scratch/results"
measure three_sources
measure dicts "$scratch/www/ad.xml"
