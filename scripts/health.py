#!/usr/bin/env python3
"""Checks from outside that `vast` leaves a dead ad server alone, loses no request, and finds the server again.

    scripts/health.py [--vast PATH]

Two ad servers answer 100 requests per second of one `vast request --repeat`. One of them dies for 2 s and returns: in one run it
answers with status 503, in the other it closes its connections. Ejections take 500 ms, 10 % more or less. The JSON lines of the
requests must show the ejection, an ad in every answer, probes and the recovery, and the server must not have been asked more often
than the numbers permit.

Needs Python 3.8 and its standard library. Prints a line per failed check and at last `N passed, M failed`; exits with 1 when one
failed, with 2 when the program is not there.
"""

import concurrent.futures
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import harness

RATE = 100
REQUESTS = 600
CONCURRENCY = 8
# The server is dead in this part of the run, in seconds since the first request.
DEAD_FROM, DEAD_UNTIL = 1.5, 3.5
FAILURES = 5
EJECT = 0.5
JITTER = 0.1

AD = """<VAST version="4.2"><Ad id="{0}"><InLine><AdSystem>health</AdSystem><AdTitle>{0}</AdTitle><Impression>http://127.0.0.1:9/</Impression>
<Creatives><Creative><Linear><Duration>00:00:15</Duration><MediaFiles>
<MediaFile delivery="progressive" type="video/mp4" width="1280" height="720">https://cdn.example/{0}.mp4</MediaFile>
</MediaFiles></Linear></Creative></Creatives></InLine></Ad></VAST>"""

CONFIG = """mode = "{mode}"
retries = 0
[breaker]
failures = {failures}
eject = "500ms"
eject_max = "500ms"
[[source]]
name = "mortal"
url = "{mortal}"
[[source]]
name = "steady"
url = "{steady}"
"""


class Server(ThreadingHTTPServer):
    """An ad server. `death` is what it does while it is dead, None if it never dies."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, name, death=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.name, self.death = name, death
        self.lock, self.began = threading.Lock(), None
        # The requests before, in and after the time in which it is dead.
        self.asked = {"before": 0, "dead": 0, "after": 0}
        harness.serve(self)

    def url(self):
        return "http://127.0.0.1:%d/vast" % self.server_port

    def ask(self):
        """Counts a request; gives whether the server is dead."""
        with self.lock:
            self.began = self.began or time.monotonic()
            age = time.monotonic() - self.began
            phase = "before" if age < DEAD_FROM else "dead" if age < DEAD_UNTIL else "after"
            self.asked[phase] += 1
        return self.death is not None and phase == "dead"

    def handle_error(self, request, client_address):
        """A connection that the program has closed is no mistake."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        if not self.server.ask():
            self.answer(200, AD.format(self.server.name).encode())
        elif self.server.death == "status":
            self.answer(503, b"")
        else:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


def run(vast, mode, death):
    """The results of the requests in their order, the summary, the exit code, and the requests that each server got."""
    mortal, steady = Server("mortal", death), Server("steady")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "health.toml")
        with open(path, "w") as file:
            file.write(CONFIG.format(mode=mode, failures=FAILURES, mortal=mortal.url(), steady=steady.url()))
        command = [vast, "request", "--config", path, "--format", "json", "--repeat", str(REQUESTS)]
        command += ["--rate", str(RATE), "--concurrency", str(CONCURRENCY)]
        ended = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120)
    lines = [json.loads(line) for line in ended.stdout.splitlines()]
    results = [line for line in lines if "summary" not in line]
    return results, lines[-1:], ended, mortal.asked, steady.asked


def outcome(result):
    """What happened to the mortal source: `filled`, `failed`, `breaker_open` ..."""
    source = next(source for source in result["sources"] if source["name"] == "mortal")
    return source.get("skip_reason") or source["outcome"]


def check(checks, what, run_of):
    results, last, ended, mortal, steady = run_of
    checks.equal("%s: exit code" % what, (ended.returncode, ended.stderr[-500:] if ended.returncode else ""), (0, ""))
    checks.equal("%s: one line per request" % what, len(results), REQUESTS)
    checks.check("%s: the last line is the summary" % what, last and "summary" in last[0], last)
    lost = [number for number, result in enumerate(results) if not result["success"]]
    checks.equal("%s: requests without an ad" % what, lost[:10], [])
    outcomes = [outcome(result) for result in results]
    ejected = [number for number, one in enumerate(outcomes) if one == "breaker_open"]
    checks.check("%s: the source is ejected" % what, len(ejected) > RATE * (DEAD_UNTIL - DEAD_FROM) / 2, len(ejected))
    failed = [number for number, one in enumerate(outcomes) if one == "failed"]
    checks.check("%s: it is asked until it has failed often enough" % what, len(failed) >= FAILURES, failed)
    # Requests that began before the ejection may end after it. An ejection is never shorter than EJECT without the jitter.
    probes = int((DEAD_UNTIL - DEAD_FROM) / (EJECT * (1 - JITTER))) + 1
    most = FAILURES + CONCURRENCY - 1 + probes
    checks.check("%s: failures, at most %d" % (what, most), len(failed) <= most, failed)
    checks.check("%s: requests to the dead server, at most %d" % (what, most), mortal["dead"] <= most, mortal)
    first = ejected[0] if ejected else 0
    probed = [number for number in failed if number > first + RATE * EJECT / 2]
    checks.check("%s: a probe fails" % what, probed, failed)
    end = outcomes[-RATE:]
    checks.check("%s: the source has recovered at the end" % what, set(end) == {"filled"}, end)
    others = sum(steady.values())
    checks.check("%s: the other server is asked instead" % what, others >= len(ejected) + len(failed), others)


def main():
    options = harness.options_of(harness.parser(__doc__))
    checks = harness.Tally()
    runs = [("parallel", "status"), ("sequential", "status"), ("parallel", "closes")]
    with concurrent.futures.ThreadPoolExecutor(len(runs)) as pool:
        running = [(mode, death, pool.submit(run, options.vast, mode, death)) for mode, death in runs]
        for mode, death, ended in running:
            check(checks, "%s, %s" % (mode, death), ended.result())
    return checks.end()


if __name__ == "__main__":
    sys.exit(main())
