#!/usr/bin/env bash
# The Python package beside a stand-in for the described system (httpx and lxml, written by us along its description) and beside the Rust
# client, against one nginx: requests per second and CPU time per request. Usage: bench-peers/python.sh [ROUNDS]
# Needs the optimized wheel (scripts/wheel.sh). What is missing here prints `skipped: NAME`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
rounds="${1:-3}"
command -v nginx >/dev/null || { echo "skipped: nginx"; exit 0; }
wheel=$(ls python/dist/*.whl 2>/dev/null | head -1 || true)
[ -n "$wheel" ] || { echo "skipped: wheel (scripts/wheel.sh)"; exit 0; }
venv=${VAST_PYTHON_VENV:-python/.venv}
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/pip" install -q --disable-pip-version-check httpx lxml
"$venv/bin/pip" install -q --disable-pip-version-check --no-index --force-reinstall --no-deps "$wheel"
rust="${VAST_BENCH:-${CARGO_TARGET_DIR:-target}/release/vast-bench}"
[ -x "$rust" ] || { rust=; echo "skipped: the Rust client (cargo build --release -p vast-bench)"; }

scratch="$(mktemp -d)"
chmod 755 "$scratch" # The workers of nginx are another user.
mkdir "$scratch/www"
if [ -n "$rust" ]; then "$rust" --document; else cat crates/vast-bench/documents/full.xml; fi >"$scratch/www/ad.xml"
port="$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')"
cat >"$scratch/nginx.conf" <<CONF
worker_processes 1;
pid $scratch/nginx.pid;
error_log $scratch/error.log;
events { worker_connections 2048; }
http {
  access_log off;
  keepalive_requests 1000000000;
  types { application/xml xml; }
  server { listen 127.0.0.1:$port; root $scratch/www; }
}
CONF
nginx -c "$scratch/nginx.conf" -g 'daemon off;' 2>/dev/null &
server=$!
trap 'kill "$server"; wait "$server" 2>/dev/null || true; rm -rf "$scratch"' EXIT
until [ -s "$scratch/nginx.pid" ]; do sleep 0.1; done
url="http://127.0.0.1:$port/ad.xml"

"$venv/bin/python" bench-peers/python/measure.py dicts "$scratch/www/ad.xml"
for round in $(seq "$rounds"); do
  for in_flight in 1 16 64; do
    "$venv/bin/python" bench-peers/python/measure.py stand_in "$url" 1500 "$in_flight"
    "$venv/bin/python" bench-peers/python/measure.py ours "$url" 10000 "$in_flight"
    "$venv/bin/python" bench-peers/python/measure.py request_ad "$url" 10000 "$in_flight"
    [ -z "$rust" ] || echo "rust $("$rust" --against "$url" ours 10240 "$in_flight")"
  done
done
