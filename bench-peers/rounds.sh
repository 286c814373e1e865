#!/bin/sh
# CPU time per exchange of each HTTP client for a 3 kB body over keep-alive connections on loopback: alternating rounds,
# then the median of each. The server is a separate process. Usage: ./rounds.sh [ROUNDS]
set -eu
cd "$(dirname "$0")"
cargo build --release --quiet
binaries="${CARGO_TARGET_DIR:-target}/release"
rounds="${1:-7}"
results="$(mktemp)"
address="$(mktemp)"
"$binaries/http-server" 3000 >"$address" &
server=$!
trap 'kill "$server"; rm -f "$results" "$address"' EXIT
until [ -s "$address" ]; do sleep 0.1; done
url="$(cat "$address")"
for round in $(seq "$rounds"); do
  for in_flight in 1 16; do
    for client in hyper hyper-util reqwest; do
      "$binaries/http-clients" "$url" "$client" 20000 "$in_flight" >>"$results"
    done
  done
done
sort -t= -k1,2 -k3,3n "$results" | awk -F'[ =]' '
  { key = $1 " in_flight=" $3; if (key != last) { report(); n = 0; last = key } value[++n] = $5 + 0 }
  function report() { if (n) printf "%-24s median %.2f us of CPU per exchange\n", last, (n % 2 ? value[(n + 1) / 2] : (value[n / 2] + value[n / 2 + 1]) / 2) }
  END { report() }'
