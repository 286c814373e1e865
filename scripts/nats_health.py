#!/usr/bin/env python3
"""Checks from outside that gateways on one NATS server share what they see of their sources.

    scripts/nats_health.py [--vast PATH] [--nats PATH]

Two gateways ask the same two ad servers. One server dies; only one gateway asks it and ejects it. The other one must leave it alone without a failure of its own, and
must ask it again when the first one has found that it works. Hostile messages change nothing and are counted. While NATS is away both gateways answer as before and show
only themselves. A gateway that is killed vanishes from the page of the other one.

Needs Python 3.8 and its standard library, a `vast` with the feature `nats`, and `nats-server`; without that it prints `skipped: nats-server`.
"""

import json
import os
import random
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

import harness
from gateway import AdServer, Gateway, Player
from nats import Nats, make_streams

CONFIG = """[server]
drain = {{ announce = "0s", requests = "30s", beacons = "1s" }}
max_lag = "1h"
[[secret]]
id = 1
file = "{secret}"
[cluster]
nats = "{nats}"
name = "{name}"
[outbox]
path = "beacons"
[placement.preroll]
mode = "parallel"
{limits}
retries = 0
breaker = {{ failures = 5, eject = "40s", eject_max = "40s" }}
source = [{{ name = "mortal", url = "{mortal}", allow_private = true }}, {{ name = "steady", url = "{steady}", allow_private = true }}]
"""
# The longest time until a gateway has heard of something: a message comes each second, and a busy machine is slow.
HEARD = 60
# The longest time until an ejection is over and a probe has shown that the source works.
RECOVERED = 120


def sources(gateway, name):
    """What the gateway `name` sees of each source, as `gateway` shows it; `None` if it does not show it."""
    report = json.loads(gateway.ask_admin("/api/gateways")[1])
    row = next((row for row in report["gateways"] if row["name"] == name), None)
    return row and {source["source"]: source for source in row["sources"]}


def names(gateway):
    report = json.loads(gateway.ask_admin("/api/gateways")[1])
    return report["exchange"], [row["name"] for row in report["gateways"]]


def within(seconds, condition):
    """Whether the condition holds within this time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return condition()


def ask(gateway, number):
    """Asks a number of times. Gives the number of answers with an ad, and the median of their times: one of them may wait for a busy
    machine, but not half of them."""
    player = Player(gateway.port)
    answers = [player.ask() for _ in range(number)]
    filled = sum((status, outcome) == (200, "filled") for status, outcome, _, _ in answers)
    return filled, statistics.median(seconds for _, _, _, seconds in answers)


def publish(nats, payloads):
    """Publishes messages on the subject of the gateways, as anyone who reaches the server can."""
    with socket.create_connection(("127.0.0.1", nats.port), timeout=60) as server:
        server.sendall(b'CONNECT {"verbose":false}\r\n')
        for payload in payloads:
            server.sendall(b"PUB vast.news %d\r\n%s\r\n" % (len(payload), payload))
        server.sendall(b"PING\r\n")
        said = b""
        while b"PONG" not in said:
            said += server.recv(4096)


def count(gateway, end):
    found = re.search(r'^vast_cluster_news_total{end="%s"} (\d+)' % end, gateway.ask_admin("/metrics")[1], re.M)
    return int(found.group(1)) if found else None


def status(options, folder, secret):
    """What `vast nats status` shows of the gateways, with the file of the second gateway but for its secret."""
    with open(os.path.join(folder, "second", "gateway.toml")) as file:
        text = file.read()
    other = os.path.join(folder, "status.toml")
    with open(other, "w") as file:
        file.write(text.replace(os.path.join(folder, "secret"), secret))
    said = subprocess.run([options.vast, "nats", "status", "--config", other], capture_output=True, text=True, timeout=60)
    return [line for line in said.stdout.splitlines() if line.startswith(("gateways", "first", "second"))] or [said.stdout + said.stderr]


def check_status(checks, options, folder, what, holds):
    """The command listens for two seconds and a half only, and a gateway on a busy machine may be silent for as long."""
    seen = []

    def is_shown():
        seen[:] = status(options, folder, os.path.join(folder, "secret"))
        return holds(seen)

    checks.check(what, within(HEARD / 4, is_shown), seen)


def one_sees_the_other_follows(checks, options, folder, first, second, mortal):
    checks.check("each gateway shows both", within(HEARD, lambda: names(first) == ("on", ["first", "second"]) and names(second) == ("on", ["second", "first"])), (names(first), names(second)))
    checks.equal("answers while all is well", [ask(first, 3)[0], ask(second, 3)[0]], [3, 3])
    mortal.dead.set()
    filled, _ = ask(first, 8)
    checks.equal("answers while a source dies", filled, 8)
    checks.equal("the first gateway ejects it", sources(first, "first")["mortal"]["breaker"], "open")

    def follows():
        return sources(second, "second")["mortal"]["ejected_by"] == "first"

    checks.check("the second gateway follows", within(HEARD, follows), sources(second, "second"))
    filled, median = ask(second, 20)
    seen = sources(second, "second")["mortal"]
    checks.equal("the second gateway has an ad for all", filled, 20)
    checks.equal("the second gateway has not asked the dead source", (seen["failed"], seen["breaker"]), (0, "open"))
    checks.check("its answers do not wait", median < 1, median)
    page = second.ask_admin("/sources")[1]
    checks.check("/sources says whose ejection it is", "because first has ejected it" in page, page[:2000])
    page = second.ask_admin("/gateways")[1]
    checks.check("its page says why", "because first has ejected it" in page, page[-2000:])
    check_status(checks, options, folder, "vast nats status says it", lambda lines: [line.endswith("  ejected preroll/mortal") for line in lines] == [False, True, True])
    mortal.dead.clear()

    def recovers():
        ask(first, 1)
        return sources(first, "first")["mortal"]["breaker"] == "closed"

    checks.check("the first gateway finds that it works again", within(RECOVERED, recovers), sources(first, "first"))
    checks.check("the second one asks it again", within(HEARD, lambda: sources(second, "second")["mortal"]["breaker"] == "closed"), sources(second, "second"))
    before = sources(second, "second")["mortal"]["asked"]
    ask(second, 5)
    checks.equal("requests to it", sources(second, "second")["mortal"]["asked"] - before, 5)
    checks.equal("its failures at the second gateway", sources(second, "second")["mortal"]["failed"], 0)


def the_command_shows_gateways(checks, options, folder):
    shown = lambda lines: [line.split("  ")[0].strip() for line in lines] == ["gateways 2", "first", "second"] and "ejected" not in "".join(lines)
    check_status(checks, options, folder, "vast nats status shows both gateways, and that nothing is ejected", shown)
    strange = os.path.join(folder, "strange")
    with open(strange, "w") as file:
        file.write("another secret: %032x" % random.getrandbits(128))
    checks.equal("with another secret it believes none", status(options, folder, strange), ["gateways 0"])


def hostile_messages(checks, nats, first):
    forged = b"vn\x01\x31" + b"\0" * 16 + json.dumps({"id": "0" * 16, "name": "forged", "sources": []}).encode()
    ends = ("damaged", "not_signed", "newer", "too_long")
    before = {end: count(first, end) for end in ends}
    publish(nats, [b"", b"garbage", forged, b"vn\x02" + forged[3:], b"x" * 900000])
    expected = {"damaged": 2, "not_signed": 1, "newer": 1, "too_long": 1}
    checks.check("hostile messages are counted", within(HEARD, lambda: {end: count(first, end) - before[end] for end in ends} == expected), [(end, count(first, end)) for end in ends])
    # A flood is read only in part.
    publish(nats, [forged] * 5000)
    checks.check("of a flood only a part is read", within(HEARD, lambda: count(first, "too_many") > 0), first.ask_admin("/metrics")[1][:2000])
    checks.equal("answers after it", ask(first, 3)[0], 3)
    checks.check("the others are still there", within(HEARD, lambda: names(first) == ("on", ["first", "second"])), names(first))


def nats_away(checks, nats, first, second):
    nats.kill()
    checks.check("without NATS a gateway shows itself only", within(HEARD, lambda: names(first) == ("away", ["first"])), names(first))
    filled, median = ask(first, 20)
    checks.equal("answers without NATS", filled, 20)
    checks.check("they do not wait for it", median < 1, median)
    checks.check("the page says it", "NATS is away" in first.ask_admin("/gateways")[1], "")
    nats.start()
    checks.check("with NATS both are there again", within(HEARD, lambda: names(first) == ("on", ["first", "second"])), names(first))


def run(checks, options, folder):
    mortal, steady = AdServer("steady"), AdServer("steady")
    secret = os.path.join(folder, "secret")
    with open(secret, "w") as file:
        file.write("a secret of this run: %032x" % random.getrandbits(128))
    nats = Nats(options.nats, folder)
    init = [options.vast, "nats", "init", "--nats", nats.url, "--apply", "--max-bytes", "100000000"]
    make_streams(checks, init)
    gateways = []
    for name in ("first", "second"):
        os.mkdir(os.path.join(folder, name))
        config = CONFIG.format(limits=harness.LIMITS, secret=secret, nats=nats.url, name=name, mortal=mortal.url(), steady=steady.url())
        gateways.append(Gateway(options.vast, config, os.path.join(folder, name)))
    first, second = gateways
    one_sees_the_other_follows(checks, options, folder, first, second, mortal)
    the_command_shows_gateways(checks, options, folder)
    hostile_messages(checks, nats, first)
    nats_away(checks, nats, first, second)
    second.process.kill()
    second.process.communicate()
    checks.check("a killed gateway vanishes", within(HEARD, lambda: names(first) == ("on", ["first"])), names(first))
    checks.check("it vanishes from the page", "second" not in re.sub(r"5 seconds?", "", first.ask_admin("/gateways")[1]), "")
    code, said = first.end()
    checks.equal("the other one ends in order", (code, said[-500:] if code else ""), (0, ""))
    nats.kill()
    for server in (mortal, steady):
        server.shutdown()


def main():
    arguments = harness.parser(__doc__)
    arguments.add_argument("--nats", default="nats-server", help="the program nats-server [default: that of PATH]")
    options = harness.options_of(arguments)
    if shutil.which(options.nats) is None:
        print("skipped: nats-server")
        return 0
    checks = harness.Tally()
    with tempfile.TemporaryDirectory() as folder:
        run(checks, options, folder)
    return checks.end()


if __name__ == "__main__":
    sys.exit(main())
