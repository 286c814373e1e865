#!/bin/sh
# Reads the ad tags of a gateway (`vast serve`) in pages of other origins, in headless Chromium with @dailymotion/vast-client:
# gateway_page.mjs says how. Usage: scripts/gateway_page.sh [VAST]
set -eu
cd "$(dirname "$0")/.."
. scripts/browser.sh
vast="${1:-${CARGO_TARGET_DIR:-target}/debug/vast}"
need_browser scripts/explain_page bench-peers/node
[ -x "$vast" ] || { echo "there is no program $vast; cargo build makes it" >&2; exit 2; }
exec node scripts/gateway_page.mjs "$vast" "$(command -v chromium)"
