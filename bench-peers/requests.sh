#!/usr/bin/env bash
# A whole request with each client, from end to end against one nginx that serves an ad of 2.8 kB: CPU time of the client's process per
# request and what it is of a bare HTTP client's, medians of alternating rounds. Usage: bench-peers/requests.sh [ROUNDS]
# Builds what it needs; what is missing prints `skipped: NAME`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
rounds="${1:-7}"
. bench-peers/nginx.sh
need_nginx
ours="${VAST_BENCH:-}"
if [ -z "$ours" ]; then
  cargo build --profile dist --quiet --package vast-bench
  ours="${CARGO_TARGET_DIR:-target}/dist/vast-bench"
fi
(cd bench-peers && cargo build --release --quiet --package peer-readers --bin request-naive --features naive)
naive="${CARGO_TARGET_DIR:-bench-peers/target}/release/request-naive"
node=bench-peers/node/request.mjs
if ! command -v node >/dev/null || ! (cd bench-peers/node && { npm ls || npm ci; } >/dev/null 2>&1); then
  echo "skipped: @dailymotion/vast-client"
  node=
fi

serve_document "$ours" --document
for round in $(seq "$rounds"); do
  for in_flight in 1 16 256; do
    "$ours" --against bare "$url" 10240 "$in_flight"
    "$ours" --against ours "$url" 10240 "$in_flight"
    "$naive" "$url" 10240 "$in_flight"
    [ -z "$node" ] || node "$node" "$url" 5120 "$in_flight"
  done
done >"$scratch/results"

# Lines `NAME in_flight=N cpu_us_per_request=US`, from the least of each client and number to the most.
sort -t= -k1,1 -k2,2n -k3,3n "$scratch/results" | awk -F'[ =]' '
  { key = $1 "," $3; value[key, ++n[key]] = $5; if (!($1 in known)) { known[$1] = 1; names[++clients] = $1 } }
  function median(key) { return (value[key, int((n[key] + 1) / 2)] + value[key, int(n[key] / 2) + 1]) / 2 }
  END {
    print "us of CPU per request, and of the bare client | 1 in flight | 16 in flight | 256 in flight"
    for (i = 1; i <= clients; i++) {
      line = names[i]
      for (j = 0; j < 3; j++) {
        in_flight = 16 ^ j
        micros = median(names[i] "," in_flight)
        line = line sprintf(" | %.1f, %.2f", micros, micros / median("bare," in_flight))
      }
      print line
    }
  }'
echo "$(grep -m1 'model name' /proc/cpuinfo | cut -d: -f2 | xargs), $(nproc) processors, load $(cut -d' ' -f1 /proc/loadavg), medians of $rounds rounds"
