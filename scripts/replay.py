#!/usr/bin/env python3
"""Checks from outside that a recorded request is run again offline: `vast request --record` against ad servers on loopback, then
`vast replay` after the servers have ended.

    scripts/replay.py [--vast PATH]

Needs Python 3.8 and its standard library. Prints a line per failed check and at last `N passed, M failed`; exits with 1 when one
failed, with 2 when the program is not there.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time

import harness

AD = (
    '<VAST version="4.2"><Ad id="a"><InLine><AdSystem>m</AdSystem><AdTitle>t</AdTitle><Impression>%(own)s/seen</Impression>'
    "<Creatives><Creative><Linear><Duration>00:00:15</Duration><MediaFiles><MediaFile delivery=\"progressive\" type=\"video/mp4\" "
    'width="640" height="360">https://cdn.example/a.mp4</MediaFile></MediaFiles></Linear></Creative></Creatives></InLine></Ad></VAST>'
)
WRAPPER = '<VAST version="4.2"><Ad><Wrapper><AdSystem>m</AdSystem><VASTAdTagURI>%(own)s/ad</VASTAdTagURI></Wrapper></Ad></VAST>'
# Path: status, body, wait in seconds. /slow waits for an answer of /ad too: it comes after that one, and soon, because a source that has
# lost is read for at most one second more.
ANSWERS = {
    "/ad": (200, AD, 0.03),
    "/slow": (200, AD, 0.02),
    "/wrapper": (200, WRAPPER, 0.01),
    "/empty": (200, '<VAST version="4.2"/>', 0.02),
    "/page": (200, "<!doctype html><p>Hello", 0),
    "/down": (503, "", 0.01),
    "/moved": (302, "", 0),
    "/seen": (204, "", 0),
}


class Server(harness.LoopbackServer):
    def __init__(self):
        self.ad_was_sent = threading.Event()
        super().__init__(Handler)


class Handler(harness.RequestHandler):
    def do_GET(self):
        path = self.path.split("?")[0]
        status, body, wait = ANSWERS.get(path, (404, "", 0))
        if path == "/slow":
            self.server.ad_was_sent.wait(60)
        time.sleep(wait)
        moved = [("Location", "/ad")] if status == 302 else []
        self.answer(status, (body % {"own": self.server.url}).encode(), moved)
        if path == "/ad":
            self.server.ad_was_sent.set()


# The sources of a request, and its other arguments.
REQUESTS = {
    "one": (["/ad?cb=[CACHEBUSTING]&t=[TIMESTAMP]"], []),
    "race": (["/slow", "/ad", "/empty"], ["--mode", "race"]),
    "parallel": (["/slow", "/ad", "/down"], ["--mode", "parallel"]),
    "sequential": (["/empty", "/page", "/wrapper"], ["--mode", "sequential"]),
    "staggered": (["/slow", "/ad"], ["--mode", "staggered", "--stagger", "40ms"]),
    "nothing": (["/empty", "/down", "/missing"], []),
    "redirected": (["/moved"], []),
    "tracked": (["/ad"], ["--track", "--drain", "60s"]),
}


class Program:
    def __init__(self, vast):
        self.vast = vast

    def run(self, *arguments):
        done = subprocess.run([self.vast, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
        return done.returncode, done.stdout, done.stderr.decode(errors="replace")


PATIENT = ["--config", harness.PATIENT, "--allow-private", "--format", "json"]


def record(program, server, name, folder):
    """Records the request of this name. Gives its file, its exit code and its JSON."""
    paths, arguments = REQUESTS[name]
    sources = ["s%d=%s%s" % (number, server.url, path) for number, path in enumerate(paths)]
    path = os.path.join(folder, name + ".vastrec")
    server.ad_was_sent.clear()
    code, out, _ = program.run("request", *sources, *arguments, *PATIENT, "--record-full", "--record", path)
    return path, code, out


def check_exact(tally, program, recorded):
    for name, (path, code, live) in recorded.items():
        again, out, messages = program.run("replay", path, "--format", "json")
        tally.equal("%s: the exit code" % name, again, code)
        tally.check("%s: the same bytes" % name, out == live, "%r instead of %r" % (out[:200], live[:200]))
        tally.check("%s: no difference is found" % name, "differs" not in messages, messages)


def check_what_if(tally, program, recorded):
    # The answer of the slower source was read to its end after the race, so the recording has it.
    for name, arguments, source, is_undecidable in [
        ("race", ["--mode", "parallel"], "s0", False),
        ("race", ["--min-duration", "1h"], None, False),
        ("nothing", ["--retries", "3"], None, True),
    ]:
        _, out, messages = program.run("replay", recorded[name][0], "--format", "json", *arguments)
        result = json.loads(out)
        tally.equal("what if %s: the source" % arguments, result.get("source"), source)
        tally.equal("what if %s: undecidable" % arguments, result.get("undecidable", False), is_undecidable)
        tally.equal("what if %s: it is said" % arguments, "undecidable" in messages, is_undecidable)
    path = recorded["sequential"][0]
    _, out, _ = program.run("replay", path, "--format", "json", "--mode", "race")
    result = json.loads(out)
    tally.equal("sequential as a race: the source", result.get("source"), "s2")
    tally.check("sequential as a race is faster", result["metadata"]["elapsed_ms"] < json.loads(recorded["sequential"][2])["metadata"]["elapsed_ms"])


def check_folder(tally, program, folder):
    code, out, messages = program.run("replay", folder, "--format", "json")
    tally.equal("a folder: the exit code", code, 0)
    sums = json.loads(out)
    tally.equal("a folder: its recordings", (sums["recordings"], len(sums["differing"]), sums["failed"]), (200, 0, []))
    tally.equal("a folder: the same answers", sums["then"]["winners"], sums["now"]["winners"])
    code, out, messages = program.run("replay", folder, "--format", "json", "--min-duration", "1h")
    sums = json.loads(out)
    tally.equal("a folder, stricter: filled", (sums["then"]["filled"], sums["now"]["filled"]), (200, 0))
    tally.equal("a folder, stricter: all differ", len(sums["differing"]), 200)
    code, out, messages = program.run("replay", folder, "--mode", "sequential")
    tally.check("a folder as text", b"200 recordings" in out and b"then" in out, out[:300])


def check_damaged(tally, program, path, folder):
    """Files that end too early, and files with a wrong byte, at every 64th byte."""
    whole = open(path, "rb").read()
    other = os.path.join(folder, "damaged.vastrec")
    for length in range(0, len(whole), 64):
        for kind, content in [
            ("cut", whole[:length]),
            ("wrong", whole[:length] + bytes([whole[length] ^ 0x55]) + whole[length + 1 :]),
        ]:
            with open(other, "wb") as file:
                file.write(content)
            code, out, messages = program.run("replay", other, "--format", "json")
            case = "%s at byte %d" % (kind, length)
            tally.check(case, (code, out) == (3, b"") and "panicked" not in messages, "%d %r %s" % (code, out[:80], messages))
            tally.check(case + ": one clear message", messages.startswith("error: `"), messages)


def is_asked(listener):
    try:
        listener.accept()
    except BlockingIOError:
        return False
    return True


def main():
    options = harness.options_of(harness.parser(__doc__))
    tally, program = harness.Tally(), Program(options.vast)
    with tempfile.TemporaryDirectory() as folder:
        server = Server()
        recorded = {name: record(program, server, name, folder) for name in REQUESTS}
        many = os.path.join(folder, "many", "")
        source = "s0=%s/ad" % server.url
        program.run("request", source, *PATIENT, "--repeat", "200", "--concurrency", "8", "--record", many)
        server.end()
        # In place of the server: it accepts and answers nothing, so a connection would wait in it.
        nobody = socket.create_server(server.server_address)
        nobody.setblocking(False)
        check_exact(tally, program, recorded)
        check_what_if(tally, program, recorded)
        check_folder(tally, program, many)
        check_damaged(tally, program, recorded["one"][0], folder)
        tally.check("nothing was asked again", not is_asked(nobody), "a connection waits")
    return tally.end()


if __name__ == "__main__":
    sys.exit(main())
