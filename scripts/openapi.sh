#!/usr/bin/env bash
# Checks docs/openapi.json with @redocly/cli, and a gateway that runs against it with schemathesis: no answer is a 5xx, and each has a status, a type and a form
# that the description names. What is missing is `skipped: NAME`.
#
#   scripts/openapi.sh [VAST [EXAMPLES]]     EXAMPLES: requests per route and phase [default: 20]
set -euo pipefail
cd "$(dirname "$0")/.."
vast="${1:-${CARGO_TARGET_DIR:-target}/debug/vast}"
examples="${2:-20}"
[ -x "$vast" ] || { echo "there is no program $vast; cargo build makes it" >&2; exit 2; }

if command -v npm >/dev/null 2>&1 && (cd scripts/openapi && { npm ls || npm ci; }) >/dev/null 2>&1; then
  (cd scripts/openapi && REDOCLY_TELEMETRY=off npx --no-install redocly lint --config redocly.yaml ../../docs/openapi.json)
else
  echo "skipped: redocly"
fi

venv=$(realpath -m "${OPENAPI_VENV:-target/openapi-venv}")
if ! { command -v python3 && { [ -x "$venv/bin/schemathesis" ] || python3 -m venv "$venv"; }; } >/dev/null 2>&1 ||
  ! "$venv/bin/pip" install -q --disable-pip-version-check schemathesis==4.32.5 >/dev/null 2>&1; then
  echo "skipped: schemathesis"
  exit 0
fi

folder=$(mktemp -d)
gateway=
trap '[ -z "$gateway" ] || kill "$gateway" 2>/dev/null; rm -rf "$folder"' EXIT
key=0123456789abcdef-openapi
printf %s "$key" >"$folder/key"
"$vast" serve --new-secret >"$folder/secret"
cat >"$folder/gateway.toml" <<'TOML'
[server]
drain = { announce = "0s", requests = "1s", beacons = "1s" }
max_lag = "1h"
admin_keys = [{ name = "admin", file = "admin" }]
[[secret]]
id = 1
file = "secret"
[tenant.acme]
keys = [{ name = "acme", file = "key" }]
[placement.preroll]
tenant = "acme"
track = "timeline"
[[placement.preroll.source]]
xml = """<VAST version="4.2"><Ad id="shoes"><InLine><AdSystem>Acme</AdSystem><AdTitle>Shoes</AdTitle><AdServingId>s1</AdServingId>
<Impression>https://track.example/seen</Impression><Creatives><Creative><UniversalAdId idRegistry="ad-id.org">X</UniversalAdId><Linear><Duration>00:00:15</Duration><MediaFiles>
<MediaFile delivery="progressive" type="video/mp4" width="1280" height="720">https://cdn.example/shoes.mp4</MediaFile></MediaFiles></Linear></Creative></Creatives></InLine></Ad></VAST>"""
TOML
printf %s "$key-admin" >"$folder/admin"
"$vast" serve --config "$folder/gateway.toml" --listen 127.0.0.1:0 --admin 127.0.0.1:0 >"$folder/said" 2>"$folder/errors" &
gateway=$!
for _ in $(seq 600); do
  grep -q '/metrics$' "$folder/said" && break
  kill -0 "$gateway" 2>/dev/null || break
  sleep 0.1
done
public=$(sed -n 's|^tag *\(http://[^/]*\)/.*|\1|p' "$folder/said" | head -1)
admin=$(sed -n 's|.*\(http://[^/]*\)/metrics|\1|p' "$folder/said" | head -1)
[ -n "$public" ] && [ -n "$admin" ] || { echo "the gateway has not started" >&2; cat "$folder/errors" >&2; exit 1; }

checks=not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance
here=$PWD
# In the temporary folder, because schemathesis writes into the folder that it runs in.
fuzz() (
  cd "$folder"
  "$venv/bin/schemathesis" --config-file "$here/scripts/openapi/schemathesis.toml" run "$here/docs/openapi.json" --checks "$checks" --max-examples "$examples" \
    --phases examples,coverage,fuzzing --seed 1 --no-color --continue-on-failure --warnings off "$@"
)
fuzz --url "$public" --include-tag public --header "Authorization: Bearer $key"
# A gateway that drains answers no longer, and the events of /api/live have no end.
fuzz --url "$admin" --exclude-path /api/drain --exclude-path /api/live --include-tag admin --header "Authorization: Bearer $key-admin"
# It still answers, and nothing of it has panicked.
curl -sf "$admin/metrics" >"$folder/metrics" || python3 -c 'import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1]).read().decode())' "$admin/metrics" >"$folder/metrics"
if grep 'outcome="internal"' "$folder/metrics" | grep -v ' 0$'; then
  echo "the gateway has panicked" >&2
  exit 1
fi
