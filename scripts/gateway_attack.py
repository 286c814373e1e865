#!/usr/bin/env python3
"""Checks from outside that hostile clients and changes of the configuration do not disturb the players of a gateway (`vast serve`).

    scripts/gateway_attack.py [--vast PATH] [--connections N] [--reloads N]

Each check runs a gateway, and a player beside the attack:

- idle connections, 10,000 by default: a player is answered, and the memory of each connection is bounded;
- floods of HTTP/2: streams that are reset at once, a head that never ends, SETTINGS, PING, PRIORITY, WINDOW_UPDATE, streams without a window. The memory and the CPU
  time of the gateway stay bounded, and the connection is closed or stands still;
- a tenant that asks at ten times its rate: the other tenant gets its ads as fast as before;
- 1,000 reloads under load, by moving a symbolic link, with files with a mistake in between: no request fails, nothing grows.

Needs Python 3.8 and its standard library, and Linux for the numbers of the process. Prints a line per failed check and at last `N passed, M
failed`; exits with 1 when one failed, with 2 when the program is not there.
"""

import itertools
import os
import resource
import signal
import socket
import statistics
import struct
import sys
import tempfile
import threading
import time

import harness
from gateway import AD, AdServer, Gateway, Player, value

PLACEMENT = """[placement.preroll]
source = [{ xml = '''%s''' }]
""" % AD.format("own").replace('<?xml version="1.0" encoding="UTF-8"?>\n', "")
SERVER = """[server]
drain = { announce = "0s", requests = "30s", beacons = "1s" }
max_lag = "1h"
idle_timeout = "10m"
"""
MIB = 1 << 20

# Frames of HTTP/2 (RFC 9113 section 6).
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = 0, 1, 2, 3, 4, 6, 7, 8, 9
END_STREAM, END_HEADERS = 1, 4


def frame(kind, flags=0, stream=0, body=b""):
    return struct.pack("!I", len(body))[1:] + bytes((kind, flags)) + struct.pack("!I", stream) + body


def head(path):
    """The head of a GET request in HPACK: indexed fields of the static table, and literals without indexing."""
    text = lambda value: bytes((len(value),)) + value.encode()
    return b"\x82\x86" + b"\x04" + text(path) + b"\x01" + text("gateway.example")


def request(stream, path="/v1/preroll/vast"):
    return frame(HEADERS, END_STREAM | END_HEADERS, stream, head(path))


class Process:
    """The memory and the CPU time of a gateway."""

    def __init__(self, gateway):
        self.folder = "/proc/%d" % gateway.process.pid

    def memory(self):
        with open(self.folder + "/status") as file:
            return next(int(line.split()[1]) << 10 for line in file if line.startswith("VmRSS:"))

    def seconds(self):
        with open(self.folder + "/stat") as file:
            fields = file.read().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def is_answered(port):
    """Whether a player on a new connection gets its ad, and the seconds of that."""
    status, outcome, _, seconds = Player(port).ask()
    return (status, outcome) == (200, "filled"), seconds


def connect(port):
    client = socket.create_connection(("127.0.0.1", port), timeout=60)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client


def wait_for(holds, seconds=120):
    """Whether `holds` becomes true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.02)
    return False


def idle_connections(checks, vast, count):
    """Both ends need a file for each connection."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count + 200:
        print("skipped: %d idle connections" % count)
        return
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, count + 200), hard))
    with tempfile.TemporaryDirectory() as folder:
        gateway = Gateway(vast, SERVER + PLACEMENT, folder)
        process = Process(gateway)
        is_answered(gateway.port)
        before = process.memory()
        idle = [connect(gateway.port) for _ in range(count)]
        # A kept connection has had a request before it was idle.
        kept = [Player(gateway.port) for _ in range(100)]
        for player in kept:
            player.ask()
        is_open = lambda: value(gateway.ask_admin("/metrics")[1], "vast_gateway_open_connections") >= count + 100
        checks.check("idle connections: all are open", wait_for(is_open), gateway.ask_admin("/metrics")[1])
        each = (process.memory() - before) / count
        print("idle connections: %d, %.1f kB each" % (count, each / 1000))
        checks.check("idle connections: at most 10 kB each", each <= 10_000, each)
        answers = [is_answered(gateway.port) for _ in range(50)] + [(player.ask()[1] == "filled", 0) for player in kept]
        checks.check("idle connections: players are answered", all(filled for filled, _ in answers), answers[:3])
        # One of them may wait for a busy machine, but not half of them.
        checks.check("idle connections: within a second", statistics.median(seconds for _, seconds in answers[:50]) < 1, answers[:3])
        for client in idle:
            client.close()
        checks.equal("idle connections: the end", gateway.end()[0], 0)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def resets():
    """Rapid reset (CVE-2023-44487): each stream is reset as soon as it has begun."""
    stream = 1
    while True:
        yield b"".join(request(one) + frame(RST_STREAM, 0, one, b"\0\0\0\x08") for one in range(stream, stream + 200, 2))
        stream += 200


def endless_head():
    """A head whose end never comes (CVE-2024-27316 and others)."""
    yield frame(HEADERS, END_STREAM, 1, head("/v1/preroll/vast"))
    field = b"\x00\x01x\x7f\x81\x01" + b"y" * 256
    while True:
        yield frame(CONTINUATION, 0, 1, field * 40)


def empty_continuations():
    yield frame(HEADERS, END_STREAM, 1, head("/v1/preroll/vast"))
    while True:
        yield frame(CONTINUATION, 0, 1, b"") * 1000


def settings():
    """Each of these needs an acknowledgement (CVE-2019-9515)."""
    while True:
        yield frame(SETTINGS) * 1000


def pings():
    """Each of these needs an answer (CVE-2019-9512)."""
    while True:
        yield frame(PING, 0, 0, b"12345678") * 1000


def priorities():
    """They mean nothing any more (RFC 9113 section 5.3.2)."""
    while True:
        yield frame(PRIORITY, 0, 1, b"\0\0\0\0\x10") * 1000


def window_updates():
    while True:
        yield frame(WINDOW_UPDATE, 0, 0, b"\0\0\0\x01") * 1000


def empty_data():
    """Frames without content on a stream that goes on (CVE-2019-9518)."""
    yield frame(HEADERS, END_HEADERS, 1, head("/v1/preroll/vast"))
    while True:
        yield frame(DATA, 0, 1, b"") * 1000


def without_window():
    """Many answers for which the client gives no window."""
    stream = 1
    while True:
        yield b"".join(request(one) for one in range(stream, stream + 200, 2))
        stream += 200


def flood(port, pieces, seconds, window, closes):
    """Sends the pieces and reads nothing. Gives the bytes that the gateway took and whether it closed the connection. If it has to, it may
    take its time for that."""
    client = connect(port)
    client.settimeout(60 if closes else 1)
    taken, is_closed, began = 0, False, time.monotonic()
    try:
        client.sendall(PREFACE + frame(SETTINGS, 0, 0, struct.pack("!HI", 4, window)))
        for piece in pieces:
            if time.monotonic() - began > seconds and not closes:
                break
            client.sendall(piece)
            taken += len(piece)
        while closes and client.recv(1 << 16):
            pass
        is_closed = closes
    except socket.timeout:
        pass  # The gateway reads no more, as long as its own frames are not read.
    except OSError:
        is_closed = True
    client.close()
    return taken, is_closed


def floods(checks, vast, seconds=3):
    # Name, pieces, window of the streams, whether the gateway must close the connection.
    for name, pieces, window, closes in (
        ("rapid reset", resets, 65535, True),
        ("endless head", endless_head, 65535, True),
        ("empty CONTINUATION", empty_continuations, 65535, True),
        ("SETTINGS", settings, 65535, False),
        ("PING", pings, 65535, False),
        ("PRIORITY", priorities, 65535, False),
        ("WINDOW_UPDATE", window_updates, 65535, False),
        ("empty DATA", empty_data, 65535, False),
        ("no window", without_window, 0, False),
    ):
        with tempfile.TemporaryDirectory() as folder:
            gateway = Gateway(vast, SERVER + PLACEMENT, folder)
            process = Process(gateway)
            is_answered(gateway.port)
            before, highest, done = process.memory(), [0], threading.Event()
            answers, ends = [], []

            def watch():
                while not done.is_set() or len(answers) < 20:
                    answers.append(is_answered(gateway.port))
                    highest[0] = max(highest[0], process.memory() - before)
                    time.sleep(0.01)

            # Made before, so that this takes no time from the player, which is a thread of the same process.
            sent = list(itertools.islice(pieces(), 1000))
            watching = threading.Thread(target=watch, daemon=True)
            watching.start()
            attackers = [threading.Thread(target=lambda: ends.append(flood(gateway.port, sent, seconds, window, closes))) for _ in range(4)]
            for attacker in attackers:
                attacker.start()
            for attacker in attackers:
                attacker.join()
            done.set()
            watching.join()
            cpu = process.seconds()
            taken = sum(taken for taken, _ in ends)
            median, slowest = (of([seconds for _, seconds in answers]) for of in (statistics.median, max))
            print("%s: %.1f MB taken, %.1f MB of memory, %.2f s of CPU, median answer %.0f ms, slowest %.0f ms" % (
                name, taken / 1e6, highest[0] / 1e6, cpu, median * 1000, slowest * 1000))
            checks.check("%s: players are answered" % name, all(filled for filled, _ in answers), len(answers))
            # One of them may wait for a busy machine, but not half of them.
            checks.check("%s: within a second" % name, median < 1, (median, slowest))
            checks.check("%s: memory" % name, highest[0] < 32 * MIB, highest[0])
            if closes:
                checks.check("%s: the connection is closed" % name, all(is_closed for _, is_closed in ends), ends)
            wait_for(lambda: value(gateway.ask_admin("/metrics")[1], "vast_gateway_in_flight") == 0)
            checks.equal("%s: requests in flight at last" % name, value(gateway.ask_admin("/metrics")[1], "vast_gateway_in_flight"), 0)
            checks.equal("%s: the end" % name, gateway.end()[0], 0)


def loud_tenant(checks, vast):
    tenants = '[tenant.loud]\nrate = 2\n[tenant.quiet]\nrate = 1000\n'
    placements = PLACEMENT.replace("[placement.preroll]\n", "[placement.preroll]\ntenant = 'quiet'\n")
    placements += PLACEMENT.replace("[placement.preroll]\n", "[placement.loud]\ntenant = 'loud'\n")
    with tempfile.TemporaryDirectory() as folder:
        gateway = Gateway(vast, SERVER + tenants + placements, folder)

        def quiet(count=100):
            player = Player(gateway.port)
            answers = []
            for _ in range(count):
                answers.append(player.ask())
                time.sleep(0.005)
            return answers

        outcomes, elapsed = [], 0.0

        def loud(done):
            player = Player(gateway.port, "/v1/loud/vast")
            while not done.wait(1 / 200):
                outcomes.append(player.ask()[:2])

        alone, beside, began = [], [], time.monotonic()
        # In turn, so that a machine that becomes busy slows both.
        for _ in range(3):
            alone.append(quiet())
            done, turn = threading.Event(), time.monotonic()
            asking = threading.Thread(target=loud, args=(done,), daemon=True)
            asking.start()
            beside.append(quiet())
            done.set()
            asking.join()
            elapsed += time.monotonic() - turn
        since = time.monotonic() - began
        counts = {outcome: outcomes.count((200, outcome)) for outcome in ("filled", "shed")}
        checks.equal("loud tenant: every request is answered", sum(counts.values()), len(outcomes))
        checks.check("loud tenant: it asks at ten times its rate", len(outcomes) > 20 * elapsed, (len(outcomes), elapsed))
        checks.check("loud tenant: its rate and its burst", counts["filled"] <= 2 * since + 5, (counts, since))
        checks.equal("loud tenant: the answers of the other", {answer[:2] for turn in alone + beside for answer in turn}, {(200, "filled")})
        median = lambda turns: min(statistics.median(answer[3] for answer in turn) for turn in turns)
        print("loud tenant: least median of the other %.2f ms alone, %.2f ms beside it" % (median(alone) * 1000, median(beside) * 1000))
        checks.check("loud tenant: the time of the other", median(beside) < 2 * median(alone) + 0.005, (median(alone), median(beside)))
        checks.equal("loud tenant: the end", gateway.end()[0], 0)


def reloads(checks, vast, count):
    server = AdServer("steady")
    text = SERVER + "[placement.preroll]\n" + harness.LIMITS + "max_ads = %d\nsource = [{ name = 'steady', url = '" + server.url() + "' }]\n%s"
    with tempfile.TemporaryDirectory() as folder:

        def replace(number, end=""):
            """Puts a version in place like Kubernetes: a link to a folder is moved."""
            version = os.path.join(folder, "version-%d" % number)
            os.mkdir(version)
            with open(os.path.join(version, "gateway.toml"), "w") as file:
                file.write(text % (1 + number, end))
            os.symlink(version, os.path.join(folder, "new"))
            os.replace(os.path.join(folder, "new"), os.path.join(folder, "..data"))

        replace(0)
        os.symlink("..data/gateway.toml", os.path.join(folder, "gateway.toml"))
        gateway = Gateway(vast, None, folder)
        process, answers, done = Process(gateway), [], threading.Event()

        def play():
            player = Player(gateway.port)
            while not done.is_set():
                answers.append(player.ask()[:2])

        players = [threading.Thread(target=play, daemon=True) for _ in range(8)]
        for player in players:
            player.start()
        wrong, memory = [], 0
        for number in range(1, count + 1):
            has_mistake = number % 10 == 0
            replace(number, "sourc = 1\n" if has_mistake else "")
            status, said = gateway.ask_admin("/api/config/reload", "POST")
            if status != (422 if has_mistake else 200):
                wrong.append((number, status, said))
            if number == count // 4:
                memory = process.memory()
        gateway.process.send_signal(signal.SIGHUP)
        grown = process.memory() - memory
        done.set()
        for player in players:
            player.join()
        checks.equal("reloads: their answers", wrong[:3], [])
        print("reloads: %d under %d requests, %.1f MB more memory after the first quarter" % (count, len(answers), grown / 1e6))
        checks.equal("reloads: answers", {answer: answers.count(answer) for answer in set(answers)}, {(200, "filled"): len(answers)})
        checks.check("reloads: nothing grows", grown < 16 * MIB, grown)
        metrics = gateway.metrics_at_rest()
        checks.check("reloads: the number of the configuration", value(metrics, "vast_gateway_config_generation") >= 0.85 * count, metrics)
        wins = value(metrics, 'vast_source_wins_total{placement="preroll",source="steady"}')
        checks.equal("reloads: the source keeps its numbers", wins, len(answers))
        checks.equal("reloads: the end", gateway.end()[0], 0)
    server.shutdown()


def main():
    arguments = harness.parser(__doc__)
    arguments.add_argument("--connections", type=int, default=10_000, help="idle connections [default: 10000]")
    arguments.add_argument("--reloads", type=int, default=1000, help="reloads [default: 1000]")
    options = harness.options_of(arguments)
    if not os.path.exists("/proc/self/status"):
        print("skipped: /proc")
        return 0
    checks = harness.Tally()
    idle_connections(checks, options.vast, options.connections)
    floods(checks, options.vast)
    loud_tenant(checks, options.vast)
    reloads(checks, options.vast, options.reloads)
    return checks.end()


if __name__ == "__main__":
    sys.exit(main())
