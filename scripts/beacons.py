#!/usr/bin/env python3
"""Checks from outside that no event that a gateway has accepted is lost when it is killed, and that none is delivered too often.

    scripts/beacons.py [--vast PATH] [--ads N] [--kills N] [--outbox PATH]

Players ask a gateway (`vast serve`) for ads whose trackers it relays (`track = "relay"`), and report six events of each ad over HTTP, several of them twice. The gateway
is killed (SIGKILL) while they do so, and started again with the same outbox and secret; players repeat what was not answered. At last the gateway ends in order. Every event
whose report was answered with 200 must then be at the server of the trackers, or be a dead letter of the outbox because two kills have left its attempts in doubt. What came
twice must be within the bound of the outbox: an attempt in flight at a kill is repeated once, 64 per host.

Needs Python 3.8 and its standard library. Prints a line per failed check, the counts, and at last `N passed, M failed`; exits with 1 when one failed, with 2 when the
program is not there.
"""

import collections
import concurrent.futures
import http.client
import itertools
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import harness
from gateway import Gateway, free_port

PLAYERS = 16
EVENTS = ["impression", "start", "firstQuartile", "midpoint", "thirdQuartile", "complete"]
# How many beacons of one host a crash may repeat.
REPEATED_PER_KILL = 64

AD = """<VAST version="4.2"><Ad id="{0}"><InLine><AdSystem>relay</AdSystem><Impression>http://{1}/{0}/impression</Impression>
<AdServingId>{0}</AdServingId><AdTitle>{0}</AdTitle><Creatives><Creative><Linear><Duration>00:00:15</Duration><TrackingEvents>{2}</TrackingEvents><MediaFiles>
<MediaFile delivery="progressive" type="video/mp4" width="1280" height="720">https://cdn.example/a.mp4</MediaFile></MediaFiles></Linear>
<UniversalAdId idRegistry="ad-id.org">{0}</UniversalAdId></Creative></Creatives></InLine></Ad></VAST>"""

CONFIG = """[server]
drain = {{ announce = "0s", requests = "30s", beacons = "120s" }}
max_lag = "1h"
[[secret]]
id = 1
file = "secret"
[outbox]
path = "{outbox}"
[placement.preroll]
track = "relay"
{limits}
source = [{{ name = "relayed", url = "{ads}", allow_private = true }}]
"""


class Server(ThreadingHTTPServer):
    """The ad server and the server of the trackers. Each ad has a number of its own."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.numbers, self.seen, self.lock = itertools.count(), collections.Counter(), threading.Lock()
        harness.serve(self)

    def host(self):
        return "127.0.0.1:%d" % self.server_port

    def handle_error(self, request, client_address):
        """A connection that a killed gateway has left is no mistake."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        body, status = b"", 204
        if self.path == "/vast":
            number, host = next(self.server.numbers), self.server.host()
            tracking = "".join('<Tracking event="%s">http://%s/%d/%s</Tracking>' % (event, host, number, event) for event in EVENTS[1:])
            body, status = AD.format(number, host, tracking).encode(), 200
        else:
            with self.server.lock:
                self.server.seen[self.path] += 1
        self.send_response(status)
        if body:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


class Player:
    """Asks until it has an answer, also over a kill of the gateway."""

    def __init__(self, port, ends):
        self.port, self.ends, self.connection = port, ends, None

    def get(self, path):
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            try:
                if self.connection is None:
                    self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
                self.connection.request("GET", path, headers={"User-Agent": "Player/1"})
                response = self.connection.getresponse()
                body = response.read()
                if response.getheader("Connection") == "close":
                    self.connection = None
                if response.status != 503:
                    return response.status, response.getheader("X-Vast-Outcome"), body.decode("utf-8", "replace")
            except (OSError, http.client.HTTPException):
                self.connection = None
            time.sleep(0.02)
        return None, None, ""

    def play(self):
        """Plays one ad. Gives the paths of the trackers whose events were accepted."""
        _, outcome, body = self.get("/v1/preroll/vast?w=1280&h=720")
        number, paths = relayed(outcome, body)
        if paths is None:
            return None
        accepted = []
        for event, path in paths.items():
            for _ in range(random.choice((1, 1, 2))):
                status, end, _ = self.get(path)
                self.ends[(status, end)] += 1
                if status == 200 and end in ("queued", "known"):
                    accepted.append("/%s/%s" % (number, event))
        return accepted


def relayed(outcome, body):
    """The number of the ad in an answer, and the path of the sealed URL of each event. Both are None if one is missing."""
    number = re.search(r'<Ad id="(\d+)"', body)
    paths = {}
    for event in EVENTS:
        element = r"<Impression>" if event == "impression" else r'<Tracking event="%s">' % event
        path = re.search(element + r"<!\[CDATA\[http://[^/]+(/b/[^\]?]+)", body)
        if outcome != "filled" or number is None or path is None:
            return None, None
        paths[event] = path.group(1)
    return number.group(1), paths


def dead_letters(vast, outbox):
    """The path of each dead letter in the file, with its reason."""
    command = [vast, "outbox", "list", "--outbox", outbox, "--state", "dead", "--format", "json", "--reveal"]
    listed = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
    return {urllib.parse.urlsplit(row["url"]).path: row["reason"] for row in json.loads(listed)["beacons"]}


def run(checks, vast, ads, kills, folder, outbox):
    server = Server()
    with open(os.path.join(folder, "secret"), "w") as file:
        file.write("a secret of this run: %032x" % random.getrandbits(128))
    config = CONFIG.format(limits=harness.LIMITS, ads="http://%s/vast" % server.host(), outbox=outbox)
    gateway = Gateway(vast, config, folder, free_port())
    port, played, ends = gateway.port, [], collections.Counter()
    ready, lock = [gateway], threading.Lock()
    moments = iter(sorted(random.sample(range(1, ads), kills)))
    following = [next(moments, None)]

    def one(number):
        accepted = Player(port, ends).play()
        with lock:
            played.append(accepted)
            if following[0] is None or len(played) < following[0]:
                return
            following[0] = next(moments, None)
            # Players go on, and find no gateway until the next one has started.
            ready[0].process.send_signal(signal.SIGKILL)
            ready[0].process.wait()
            ready[0] = Gateway(vast, config, folder, port)

    with concurrent.futures.ThreadPoolExecutor(PLAYERS) as pool:
        for _ in pool.map(one, range(ads)):
            pass
    code, said = ready[0].end()
    accepted = {path for one in played for path in one or ()}
    with server.lock:
        seen = dict(server.seen)
    dead = dead_letters(vast, outbox)
    lost = sorted(accepted - set(seen) - set(dead))
    repeats = sum(count - 1 for count in seen.values())
    checks.equal("ads that were not played", sum(one is None for one in played), 0)
    checks.equal("the ends of reports are accepted ones", sorted(set(ends) - {(200, "queued"), (200, "known")}), [])
    checks.equal("accepted events", len(accepted), ads * len(EVENTS))
    checks.equal("accepted events that are lost", lost[:5], [])
    checks.equal("reasons of dead letters", set(dead.values()) - {"in_doubt"}, set())
    bound = kills * REPEATED_PER_KILL
    checks.check("events that came twice", repeats <= bound, "%d, bound %d" % (repeats, bound))
    checks.check("an event came three times", max(seen.values(), default=0) <= 2, [one for one in seen.items() if one[1] > 2][:5])
    checks.check("the end: %s" % said.strip(), code == 0 and "trackers left: 0" in said, (code, said))
    counts = (kills, len(accepted), len(lost), len(dead), repeats, bound)
    print("%d kills, %d events accepted, %d lost, %d dead letters, %d repeated (bound %d)" % counts)
    server.shutdown()


def main():
    arguments = harness.parser(__doc__)
    arguments.add_argument("--ads", type=int, default=1000, help="ads that are played [default: 1000]")
    arguments.add_argument("--kills", type=int, default=5, help="how often the gateway is killed [default: 5]")
    arguments.add_argument("--outbox", help="the folder of the outbox [default: a temporary one]")
    options = harness.options_of(arguments)
    checks = harness.Tally()
    with tempfile.TemporaryDirectory() as folder:
        outbox = os.path.join(options.outbox or folder, "beacons")
        run(checks, options.vast, options.ads, options.kills, folder, outbox)
    return checks.end()


if __name__ == "__main__":
    sys.exit(main())
