#!/bin/sh
# Opens the dashboard of a gateway (`vast serve`) in headless Chromium and checks its pages: dashboard.mjs says how. With a FOLDER it
# also writes a picture of each. Usage: scripts/dashboard.sh [VAST [FOLDER]]
set -eu
cd "$(dirname "$0")/.."
. scripts/browser.sh
vast="${1:-${CARGO_TARGET_DIR:-target}/debug/vast}"
need_browser scripts/explain_page
[ -x "$vast" ] || { echo "there is no program $vast; cargo build makes it" >&2; exit 2; }
exec node scripts/dashboard.mjs "$vast" "$(command -v chromium)" ${2:+"$2"}
