#!/usr/bin/env bash
# CPU time per request for an ad, from end to end, against nginx: a bare loop of hyper-util, our pipeline, the shortest program of other
# libraries (reqwest and vast4-rs), and @dailymotion/vast-client. All sides get the same document in alternating rounds of one run; the
# table has medians. Usage: bench-peers/end_to_end.sh [ROUNDS]. A side that is missing here prints `skipped: NAME`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
rounds="${1:-7}"
. bench-peers/nginx.sh
need_nginx
cargo build --release --quiet -p vast-bench
cargo build --release --quiet --manifest-path bench-peers/Cargo.toml -p peer-readers --features naive --bin request-naive
ours="${CARGO_TARGET_DIR:-target}/release/vast-bench"
naive="${CARGO_TARGET_DIR:-bench-peers/target}/release/request-naive"

serve_document "$ours" --document

sides=(bare ours naive)
if command -v node >/dev/null && [ -d bench-peers/node/node_modules ]; then
  sides+=(node)
else
  echo "skipped: node (npm ci in bench-peers/node)"
fi
for round in $(seq "$rounds"); do
  for in_flight in 1 16 256; do
    for side in "${sides[@]}"; do
      case "$side" in
        naive) "$naive" "$url" 10240 "$in_flight" ;;
        node) node bench-peers/node/request.mjs "$url" 5120 "$in_flight" ;;
        *) "$ours" --against "$url" "$side" 10240 "$in_flight" ;;
      esac >>"$scratch/results"
    done
  done
done
echo "$(grep -m1 'model name' /proc/cpuinfo | cut -d: -f2 | xargs), $(nproc) processors, medians of $rounds rounds"
echo
python3 - "$scratch/results" "${sides[@]}" <<'PYTHON'
import collections, statistics, sys

found = collections.defaultdict(list)
for line in open(sys.argv[1]):
    side, in_flight, cost = line.split()
    found[side, int(in_flight.split("=")[1])].append(float(cost.split("=")[1]))
sides = sys.argv[2:]
print("| in flight | " + " | ".join(f"{side}, us" for side in sides) + " | " + " | ".join(f"{side} / bare" for side in sides[1:]) + " |")
print("|---" * (2 * len(sides)) + "|")
for in_flight in (1, 16, 256):
    medians = [statistics.median(found[side, in_flight]) for side in sides]
    ratios = []
    for side in sides[1:]:
        pairs = zip(found[side, in_flight], found["bare", in_flight])
        ratios.append(statistics.median(one / bare for one, bare in pairs))
    print(f"| {in_flight} | " + " | ".join(f"{one:.1f}" for one in medians) + " | " + " | ".join(f"{one:.2f}" for one in ratios) + " |")
PYTHON
