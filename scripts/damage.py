#!/usr/bin/env python3
"""Changes single bits of an outbox and runs every command on it.

    python3 scripts/damage.py --vast target/release/vast
    python3 scripts/damage.py --vast target/debug/vast --places 50

An outbox of 200 beacons is damaged at seeded places, one bit at a time. Each command must work, or report the damage with exit code 3;
no command panics or hangs; inspection and salvage change nothing; a list that exits with 0 has all rows; salvage loses at most the rows of
one page. Prints each failure and the exit codes. Exits with 1 when something failed, with 2 when `vast` is not there.
"""

import argparse
import collections
import concurrent.futures
import http.server
import json
import os
import random
import subprocess
import sys
import tempfile
import threading

ROWS = 200
# A page of 4 KiB has at most this many rows of the beacons below.
ROWS_OF_A_PAGE = 15
INSPECTIONS = [["list"], ["stats"], ["check"], ["show", "1"]]
CHANGES = [["flush", "--drain", "0s"], ["requeue"], ["purge", "--state", "dead"], ["compact"]]

AD = (
    "<VAST version='4.2'><Ad><InLine><AdSystem>a</AdSystem><AdTitle>t</AdTitle>{}<Creatives><Creative><Linear><Duration>00:00:05</Duration>"
    "<MediaFiles><MediaFile type='video/mp4' width='1' height='1'>https://cdn.example/a.mp4</MediaFile></MediaFiles></Linear></Creative>"
    "</Creatives></InLine></Ad></VAST>"
)


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers `/N` with an ad of N impressions, and its trackers with 503."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        number, body = self.path[1:], b""
        if number.isdigit():
            urls = (f"{self.server.base}/seen?{place}&amp;{'x' * (place * 37 % 700)}" for place in range(int(number)))
            body = AD.format("".join(f"<Impression>{url}</Impression>" for url in urls)).encode()
        self.send_response(200 if number.isdigit() else 503)
        self.send_header("Retry-After", "3600")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512

    def handle_error(self, *_):
        pass


class Trial:
    """The outbox with one changed bit, in a folder of its own."""

    def __init__(self, vast, base):
        self.folder = tempfile.TemporaryDirectory()
        self.vast, self.base, self.path = vast, base, os.path.join(self.folder.name, "beacons")
        self.codes, self.failures = collections.Counter(), 0

    def run(self, *arguments):
        return subprocess.run([self.vast, *arguments], capture_output=True, text=True, timeout=60)

    def put(self, content):
        for name in os.listdir(os.path.dirname(self.path)):
            os.remove(os.path.join(os.path.dirname(self.path), name))
        with open(self.path, "wb") as file:
            file.write(content)

    def check(self, place, name, arguments, codes):
        """Runs a command, which must end with one of these codes."""
        ended = self.run(*arguments)
        self.codes[f"{name} {ended.returncode}"] += 1
        is_said = ended.returncode == 0 or ended.stderr.strip()
        if ended.returncode not in codes or "panicked" in ended.stderr or not is_said:
            self.fail(place, name, f"exit {ended.returncode}: {ended.stderr[:200]}")
        return ended

    def fail(self, place, name, problem):
        self.failures += 1
        print(f"FAILED byte {place}: {name}: {problem}", flush=True)

    def unchanged(self, place, name, content):
        with open(self.path, "rb") as file:
            if file.read() != content:
                self.fail(place, name, "it changed the file")
                self.put(content)

    def all_commands(self, place, content):
        outbox = ["--outbox", self.path]
        self.put(content)
        for command in INSPECTIONS:
            ended = self.check(place, command[0], ["outbox", *command, "--format", "json", *outbox], (0, 3))
            self.unchanged(place, command[0], content)
            if command == ["list"] and ended.returncode == 0 and len(json.loads(ended.stdout)["beacons"]) != ROWS:
                self.fail(place, "list", "rows are missing")
        ended = self.check(place, "salvage", ["outbox", "salvage", self.path], (0,))
        self.unchanged(place, "salvage", content)
        if ended.returncode == 0:
            waiting = int(ended.stderr.split(" waiting")[0].split()[-1])
            if waiting < ROWS - ROWS_OF_A_PAGE:
                self.fail(place, "salvage", f"{waiting} rows of {ROWS}")
            self.check(place, "check of the new file", ["outbox", "check", "--outbox", self.path + ".salvaged"], (0,))
        for command in CHANGES:
            self.put(content)
            self.check(place, command[0], ["outbox", *command, *outbox], (0, 3))
        track = ["--drain", "0s", *outbox, f"{self.base}/1"]
        self.put(content)
        self.check(place, "request", ["request", "--track", *track], (0, 3))
        self.put(content)
        # 6: the damaged outbox did not take the beacon.
        self.check(place, "track", ["track", "--event", "impression", "--fire", *track], (0, 3, 6))


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--vast", default="target/release/vast", help="the program")
    arguments.add_argument("--places", type=int, default=300, help="how many bits are changed, one at a time")
    arguments.add_argument("--seed", type=int, default=11, help="chooses the bits")
    options = arguments.parse_args()
    if not os.path.exists(options.vast):
        print(f"{options.vast} is not there", file=sys.stderr)
        return 2
    server = Server(("127.0.0.1", 0), Handler)
    server.base = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    first = Trial(options.vast, server.base)
    first.run("request", f"{server.base}/{ROWS}", "--track", "--drain", "0s", "--outbox", first.path)
    with open(first.path, "rb") as file:
        good = file.read()
    chosen = random.Random(options.seed)

    def damaged(place, bit):
        trial, bad = Trial(options.vast, server.base), bytearray(good)
        bad[place] ^= 1 << bit
        trial.all_commands(place, bytes(bad))
        return trial

    # The commands mostly wait, so several places are tried at a time.
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        bits = [(chosen.randrange(len(good)), chosen.randrange(8)) for _ in range(options.places)]
        trials = list(pool.map(lambda bit: damaged(*bit), bits))
    codes, failures = sum((trial.codes for trial in trials), collections.Counter()), sum(trial.failures for trial in trials)
    for name, number in sorted(codes.items()):
        print(f"{number:5}  {name}")
    print(f"{len(trials)} places, {failures} failures")
    return 1 if failures or not trials else 0


if __name__ == "__main__":
    sys.exit(main())
