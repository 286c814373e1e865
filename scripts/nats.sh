#!/bin/bash
# The checks of several gateways on NATS at the same time, because most of their time is waiting: scripts/nats.sh VAST [EVENTS]
set -eu
vast=$1 events=${2:-1500} folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$(dirname "$0")/.."
python3 scripts/nats_health.py --vast "$vast" >"$folder/health" 2>&1 & health=$!
python3 scripts/compose.py --vast "$vast" >"$folder/compose" 2>&1 & compose=$!
status=0
python3 scripts/nats.py --vast "$vast" --events "$events" --kills 3 || status=$?
wait "$health" || status=$?
wait "$compose" || status=$?
cat "$folder/health" "$folder/compose"
exit "$status"
