#!/usr/bin/env python3
"""Checks from outside that the numbers of `vast request --repeat` and `--metrics-file` are those of its answers added up: two ad
servers on loopback, one of which fails, is empty or is slow for some requests.

    scripts/metrics.py [--vast PATH]

Needs Python 3.8 and its standard library; promtool (Debian: the package prometheus) for the check of the format, which is skipped
without it. Prints a line per failed check and at last `N passed, M failed`; exits with 1 when one failed, with 2 when the program is
not there.
"""

import collections
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

import harness

AD = (
    '<VAST version="4.2"><Ad id="a"><InLine><AdSystem>m</AdSystem><AdTitle>t</AdTitle><Impression>https://t.example/i</Impression>'
    "<Creatives><Creative><Linear><Duration>00:00:15</Duration><MediaFiles><MediaFile delivery=\"progressive\" type=\"video/mp4\" "
    'width="640" height="360">https://cdn.example/a.mp4</MediaFile></MediaFiles></Linear></Creative></Creatives></InLine></Ad></VAST>'
)
WRAPPER = '<VAST version="4.2"><Ad><Wrapper><AdSystem>m</AdSystem><VASTAdTagURI>%s</VASTAdTagURI></Wrapper></Ad></VAST>'
LINE = re.compile(r"^([a-z_]+)(?:\{(.*)\})? ([0-9.e+-]+|\+Inf)$")
LABEL = re.compile(r'([a-z_]+)="((?:[^"\\]|\\.)*)"')


class Server(harness.LoopbackServer):
    """Answers request number n with `plan(n)`: a status, a body and a wait in seconds. /hop is always an ad."""

    def __init__(self, plan):
        self.plan, self.asked = plan, 0
        super().__init__(Handler)


class Handler(harness.RequestHandler):
    def do_GET(self):
        status, body, wait = 200, AD, 0
        if not self.path.startswith("/hop"):
            with self.server.lock:
                number = self.server.asked
                self.server.asked += 1
            status, body, wait = self.server.plan(number)
        time.sleep(wait)
        self.answer(status, body.encode())


def east(number):
    kinds = [(200, AD, 0), (200, AD, 0.02), (204, "", 0), (404, "no", 0), (200, "<html>", 0), (503, "busy", 0)]
    return kinds[number % len(kinds)]


def read_metrics(path):
    """The series of a metrics file: {(name, ((label, value), ...)): number}."""
    series = {}
    with open(path, encoding="utf-8") as file:
        for line in file.read().splitlines():
            if line.startswith("#"):
                continue
            name, labels, number = LINE.match(line).groups()
            key = (name, tuple(sorted(LABEL.findall(labels or ""))))
            assert key not in series, "twice: %s" % line
            series[key] = float(number)
    return series


def series(metrics, name, **labels):
    return metrics.get((name, tuple(sorted(labels.items()))), 0)


def outcome(source):
    """The outcome in the numbers. A source that another one has beaten was not read."""
    return "unread" if source["outcome"] == "cancelled" and source["reason"] == "another source won" else source["outcome"]


class Sum:
    """The answers of a run added up, for one source."""

    def __init__(self, answers, name):
        sources = [source for answer in answers for source in answer["sources"] if source["name"] == name]
        self.outcomes = collections.Counter(outcome(source) for source in sources)
        self.errors = collections.Counter(source["error_type"] for source in sources if source["outcome"] == "failed")
        self.skipped = collections.Counter(source["skip_reason"] for source in sources if source["outcome"] == "skipped")
        self.attempts = sum(source["attempts"] for source in sources)
        self.bytes = sum(source["bytes"] for source in sources)
        self.followed_bytes = sum(hop["bytes"] for source in sources for hop in source["hops"])
        self.times = [source["elapsed_ms"] for source in sources if "elapsed_ms" in source]
        kept = [{c["source"] for c in answer["candidates"] if c["verdict"] == "kept"} for answer in answers]
        self.wins = sum(name in names for names in kept)


def quantile(values, q):
    values = sorted(values)
    return values[max(1, -(-int(q * 1000) * len(values) // 1000)) - 1]


def check_source(check, prefix, total, summary, metrics, name):
    source = next(one for one in summary["sources"] if one["name"] == name)
    label = "%s %s" % (prefix, name)
    for kind in source["outcomes"]:
        check.equal("%s %s" % (label, kind), source["outcomes"][kind], total.outcomes[kind])
        found = series(metrics, "vast_source_requests_total", source=name, outcome=kind)
        check.equal("%s %s, metrics" % (label, kind), found, total.outcomes[kind])
    check.equal(label + " errors", source["errors"], dict(total.errors))
    check.equal(label + " skipped", source["skipped"], dict(total.skipped))
    for kind, count in total.errors.items():
        found = series(metrics, "vast_source_errors_total", source=name, error_type=kind)
        check.equal("%s %s, metrics" % (label, kind), found, count)
    for kind, value in [("own", total.bytes), ("followed", total.followed_bytes)]:
        key = "bytes" if kind == "own" else "followed_bytes"
        check.equal("%s %s" % (label, key), source[key], value)
        found = series(metrics, "vast_source_received_bytes_total", source=name, document=kind)
        check.equal("%s %s, metrics" % (label, key), found, value)
    check.equal(label + " attempts", source["attempts"], total.attempts)
    check.equal(label + " attempts, metrics", series(metrics, "vast_source_attempts_total", source=name, document="own"), total.attempts)
    check.equal(label + " wins", source["wins"], total.wins)
    check.equal(label + " wins, metrics", series(metrics, "vast_source_wins_total", source=name), total.wins)
    answered = sum(total.outcomes[kind] for kind in ("filled", "no_ad", "rejected", "failed"))
    rate = total.outcomes["filled"] / answered if answered else None
    check.equal(label + " fill rate", source.get("fill_rate"), rate)
    check_times(check, label, total.times, source["latency"], metrics, name)


def check_times(check, label, times, latency, metrics, name):
    check.equal(label + " times", latency["count"], len(times))
    check.equal(label + " times, metrics", series(metrics, "vast_source_duration_seconds_count", source=name), len(times))
    check.equal(label + " buckets", sum(bucket["count"] for bucket in latency["buckets"]), len(times))
    if not times:
        return
    # The answers have two decimals.
    check.equal(label + " sum", abs(latency["sum_ms"] - sum(times)) <= 0.01 * len(times), True)
    check.equal(label + " longest", abs(latency["max_ms"] - max(times)) <= 0.02, True)
    for key, q in [("p50_ms", 0.5), ("p90_ms", 0.9), ("p95_ms", 0.95), ("p99_ms", 0.99)]:
        exact = quantile(times, q)
        check.equal("%s %s: %s of %s" % (label, key, latency[key], exact), abs(latency[key] - exact) <= exact * 0.05 + 0.02, True)
    for bound in ("0.001", "0.005", "0.01", "0.025", "0.1"):
        found = series(metrics, "vast_source_duration_seconds_bucket", source=name, le=bound)
        limit = float(bound) * 1000
        least, most = sum(t < limit - 0.01 for t in times), sum(t <= limit + 0.01 for t in times)
        check.equal("%s bucket %s" % (label, bound), least <= found <= most, True)


def run(check, vast, name, servers, arguments, count, folder, promtool):
    path = os.path.join(folder, name + ".prom")
    sources = ["%s=%s/" % (key, server.url) for key, server in servers.items()]
    fixed = ["--allow-private", "--format", "json", "--repeat", str(count), "--metrics-file", path]
    ended = subprocess.run([vast, "request", *sources, *arguments, *fixed], capture_output=True, text=True, timeout=120)
    lines = [json.loads(line) for line in ended.stdout.splitlines()]
    answers, summary = lines[:-1], lines[-1]["summary"]
    metrics = read_metrics(path)
    filled = sum(answer["success"] for answer in answers)
    check.equal(name + " answers", len(answers), count)
    check.equal(name + " messages", ended.stderr.replace("\n", "")[:4], "hint" if ended.stderr else "")
    # As for one request: 0 when all are filled, 1 when all sources answered, else 3.
    answered = {"filled", "no_ad", "rejected"}
    worst = max(0 if a["success"] else 1 if {s["outcome"] for s in a["sources"]} <= answered else 3 for a in answers)
    check.equal(name + " exit code", ended.returncode, worst)
    check.equal(name + " requests", [summary["requests"][k] for k in ("total", "filled", "unfilled")], [count, filled, count - filled])
    check.equal(name + " requests, metrics", series(metrics, "vast_requests_total", outcome="filled"), filled)
    check.equal(name + " request times", series(metrics, "vast_request_duration_seconds_count"), count)
    for source in servers:
        total = Sum(answers, source)
        check.equal("%s %s in each answer" % (name, source), sum(total.outcomes.values()), count)
        check_source(check, name, total, summary, metrics, source)
    if promtool:
        with open(path, "rb") as file:
            judged = subprocess.run([promtool, "check", "metrics"], stdin=file, capture_output=True, text=True)
        check.equal(name + " promtool", (judged.returncode, judged.stdout + judged.stderr), (0, ""))


def main():
    vast = harness.options_of(harness.parser(__doc__)).vast
    promtool = shutil.which("promtool")
    if not promtool:
        print("skipped: promtool")
    check = harness.Tally()
    hop = Server(lambda number: (200, AD, 0))
    west = [(200, WRAPPER % (hop.url + "/hop"), 0.01), (204, "", 0.005), (200, AD, 0.001)]
    modes = [["--mode", mode, "--concurrency", "5"] for mode in ("collect", "race", "sequential", "parallel")]
    modes += [["--mode", "staggered", "--stagger", "5ms", "--rate", "100", "--concurrency", "20"], ["--no-wrappers"]]
    with tempfile.TemporaryDirectory() as folder:
        for arguments in modes:
            servers = {"east": Server(east), "west": Server(lambda number: west[number % len(west)])}
            run(check, vast, arguments[-1] if len(arguments) == 1 else arguments[1], servers, arguments, 60, folder, promtool)
            for server in servers.values():
                server.shutdown()
    return check.end()


if __name__ == "__main__":
    sys.exit(main())
