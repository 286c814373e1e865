#!/bin/sh
# Requests the same wrapper trees with `vast request` and with @dailymotion/vast-client, and compares the trackers and media
# files. differential/differences.json must explain every difference. Usage: scripts/differential.sh [VAST [CASE...]]
set -eu
cd "$(dirname "$0")/.."
vast="${1:-${CARGO_TARGET_DIR:-target}/debug/vast}"
[ $# -eq 0 ] || shift
for tool in node npm; do
  command -v "$tool" >/dev/null 2>&1 || { echo "skipped: $tool"; exit 0; }
done
# The pinned client is installed in the folder of the benchmarks; node_modules is not part of the repository.
if ! (cd bench-peers/node && { npm ls || npm ci; }) >/dev/null 2>&1; then
  echo "skipped: npm"
  exit 0
fi
[ -x "$vast" ] || { echo "there is no program $vast; cargo build makes it" >&2; exit 2; }
exec node scripts/differential.mjs "$vast" "$@"
