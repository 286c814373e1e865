#!/usr/bin/env python3
"""Kills a process under load with SIGKILL, again and again, and checks the state of its beacons.

    cargo build -p vast-cli -p vast-client --bins --examples --features vast-client/disk
    python3 scripts/kill9.py --target target/debug                 20 rounds
    python3 scripts/kill9.py --target target/debug --rounds 500

`vast mock` is the sink; what reached it is read from its log, not from ours. `outbox_load` prints the key of every beacon that
its outbox took. After the last kill it is started once more and drains. Then every key that was printed must have reached the
sink, no key more than twice, and for each kill no more keys twice than one host may have under way. Exits with 1 when that is not so, with 2
when a program is not there.
"""

import argparse
import collections
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time

# All beacons go to one host, which gets at most a quarter of 256 at once.
PER_HOST = 64

SINK = """
[[server]]
name = "sink"
sink = true
[[server.answer]]
delay = "3ms"
status = 204
"""


class Sink:
    """`vast mock` as a beacon sink."""

    def __init__(self, vast, folder):
        scenario = os.path.join(folder, "sink.toml")
        with open(scenario, "w") as file:
            file.write(SINK)
        self.seen = collections.Counter()
        self.process = subprocess.Popen([vast, "mock", scenario], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().split()[1]
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stderr:
            for key in re.findall(r"/seen/(\d+\.\d+)", line):
                self.seen[key] += 1

    def stop(self, expected):
        """Ends the sink when its log has these keys, at the latest after a minute, and reads the log to its end."""
        deadline = time.monotonic() + 60
        while not all(key in self.seen for key in expected) and time.monotonic() < deadline:
            time.sleep(0.1)
        self.process.terminate()
        self.process.wait()
        self.reader.join()


class Load:
    """The process that is killed."""

    def __init__(self, program, outbox, sink, first, number, drain):
        arguments = [program, outbox, sink.url, str(first), str(number), str(drain)]
        self.lines = []
        self.process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            # A line that the kill cut off has no end.
            if line.endswith("\n"):
                self.lines.append(line.strip())

    def kill(self):
        self.process.kill()
        return self.end()

    def end(self):
        code = self.process.wait()
        self.reader.join()
        return code


def run(arguments, folder, rng):
    sink = Sink(os.path.join(arguments.target, "vast"), folder)
    program = os.path.join(arguments.target, "examples", "outbox_load")
    outbox = os.path.join(folder, "beacons")
    taken, first, kills, wants = set(), 0, 0, arguments.beacons
    while kills < arguments.rounds or len(taken) < wants:
        load = Load(program, outbox, sink, first, 1_000_000, 0)
        began = len(taken)
        while len(load.lines) == 0 and load.process.poll() is None:
            time.sleep(0.005)
        # The kill comes at a random time: the first ones while the file is opened, later ones during commits.
        time.sleep(rng.uniform(0, arguments.longest))
        if load.kill() != -9:
            return ["the process ended before it was killed: %s" % load.lines[-1:]]
        kills += 1
        taken.update(load.lines)
        first = 1 + max([first] + [int(key.split(".")[0]) for key in load.lines]) + 1_000
        if kills >= arguments.rounds and len(taken) == began:
            return ["nothing was taken"]
    last = Load(program, outbox, sink, first, 0, arguments.drain)
    code = last.end()
    sink.stop(taken)
    repeats = {key: count for key, count in sink.seen.items() if count > 1}
    lost = [key for key in taken if key not in sink.seen]
    print("kill9: %d kills, %d beacons taken, %d reached the sink, %d lost, %d repeated (bound %d)"
          % (kills, len(taken), len(sink.seen), len(lost), len(repeats), kills * PER_HOST))
    wrong = []
    if code != 0 or last.lines[-1:] != ["left 0"]:
        wrong.append("the last process ended with %s and %s" % (code, last.lines[-1:]))
    if lost:
        wrong.append("lost: %s" % sorted(lost)[:10])
    if any(count > 2 for count in repeats.values()):
        wrong.append("reached more than twice: %s" % [key for key, count in repeats.items() if count > 2][:10])
    if len(repeats) > kills * PER_HOST:
        wrong.append("more repeats than in flight")
    return wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--target", required=True)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--beacons", type=int, default=0, help="go on until so many were taken")
    parser.add_argument("--longest", type=float, default=0.3, help="seconds until a kill, at most")
    parser.add_argument("--drain", type=int, default=120)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    for name in ["vast", "examples/outbox_load"]:
        if not os.path.exists(os.path.join(arguments.target, name)):
            print("kill9: %s is not in %s" % (name, arguments.target))
            return 2
    with tempfile.TemporaryDirectory() as folder:
        wrong = run(arguments, folder, random.Random(arguments.seed))
    for line in wrong:
        print("kill9: failed: %s" % line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
