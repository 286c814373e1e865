#!/usr/bin/env python3
"""Checks from outside that several gateways on one NATS server lose no event that one of them has accepted.

    scripts/nats.py [--vast PATH] [--nats PATH] [--events N] [--kills N] [--gateways N] [--nodes 1|3] [--stop S] [--away S] [--full] [--alone]

Players ask gateways (`vast serve`) for ads whose trackers they relay, and report six events of each ad, each to any of the gateways and some twice. Meanwhile gateways are
killed (SIGKILL) and started again, and the NATS server is killed once: with --nodes 3 the leader of the beacons among three servers with three replicas. Then the script waits until nothing waits in the streams, and compares what has arrived at the
trackers with what was accepted.

--stop S stops a gateway (SIGSTOP) for S seconds, --away S takes NATS away for S seconds, --full makes the streams so small that they are full: events then wait on the
disk of the gateways. --alone runs one gateway with its outbox on disk and no NATS.

Needs Python 3.8 and its standard library, a `vast` with the feature `nats`, and `nats-server`; without that it prints `skipped: nats-server`.
"""

import collections
import concurrent.futures
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

import harness
from beacons import EVENTS, Player, Server, relayed
from gateway import Gateway, free_port

PLAYERS = 12
# How many beacons of one host a killed gateway may repeat.
REPEATED_PER_KILL = 64
# The longest time in which no message is called: the leases of a killed gateway end, then the server sends its messages again. A host that
# a busy machine could not reach in time is called again after five minutes at most.
PATIENCE = 400

CONFIG = """[server]
drain = {{ announce = "0s", requests = "30s", beacons = "120s" }}
max_lag = "1h"
public_url = "http://127.0.0.1:1"
[[secret]]
id = 1
file = "{secret}"
{cluster}
[outbox]
path = "beacons"
[placement.preroll]
track = "relay"
{limits}
source = [{{ name = "relayed", url = "{ads}", allow_private = true }}]
"""


class Nats:
    """A `nats-server` on loopback with its files in a folder."""

    def __init__(self, program, folder, more=()):
        self.program, self.folder, self.port, self.more = program, folder, free_port(), list(more)
        self.url = "nats://127.0.0.1:%d" % self.port
        self.urls = [self.url]
        self.start()

    def start(self):
        command = [self.program, "-a", "127.0.0.1", "-p", str(self.port), "-js", "-sd", os.path.join(self.folder, "nats")] + self.more
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise SystemExit("nats-server has not started")

    def kill(self):
        self.process.kill()
        self.process.wait()

    end = kill

    def version(self):
        return subprocess.run([self.program, "--version"], capture_output=True, text=True).stdout.strip()


class NatsCluster:
    """Three servers of one cluster. What is killed is the leader of the beacons."""

    def __init__(self, program, folder):
        self.program, self.killed, self.killed_names = program, None, []
        peers = [free_port() for _ in range(3)]
        self.monitors = [free_port() for _ in range(3)]
        self.nodes = []
        for index in range(3):
            own = os.path.join(folder, "node%d" % index)
            os.mkdir(own)
            routes = ",".join("nats://127.0.0.1:%d" % peer for peer in peers if peer != peers[index])
            more = ["-n", "node%d" % index, "--cluster_name", "vast", "--cluster", "nats://127.0.0.1:%d" % peers[index], "--routes", routes]
            self.nodes.append(Nats(program, own, more + ["-m", str(self.monitors[index])]))
        self.urls = [node.url for node in self.nodes]

    @property
    def url(self):
        return next(node.url for node in self.nodes if node is not self.killed)

    def leader(self):
        """The index of the server that leads the stream of the beacons; `None` while there is none."""
        for monitor in self.monitors:
            try:
                with urllib.request.urlopen("http://127.0.0.1:%d/jsz?streams=true&accounts=true" % monitor, timeout=5) as answer:
                    accounts = json.load(answer).get("account_details") or []
            except OSError:
                continue
            for stream in (stream for account in accounts for stream in account.get("stream_detail") or []):
                if stream["name"] == "VAST_BEACONS" and (stream.get("cluster") or {}).get("leader"):
                    return int(stream["cluster"]["leader"][-1])
        return None

    def kill(self):
        index = self.leader()
        self.killed_names.append(index)
        self.killed = self.nodes[0 if index is None else index]
        self.killed.kill()

    def start(self):
        self.killed.start()
        self.killed = None

    def end(self):
        for node in self.nodes:
            node.kill()

    def version(self):
        return self.nodes[0].version() + " x 3"


class Fleet:
    """The gateways, each with a folder of its own."""

    def __init__(self, vast, number, folder, config):
        self.vast, self.lock = vast, threading.Lock()
        self.folders = [os.path.join(folder, "gateway%d" % index) for index in range(number)]
        for path in self.folders:
            os.mkdir(path)
        self.gateways = [Gateway(vast, config, path, free_port()) for path in self.folders]

    def ports(self):
        return [gateway.port for gateway in self.gateways]

    def kill(self, index):
        with self.lock:
            old = self.gateways[index]
            old.process.kill()
            old.process.communicate()
            # Until NATS works again a gateway with streams that it has never checked cannot start without its outbox on disk.
            self.gateways[index] = Gateway(self.vast, None, self.folders[index], old.port)

    def stop_for(self, index, seconds):
        process = self.gateways[index].process
        process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        process.send_signal(signal.SIGCONT)


def play(ports, ends):
    """Plays one ad: each report goes to any gateway. Gives the paths of the trackers whose events were accepted."""
    _, outcome, body = Player(random.choice(ports), ends).get("/v1/preroll/vast?w=1280&h=720")
    number, paths = relayed(outcome, body)
    if paths is None:
        return None
    accepted = []
    for event, path in paths.items():
        # A load balancer sends both reports of an event to one gateway: others do not know what waits on its disk.
        port = random.choice(ports)
        for _ in range(random.choice((1, 1, 1, 2))):
            status, end, _ = Player(port, ends).get(path)
            ends[(status, end)] += 1
            if status == 200 and end in ("queued", "known"):
                accepted.append("/%s/%s" % (number, event))
    return accepted


def waiting(options, nats):
    """The messages that wait in the streams or that a gateway has; `None` if the program does not say it."""
    said = subprocess.run([options.vast, "nats", "status", "--nats", nats.url], capture_output=True, text=True, timeout=60)
    counts = re.findall(r"^VAST_(?:BEACONS|RETRY_\w+) .* waiting (\d+)  received (\d+)", said.stdout, re.M)
    return sum(int(one) for both in counts for one in both) if len(counts) == 5 else None


def given_up(options, nats, fleet):
    """The paths of beacons that were in flight at two kills. Their trackers may have been reached twice, so they became dead letters."""
    outboxes = [os.path.join(path, "beacons") for path in fleet.folders] + ([nats.url] if nats else [])
    paths = set()
    for outbox in outboxes:
        command = [options.vast, "outbox", "list", "--state", "dead", "--format", "json", "--outbox", outbox]
        said = subprocess.run(command, capture_output=True, text=True, timeout=60)
        for beacon in json.loads(said.stdout or "{}").get("beacons", []):
            if beacon.get("reason") == "in_doubt" and beacon.get("in_doubt", 0) > 1:
                paths.add("/" + beacon["url"].split("/", 3)[3])
    return paths


def disturb(options, fleet, nats, played, ads, is_over):
    """Kills, stops and takes away, spread over the run."""
    moments = sorted((random.uniform(0.02, 0.95), "gateway") for _ in range(options.kills))
    if nats is not None:
        moments = sorted(moments + [(0.4, "nats")])
    if options.stop:
        moments = sorted(moments + [(0.2, "stop")])
    threads = []
    for share, what in moments:
        while len(played) < share * ads and not is_over.is_set():
            time.sleep(0.01)
        index = random.randrange(len(fleet.gateways))
        if what == "gateway":
            fleet.kill(index)
        elif what == "stop":
            threads.append(threading.Thread(target=fleet.stop_for, args=(0, options.stop)))
            threads[-1].start()
        else:
            nats.kill()
            time.sleep(options.away)
            nats.start()
    for thread in threads:
        thread.join()


def make_streams(checks, init):
    """Runs the command until it succeeds, at most two minutes: three servers need some seconds to choose a leader, and a request to a server that
    is busy is given up after a second."""
    deadline = time.monotonic() + 120
    done = subprocess.run(init, capture_output=True, text=True, timeout=120)
    while done.returncode and time.monotonic() < deadline:
        time.sleep(1)
        done = subprocess.run(init, capture_output=True, text=True, timeout=120)
    checks.check("vast nats init", done.returncode == 0, done.stdout + done.stderr)


def still_waiting(options, nats):
    """As `waiting` when nothing waits, at the latest after a minute: the program may not reach a server that is busy."""
    deadline = time.monotonic() + 60
    number = waiting(options, nats)
    while number != 0 and time.monotonic() < deadline:
        time.sleep(1)
        number = waiting(options, nats)
    return number


def wait_for_trackers(options, nats, fleet, server, accepted):
    """Waits until all accepted events have been called and nothing waits, or nothing has changed for a long time."""
    last, since = None, time.monotonic()
    while time.monotonic() - since < PATIENCE:
        with server.lock:
            missing = accepted - set(server.seen)
        left = waiting(options, nats) if nats is not None else 0
        if (not missing or not missing - given_up(options, nats, fleet)) and left == 0:
            return
        if left is not None and (len(missing), left) != last:
            last, since = (len(missing), left), time.monotonic()
        time.sleep(1)


def run(checks, options, folder):
    server = Server()
    secret = os.path.join(folder, "secret")
    with open(secret, "w") as file:
        file.write("a secret of this run: %032x" % random.getrandbits(128))
    nats = None if options.alone else NatsCluster(options.nats, folder) if options.nodes == 3 else Nats(options.nats, folder)
    if nats is not None:
        # The server reserves the sizes of the streams; the default ones need a disk with more room than a check can expect.
        sizes = ["--max-bytes", "200000" if options.full else "100000000"]
        init = [options.vast, "nats", "init", "--nats", nats.url, "--apply", "--replicas", str(options.nodes)] + sizes
        make_streams(checks, init)
    cluster = "[cluster]\nnats = %s" % json.dumps(nats.urls) if nats is not None else ""
    config = CONFIG.format(limits=harness.LIMITS, secret=secret, cluster=cluster, ads="http://%s/vast" % server.host())
    fleet = Fleet(options.vast, 1 if options.alone else options.gateways, folder, config)
    ports, ads, ends, played = fleet.ports(), options.events // len(EVENTS), collections.Counter(), []
    is_over, began = threading.Event(), time.monotonic()
    disturbance = threading.Thread(target=disturb, args=(options, fleet, nats, played, ads, is_over))
    disturbance.start()
    with concurrent.futures.ThreadPoolExecutor(PLAYERS) as pool:
        for accepted in pool.map(lambda _: play(ports, ends), range(ads)):
            played.append(accepted)
    is_over.set()
    disturbance.join()
    seconds = time.monotonic() - began
    accepted = {path for one in played for path in one or ()}
    wait_for_trackers(options, nats, fleet, server, accepted)
    reports = [gateway.end() for gateway in fleet.gateways]
    doubtful = given_up(options, nats, fleet)  # Only now the files of the gateways can be read.
    with server.lock:
        seen = dict(server.seen)
    dead = (accepted - set(seen)) & doubtful
    lost = sorted(accepted - set(seen) - dead)
    repeats = sum(count - 1 for count in seen.values())
    checks.equal("ads that were not played", sum(one is None for one in played), 0)
    checks.equal("the ends of reports are accepted ones", sorted(set(ends) - {(200, "queued"), (200, "known")}), [])
    checks.equal("accepted events", len(accepted), ads * len(EVENTS))
    checks.equal("accepted events that are lost", lost[:5], [])
    hard = options.kills + (1 if options.stop else 0) + (len(fleet.gateways) if nats is not None else 0)
    bound = hard * REPEATED_PER_KILL
    checks.check("events that were given up after two kills", len(dead) <= options.kills, sorted(dead)[:5])
    checks.check("events that came twice", repeats <= bound, "%d, bound %d" % (repeats, bound))
    checks.check("each gateway ends in order", all(code == 0 for code, _ in reports), reports)
    if nats is not None:
        checks.equal("messages that wait at the end", still_waiting(options, nats), 0)
        if options.nodes == 3:
            checks.check("the killed server was the leader", nats.killed_names and None not in nats.killed_names, nats.killed_names)
        nats.end()
    else:
        checks.check("nothing is left", "trackers left: 0" in reports[0][1], reports)
    print("%s, %d gateways, %d kills, %d events accepted in %.0f s, %d lost, %d given up after two kills, %d repeated (bound %d)" % (
        nats.version() if nats else "without NATS", len(fleet.gateways), options.kills, len(accepted), seconds, len(lost), len(dead), repeats, bound))
    server.shutdown()


def main():
    arguments = harness.parser(__doc__)
    arguments.add_argument("--nats", default="nats-server", help="the program nats-server [default: that of PATH]")
    arguments.add_argument("--events", type=int, default=20000, help="the events that are reported [default: 20000]")
    arguments.add_argument("--kills", type=int, default=50, help="how often a gateway is killed [default: 50]")
    arguments.add_argument("--gateways", type=int, default=3, help="the number of gateways [default: 3]")
    arguments.add_argument("--nodes", type=int, choices=(1, 3), default=1, help="the number of NATS servers and of replicas [default: 1]")
    arguments.add_argument("--stop", type=float, default=0, help="stop a gateway for this many seconds")
    arguments.add_argument("--away", type=float, default=0, help="take NATS away for this many seconds [default: 0, it starts again at once]")
    arguments.add_argument("--full", action="store_true", help="make the streams so small that they are full")
    arguments.add_argument("--alone", action="store_true", help="run one gateway without NATS")
    options = harness.options_of(arguments)
    if not options.alone and shutil.which(options.nats) is None:
        print("skipped: nats-server")
        return 0
    checks = harness.Tally()
    with tempfile.TemporaryDirectory() as folder:
        run(checks, options, folder)
    return checks.end()


if __name__ == "__main__":
    sys.exit(main())
