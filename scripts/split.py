#!/usr/bin/env python3
"""Checks from outside that `vast` sends a stable share of the keys to each arm.

    scripts/split.py [--vast PATH] [--keys NUMBER]

Runs `vast request --split-key KEY` for many keys with two arms of 90 and 10 percent, and then of 80 and 20 percent. The shares must be
within chance (chi-square, one degree of freedom, 1 in 1,000), the same key must always be in the same arm, and after the change only keys of
the arm that shrank may have moved. The order of the tables in the file must not matter. Wrong shares must end with exit code 2.

Needs Python 3.8 and its standard library. Prints a line per failed check and at last `N passed, M failed`; exits with 1 when one failed,
with 2 when the program is not there.
"""

import collections
import concurrent.futures
import json
import os
import subprocess
import sys
import tempfile

import harness

CRITICAL = 10.828
SOURCES = """
[[source]]
name = "east"
xml = "<VAST version='3.0'/>"
[[source]]
name = "west"
xml = "<VAST version='3.0'/>"
"""
tally = harness.Tally()


def config(folder, name, arms):
    path = os.path.join(folder, name)
    with open(path, "w") as file:
        for arm, share, source in arms:
            file.write('[[arm]]\nname = "%s"\nshare = %s\nsources = ["%s"]\n' % (arm, share, source))
        file.write(SOURCES)
    return path


def request(vast, path, key):
    command = [vast, "request", "--config", path, "--format", "json", "--split-key", key]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120)


def arms_of(vast, path, keys):
    """The arm of each key, by its name."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = [json.loads(ended.stdout) for ended in pool.map(lambda key: request(vast, path, key), keys)]
    for result in results:
        metadata = result["metadata"]
        expected = {"control": ["east"], "new": ["west"]}[metadata["arm"]]
        asked = [source["name"] for source in result["sources"]]
        if asked != expected or metadata["order"] != {"strategy": "listed", "sources": expected}:
            tally.check("sources of arm " + metadata["arm"], False, "%s in the order %s" % (asked, metadata["order"]))
    return [result["metadata"]["arm"] for result in results]


def within_chance(count, total, share):
    expected = [total * share, total * (1 - share)]
    return sum((found - wanted) ** 2 / wanted for found, wanted in zip([count, total - count], expected)) < CRITICAL


def main():
    arguments = harness.parser(__doc__)
    arguments.add_argument("--keys", type=int, default=10000, help="how many keys are asked for [default: 10000]")
    arguments = harness.options_of(arguments)
    keys = ["viewer-%d" % number for number in range(arguments.keys)]
    with tempfile.TemporaryDirectory() as folder:
        ninety = config(folder, "90.toml", [("control", 90, "east"), ("new", 10, "west")])
        eighty = config(folder, "80.toml", [("new", 20, "west"), ("control", 80, "east")])
        before, after = (arms_of(arguments.vast, path, keys) for path in (ninety, eighty))
        total = len(keys)
        for arms, share in ((before, 0.1), (after, 0.2)):
            count = arms.count("new")
            tally.check("share of %d percent" % (share * 100), within_chance(count, total, share), "%d of %d keys" % (count, total))
        moves = collections.Counter(pair for pair in zip(before, after) if pair[0] != pair[1])
        tally.check("keys stay in the arm that grows", set(moves) <= {("control", "new")}, moves)
        moved = sum(moves.values())
        tally.check("a tenth of the keys moves", within_chance(moved, total, 0.1), "%d of %d" % (moved, total))
        sample = keys[:: max(1, total // 200)]
        again = arms_of(arguments.vast, ninety, sample)
        first = [before[keys.index(key)] for key in sample]
        tally.check("the same key is always in the same arm", again == first)
        for shares in ((90, 20), (-10, 110), (0.9, 0.1)):
            wrong = config(folder, "wrong.toml", [("control", shares[0], "east"), ("new", shares[1], "west")])
            ended = request(arguments.vast, wrong, "viewer")
            tally.check("shares %s are refused" % (shares,), ended.returncode == 2 and ".share: " in ended.stderr, ended.stderr.strip())
        print("%d keys: %d in `new` of 10 percent, %d of 20 percent, %d moved" % (total, before.count("new"), after.count("new"), moved))
    return tally.end()


if __name__ == "__main__":
    sys.exit(main())
