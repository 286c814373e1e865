#!/bin/sh
# Opens the pages of `vast explain --format html` in headless Chromium and checks them: explain_page/check.mjs says how. With a FOLDER it
# also writes a picture of each. Usage: scripts/explain_page.sh [VAST [FOLDER]]
set -eu
cd "$(dirname "$0")/.."
vast="${1:-${CARGO_TARGET_DIR:-target}/debug/vast}"
for tool in node npm; do
  command -v "$tool" >/dev/null 2>&1 || { echo "skipped: $tool"; exit 0; }
done
if ! command -v chromium >/dev/null 2>&1 && [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
  { apt-get update && apt-get install -y --no-install-recommends chromium; } >/dev/null 2>&1 || true
fi
command -v chromium >/dev/null 2>&1 || { echo "skipped: chromium"; exit 0; }
# node_modules is not part of the repository.
if ! (cd scripts/explain_page && { npm ls || npm ci; }) >/dev/null 2>&1; then
  echo "skipped: npm"
  exit 0
fi
[ -x "$vast" ] || { echo "there is no program $vast; cargo build makes it" >&2; exit 2; }
exec node scripts/explain_page/check.mjs "$vast" "$(command -v chromium)" ${2:+"$2"}
