#!/usr/bin/env python3
"""Checks from outside that `vast` leaves a dead ad server alone, loses no request, and finds the server again.

    scripts/health.py [--vast PATH]

Two ad servers answer 100 requests per second of one `vast request --repeat`. One of them dies after 150 requests. It returns when it has
been dead for 2 s, 100 requests have left it alone and a probe has failed: in two runs it answers with status 503 until then, in the
third it closes its connections. Ejections take 500 ms, 10 % more or less. The run ends when 100 requests in a row had the server again.
The JSON lines of the requests must show the ejection, an ad in every answer, probes and the recovery, and the server must not have been
asked more often than the time for which it was dead permits.

Needs Python 3.8 and its standard library. Prints a line per failed check and at last `N passed, M failed`; exits with 1 when one
failed, with 2 when the program is not there.
"""

import collections
import concurrent.futures
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import harness

RATE = 100
CONCURRENCY = 8
# The requests before the server dies, and those in a row that have its ad at the end.
BEFORE = 150
RECOVERED = 100
# The server is dead until both are reached: seconds, and requests that have left it alone.
DEAD_SECONDS = 2
LEFT_ALONE = 100
FAILURES = 5
EJECT = 0.5
JITTER = 0.1
# The longest time that a busy machine may need for each of the three parts of a run.
PATIENCE = 120

AD = """<VAST version="4.2"><Ad id="{0}"><InLine><AdSystem>health</AdSystem><AdTitle>{0}</AdTitle><Impression>http://127.0.0.1:9/</Impression>
<Creatives><Creative><Linear><Duration>00:00:15</Duration><MediaFiles>
<MediaFile delivery="progressive" type="video/mp4" width="1280" height="720">https://cdn.example/{0}.mp4</MediaFile>
</MediaFiles></Linear></Creative></Creatives></InLine></Ad></VAST>"""

CONFIG = harness.LIMITS + """mode = "{mode}"
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
    """An ad server. `death` is what it does while it is dead."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, name, death=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.name, self.death = name, death
        self.lock, self.died, self.returned = threading.Lock(), None, None
        # The requests while it was dead, and all.
        self.dead, self.asked = 0, 0
        harness.serve(self)

    def url(self):
        return "http://127.0.0.1:%d/vast" % self.server_port

    def die(self):
        with self.lock:
            self.died = time.monotonic()

    def live(self):
        with self.lock:
            self.returned = time.monotonic()

    def seconds_dead(self):
        return (self.returned or time.monotonic()) - self.died

    def ask(self):
        """Counts a request; gives whether the server is dead."""
        with self.lock:
            is_dead = self.died is not None and self.returned is None
            self.asked += 1
            self.dead += is_dead
        return is_dead

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


class Run:
    """A run of the program, whose answers are read as they come."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.results, self.last, self.said = [], None, []
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.errors = threading.Thread(target=lambda: self.said.append(self.process.stderr.read()), daemon=True)
        self.reader.start()
        self.errors.start()

    def read(self):
        for line in self.process.stdout:
            self.last = json.loads(line)
            if "summary" not in self.last:
                self.results.append(self.last)

    def outcomes(self, after=0):
        """What happened to the mortal source in each request after some: `filled`, `failed`, `breaker_open` ..."""
        return [outcome(result) for result in self.results[after:]]

    def wait(self, holds):
        deadline = time.monotonic() + PATIENCE
        while not holds() and self.reader.is_alive() and time.monotonic() < deadline:
            time.sleep(0.02)
        return holds()

    def end(self):
        """Ends the run like Ctrl-C. Gives the exit code."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(PATIENCE)
        self.reader.join()
        self.errors.join()
        return self.process.returncode


def outcome(result):
    source = next(source for source in result["sources"] if source["name"] == "mortal")
    return source.get("skip_reason") or source["outcome"]


def probes(outcomes):
    """The numbers of the failures that are no requests from before the ejection: half of its time later."""
    first = outcomes.index("breaker_open") if "breaker_open" in outcomes else len(outcomes)
    return [number for number, one in enumerate(outcomes) if one == "failed" and number > first + RATE * EJECT / 2]


def run(vast, mode, death):
    """Runs the program while a server dies and returns. Gives what was seen: (name of a check, whether it holds, what was seen)."""
    mortal, steady = Server("mortal", death), Server("steady")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "health.toml")
        with open(path, "w") as file:
            file.write(CONFIG.format(mode=mode, failures=FAILURES, mortal=mortal.url(), steady=steady.url()))
        command = [vast, "request", "--config", path, "--format", "json", "--repeat", str(100 * RATE * PATIENCE)]
        of = Run(command + ["--rate", str(RATE), "--concurrency", str(CONCURRENCY)])
        began = of.wait(lambda: len(of.results) >= BEFORE)
        healthy = of.outcomes()
        mortal.die()

        def is_left_alone():
            seen = of.outcomes()
            return mortal.seconds_dead() >= DEAD_SECONDS and seen.count("breaker_open") > LEFT_ALONE and bool(probes(seen))

        yield "the source is ejected, and a probe fails", of.wait(is_left_alone), collections.Counter(of.outcomes())
        mortal.live()
        recovered = of.wait(lambda: of.outcomes()[-RECOVERED:] == ["filled"] * RECOVERED)
        yield "the source has recovered at the end", recovered, of.outcomes()[-RECOVERED:]
        code = of.end()
    yield "it works at the beginning", began and set(healthy) == {"filled"}, collections.Counter(healthy)
    yield "exit code of a run that Ctrl-C has ended", code == 130, (code, of.said[0][-500:])
    yield "the last line is the summary", of.last and "summary" in of.last, of.last
    yield from counts(of, mortal, steady)


def counts(of, mortal, steady):
    outcomes = of.outcomes()
    lost = [number for number, result in enumerate(of.results) if not result["success"]]
    yield "requests without an ad", lost == [], lost[:10]
    failed = [number for number, one in enumerate(outcomes) if one == "failed"]
    yield "it is asked until it has failed often enough", len(failed) >= FAILURES, failed
    # Requests that began before the ejection may end after it. An ejection is never shorter than EJECT without the jitter.
    most = FAILURES + CONCURRENCY - 1 + int(mortal.seconds_dead() / (EJECT * (1 - JITTER))) + 1
    yield "failures, at most %d" % most, len(failed) <= most, failed
    yield "requests to the dead server, at most %d" % most, mortal.dead <= most, mortal.dead
    others = outcomes.count("breaker_open") + len(failed)
    yield "the other server is asked instead", steady.asked >= others, (steady.asked, others)


def main():
    options = harness.options_of(harness.parser(__doc__))
    checks = harness.Tally()
    runs = [("parallel", "status"), ("sequential", "status"), ("parallel", "closes")]
    with concurrent.futures.ThreadPoolExecutor(len(runs)) as pool:
        running = [(of, pool.submit(lambda of=of: list(run(options.vast, *of)))) for of in runs]
        for of, ended in running:
            for what, holds, seen in ended.result():
                checks.check("%s, %s: %s" % (*of, what), holds, seen)
    return checks.end()


if __name__ == "__main__":
    sys.exit(main())
