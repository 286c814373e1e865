#!/usr/bin/env python3
"""Checks from outside that a gateway (`vast serve`) always answers, in time and with a valid document, and ends without a failed request.

    scripts/gateway.py [--vast PATH] [--requests N] [--rate N] [--timeout SECONDS]

Three ad servers stand behind a gateway: one is steady, one dies after a third of the run, one never answers. Players ask at a fixed rate over kept
connections. Every answer must be a 200 with an ad, within the deadline, and valid against IAB's schema; half of the answers must come in half of the
deadline, at most in a second. The numbers of `/metrics` must be those that this script has counted. In a second run the gateway gets SIGTERM while
players ask, and no request may fail: like a load balancer, the players leave a gateway that says it is not ready.

Needs Python 3.8 and its standard library; promtool (Debian: the package prometheus) and, with IAB's schemas in the folder that VAST_SPEC names,
xmllint. What is missing is skipped. Prints a line per failed check and at last `N passed, M failed`; exits with 1 when one failed, with 2 when the
program is not there.
"""

import collections
import concurrent.futures
import contextlib
import glob
import http.client
import os
import queue
import random
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import harness

PLAYERS = 32
# The time limit of a request in seconds, which a busy machine does not reach.
TIMEOUT = 10.0
# The requests that still come after `/readyz` has said no: a quarter of a second at the usual rate.
NOTICE = 50

AD = """<?xml version="1.0" encoding="UTF-8"?>
<VAST version="4.2" xmlns="http://www.iab.com/VAST"><Ad id="{0}"><InLine><AdSystem>gateway</AdSystem><Impression>http://t.example/{0}</Impression>
<AdServingId>{0}</AdServingId><AdTitle>{0}</AdTitle><Creatives><Creative>
<Linear><Duration>00:00:15</Duration><MediaFiles><MediaFile delivery="progressive" type="video/mp4" width="1280" height="720">https://cdn.example/{0}.mp4</MediaFile>
</MediaFiles></Linear><UniversalAdId idRegistry="ad-id.org">{0}</UniversalAdId></Creative></Creatives></InLine></Ad></VAST>"""

CONFIG = """[server]
drain = {{ announce = "{announce}", requests = "30s", beacons = "1s" }}
max_lag = "1h"
[placement.preroll]
mode = "{mode}"
timeout = "{timeout}ms"
source_timeout = "{shorter}ms"
connect_timeout = "{shorter}ms"
idle_timeout = "{shorter}ms"
stagger = "100ms"
{sources}
"""


class AdServer(ThreadingHTTPServer):
    """An ad server. `manner` is steady, dies or hangs."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, manner):
        super().__init__(("127.0.0.1", 0), AdHandler)
        self.manner, self.dead = manner, threading.Event()
        harness.serve(self)

    def url(self):
        return "http://127.0.0.1:%d/vast" % self.server_port

    def handle_error(self, request, client_address):
        """A connection that the gateway has closed is no mistake."""


class AdHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        if self.server.manner == "hangs":
            self.rfile.read()  # Ends when the gateway closes the connection.
        if self.server.manner == "hangs" or self.server.dead.is_set():
            self.close_connection = True
            return
        body = AD.format(self.server.manner).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


# The system gives higher ports to connections that go out: such a connection could take one before its server starts.
PORTS = random.sample(range(10_000, 32_000), 22_000)


def free_port():
    """A port for a server that starts again on the same one."""
    while True:
        port = PORTS.pop()
        with socket.socket() as one, contextlib.suppress(OSError):
            one.bind(("127.0.0.1", port))
            return port


class Gateway:
    """A gateway that runs with the file gateway.toml of the folder, which is written if there is a text for it. Port 0 is a free one."""

    def __init__(self, vast, config, folder, port=0):
        path = os.path.join(folder, "gateway.toml")
        if config is not None:
            with open(path, "w") as file:
                file.write(config)
        command = [vast, "serve", "--config", path, "--listen", "127.0.0.1:%d" % port, "--admin", "127.0.0.1:0"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        said = ""
        while "/metrics" not in said:
            line = self.process.stdout.readline()
            if not line:
                raise SystemExit("the gateway has not started: %s" % self.process.stderr.read())
            said += line
        self.port = int(re.search(r"^tag +http://127.0.0.1:(\d+)/v1/preroll/vast$", said, re.M).group(1))
        self.admin = int(re.search(r"http://127.0.0.1:(\d+)/metrics", said).group(1))

    def ask_admin(self, path, method="GET"):
        connection = http.client.HTTPConnection("127.0.0.1", self.admin, timeout=60)
        connection.request(method, path)
        response = connection.getresponse()
        return response.status, response.read().decode()

    def end(self):
        """Sends SIGTERM. Gives the exit code and what the gateway wrote to stderr."""
        self.process.send_signal(signal.SIGTERM)
        _, said = self.process.communicate(timeout=180)
        return self.process.returncode, said

    def metrics_at_rest(self):
        """The text of /metrics when no request is in flight, or what it is after a minute. A player has its answer a moment before that."""
        deadline = time.monotonic() + 60
        while True:
            metrics = self.ask_admin("/metrics")[1]
            if value(metrics, "vast_gateway_in_flight") == 0 or time.monotonic() > deadline:
                return metrics
            time.sleep(0.02)


class Player:
    """Asks over one connection, and opens another one if the gateway has closed it."""

    def __init__(self, port, tag="/v1/preroll/vast"):
        self.port, self.tag, self.connection = port, tag, None

    def ask(self):
        """The status, the outcome, the body and the seconds of an answer; the error if there is none."""
        began = time.monotonic()
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            self.connection.request("GET", self.tag + "?w=1280&h=720&cb=1")
            response = self.connection.getresponse()
            body = response.read()
            if response.getheader("Connection") == "close":
                self.connection = None
            return response.status, response.getheader("X-Vast-Outcome"), body, time.monotonic() - began
        except (OSError, http.client.HTTPException) as error:
            self.connection = None
            return repr(error), None, b"", time.monotonic() - began


def ask_all(port, times, go_on=lambda: True, at=lambda number: None):
    """Asks at these times, in seconds from now, until `go_on` says no. Gives the answers."""
    players = queue.Queue()
    for _ in range(PLAYERS):
        players.put(Player(port))
    began, is_over = time.monotonic(), threading.Event()

    def one(number):
        is_over.wait(max(0, began + times[number] - time.monotonic()))
        if is_over.is_set():
            return None
        at(number)
        if not go_on():
            is_over.set()
            return None
        player = players.get()
        try:
            return player.ask()
        finally:
            players.put(player)

    with concurrent.futures.ThreadPoolExecutor(PLAYERS) as pool:
        return [answer for answer in pool.map(one, range(len(times))) if answer is not None]


def value(metrics, series):
    """The value of a series in the text of /metrics."""
    found = re.search("^" + re.escape(series) + r" (\S+)$", metrics, re.M)
    return float(found.group(1)) if found else None


def config_of(mode, servers, timeout=TIMEOUT, announce="0s"):
    sources = "".join('[[placement.preroll.source]]\nname = "%s"\nurl = "%s"\n' % (one.manner, one.url()) for one in servers)
    config = CONFIG.format(mode=mode, sources=sources, announce=announce, timeout=round(1000 * timeout), shorter=round(900 * timeout))
    return config if mode == "staggered" else config.replace('stagger = "100ms"\n', "")


def check_schema(checks, bodies, folder):
    """Each distinct document against the schema of its version."""
    spec = os.environ.get("VAST_SPEC")
    found = glob.glob(os.path.join(spec, "**", "vast_4.2.xsd"), recursive=True) if spec else []
    if not found or not shutil.which("xmllint"):
        print("skipped: schemas")
        return
    for number, body in enumerate(bodies):
        path = os.path.join(folder, "answer-%d.xml" % number)
        with open(path, "wb") as file:
            file.write(body)
        judged = subprocess.run(["xmllint", "--nonet", "--noout", "--schema", found[0], path], capture_output=True, text=True)
        checks.equal("an answer is valid", (judged.returncode, judged.stderr if judged.returncode else ""), (0, ""))


def steady_load(checks, mode, options):
    count, rate, timeout = options.requests, options.rate, options.timeout
    what = "%s, %d requests at %d/s" % (mode, count, rate)
    servers = [AdServer(manner) for manner in ("dies", "hangs", "steady")]

    def at(number):
        if number == count // 3:
            servers[0].dead.set()

    with tempfile.TemporaryDirectory() as folder:
        gateway = Gateway(options.vast, config_of(mode, servers, timeout), folder)
        answers = ask_all(gateway.port, [number / rate for number in range(count)], at=at)
        metrics = gateway.metrics_at_rest()
        ended = gateway.end()
        checks.equal("%s: answers" % what, len(answers), count)
        outcomes = collections.Counter((status, outcome) for status, outcome, _, _ in answers)
        checks.equal("%s: status and outcome" % what, dict(outcomes), {(200, "filled"): count})
        # A busy machine may add as much again.
        slow = [seconds for _, _, _, seconds in answers if seconds > 2 * timeout]
        checks.equal("%s: answers after the deadline" % what, slow[:5], [])
        median = statistics.median(seconds for _, _, _, seconds in answers)
        checks.check("%s: half of the answers come in half of the time limit, at most in a second" % what, median < min(timeout / 2, 1), median)
        check_schema(checks, {body for _, _, body, _ in answers}, folder)
    winners = collections.Counter(name for _, _, body, _ in answers for name in ("dies", "steady") if b'id="%s"' % name.encode() in body)
    counted = value(metrics, 'vast_gateway_answers_total{placement="preroll",outcome="filled"}')
    checks.equal("%s: answers in /metrics" % what, counted, count)
    for name in ("dies", "steady"):
        wins = value(metrics, 'vast_source_wins_total{placement="preroll",source="%s"}' % name)
        checks.equal("%s: wins of %s in /metrics" % (what, name), wins, winners[name])
    checks.check("%s: both ad servers win" % what, min(winners["dies"], winners["steady"]) > 0, winners)
    checks.equal("%s: requests in flight at last" % what, value(metrics, "vast_gateway_in_flight"), 0)
    if shutil.which("promtool"):
        judged = subprocess.run(["promtool", "check", "metrics"], input=metrics, capture_output=True, text=True)
        checks.equal("%s: promtool" % what, (judged.returncode, judged.stdout + judged.stderr), (0, ""))
    else:
        print("skipped: promtool")
    checks.equal("%s: the end" % what, ended[0], 0)
    checks.check("%s: the last line" % what, "answers: %d, %d with an ad; 0 cut" % (count, count) in ended[1], ended[1])
    for server in servers:
        server.shutdown()


def end_under_load(checks, vast, rate):
    """Players go on after SIGTERM until a load balancer would have moved them: for NOTICE requests after `/readyz` said no. The count is in
    requests, not in seconds, so that a slow machine does the same as a fast one."""
    servers = [AdServer("steady")]
    lock, said_no, late, ended = threading.Lock(), threading.Event(), [], []
    with tempfile.TemporaryDirectory() as folder:
        # The players need a moment of the time of the announcement, the rest is for a busy machine.
        gateway = Gateway(vast, config_of("sequential", servers, announce="10s"), folder)

        def watch():
            while gateway.ask_admin("/readyz")[0] == 200:
                time.sleep(0.02)
            said_no.set()

        def at(number):
            if number == rate:
                for task in (watch, lambda: ended.append(gateway.end())):
                    threading.Thread(target=task, daemon=True).start()

        def go_on():
            with lock:
                if said_no.is_set():
                    late.append(1)
                return len(late) <= NOTICE

        # They end much earlier, unless the gateway does not say no.
        answers = ask_all(gateway.port, [number / rate for number in range(60 * rate)], go_on, at)
        deadline = time.monotonic() + 120
        while not ended and time.monotonic() < deadline:
            time.sleep(0.05)
    failed = [answer[0] for answer in answers if answer[:2] != (200, "filled")]
    checks.equal("SIGTERM under load: failed requests", failed[:5], [])
    checks.check("SIGTERM under load: requests after it", len(late) > NOTICE and len(answers) >= rate + NOTICE, (len(late), len(answers)))
    checks.check("SIGTERM under load: the end", ended and ended[0][0] == 0, ended)
    servers[0].shutdown()


def main():
    arguments = harness.parser(__doc__)
    arguments.add_argument("--requests", type=int, default=5000, help="requests of each run [default: 5000]")
    arguments.add_argument("--rate", type=int, default=200, help="requests per second [default: 200]")
    arguments.add_argument("--timeout", type=float, default=TIMEOUT, help="the time limit of a request in seconds [default: %(default)s]")
    options = harness.options_of(arguments)
    checks = harness.Tally()
    for mode in ("race", "staggered"):
        steady_load(checks, mode, options)
    end_under_load(checks, options.vast, options.rate)
    return checks.end()


if __name__ == "__main__":
    sys.exit(main())
