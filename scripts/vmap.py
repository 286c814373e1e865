#!/usr/bin/env python3
"""Checks playlists (VMAP) of the `vast` program from outside: a server of our own, the program, and @dailymotion/vmap as the reader.

    scripts/vmap.py [--vast PATH]

A playlist of five breaks: two ad tags with an ad, one with a wrapper, one tag that never answers, one that answers without an ad. In one
run no break is answered before all have been asked for, so breaks that run one after the other time out. Needs Python 3.8 and its
standard library. The reader needs Node and npm; without them the script prints `skipped: NAME` and goes on. Prints a
line per failed check and at last `N passed, M failed`; exits with 1 when one failed, with 2 when the program is not there.
"""

import concurrent.futures
import json
import os
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ElementTree
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import harness

VMAP = "{http://www.iab.net/videosuite/vmap}"
# The tag that never answers needs all of it, and no other one may.
SOURCE_TIMEOUT = 8

AD = """<VAST version="4.2"><Ad id="{id}"><InLine><AdSystem>outside</AdSystem><AdTitle>{id}</AdTitle>
<Impression><![CDATA[{base}/beacon?impression={id}]]></Impression><Creatives><Creative><Linear><Duration>00:00:15</Duration>
<MediaFiles><MediaFile delivery="progressive" type="video/mp4" width="1280" height="720">https://cdn.example/{id}.mp4</MediaFile>
</MediaFiles></Linear></Creative></Creatives></InLine></Ad></VAST>"""
WRAPPER = """<VAST version="4.2"><Ad id="w"><Wrapper><AdSystem>outside</AdSystem>
<Impression><![CDATA[{base}/beacon?impression=wrapper]]></Impression><VASTAdTagURI><![CDATA[{base}/ad?id={id}]]></VASTAdTagURI>
</Wrapper></Ad></VAST>"""

# The breaks: id, offset, type, repetition, path of the ad tag, ids of the ads.
BREAKS = [
    ("pre", "start", "linear", None, "/ad?id=pre", ["pre"]),
    ("dead", "00:05:00", "linear", None, "/dead", []),
    ("mid", "50%", "linear,nonlinear", "00:10:00", "/wrapper?id=mid", ["mid"]),
    ("empty", "#2", "linear", None, "/empty", []),
    ("post", "end", "linear", None, "/ad?id=post", ["post"]),
]


def playlist(base, breaks):
    """The playlist of these breaks, each with three trackers."""
    one = """<vmap:AdBreak breakId="{id}" timeOffset="{offset}" breakType="{type}"{repeat}><vmap:AdSource id="1">
<vmap:AdTagURI templateType="vast3"><![CDATA[{base}{path}]]></vmap:AdTagURI></vmap:AdSource><vmap:TrackingEvents>
<vmap:Tracking event="breakStart"><![CDATA[{base}/beacon?start={id}]]></vmap:Tracking>
<vmap:Tracking event="breakEnd"><![CDATA[{base}/beacon?end={id}]]></vmap:Tracking>
<vmap:Tracking event="error"><![CDATA[{base}/beacon?error={id}&code=[ERROR_CODE]]]></vmap:Tracking>
</vmap:TrackingEvents></vmap:AdBreak>"""
    parts = []
    for id, offset, kind, repeat, path, _ in breaks:
        repeat = ' repeatAfter="%s"' % repeat if repeat else ""
        parts.append(one.format(id=id, offset=offset, type=kind, repeat=repeat, path=path, base=base))
    return '<vmap:VMAP xmlns:vmap="http://www.iab.net/videosuite/vmap" version="1.0">%s</vmap:VMAP>' % "".join(parts)


class Server(ThreadingHTTPServer):
    """The server of one run. With `together` it answers the tags of breaks when all of them have been asked for."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, together):
        super().__init__(("127.0.0.1", 0), Handler)
        self.base = "http://127.0.0.1:%d" % self.server_address[1]
        self.beacons = []
        self.missing, self.lock, self.all_asked = {one[4] for one in BREAKS}, threading.Lock(), threading.Event()
        if not together:
            self.all_asked.set()
        harness.serve(self)

    def ask(self, path):
        """Notes a request, and waits until it may be answered."""
        with self.lock:
            self.missing.discard(path)
            if not self.missing:
                self.all_asked.set()
        self.all_asked.wait()

    def handle_error(self, request, client_address):
        """A client that stops waiting is what is being tested."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        url = urlsplit(self.path)
        query = {key: values[-1] for key, values in parse_qs(url.query).items()}
        base, id = self.server.base, query.get("id", "")
        if self.path in [one[4] for one in BREAKS]:
            self.server.ask(self.path)
        if url.path == "/dead":
            # Longer than any limit of the program.
            time.sleep(60)
            return
        bodies = {
            "/vmap": lambda: playlist(base, BREAKS),
            "/no-ads": lambda: playlist(base, [one for one in BREAKS if one[0] == "empty"]),
            "/failed": lambda: playlist(base, [one for one in BREAKS if one[0] in ("empty", "dead")]),
            "/ad": lambda: AD.format(id=id, base=base),
            "/wrapper": lambda: WRAPPER.format(id=id, base=base),
            "/empty": lambda: '<VAST version="4.2"/>',
            "/beacon": lambda: "",
        }
        if url.path == "/beacon":
            self.server.beacons.append(url.query)
        make = bodies.get(url.path)
        body = make().encode() if make else b""
        self.send_response(200 if make else 404)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Run:
    """A run of the program, with a server of its own: its exit code, what it wrote, and the trackers that it called."""

    def __init__(self, vast, path, arguments=(), together=False):
        server = Server(together)
        self.base = server.base
        fixed = ["--config", harness.PATIENT, "--source-timeout", "%ds" % SOURCE_TIMEOUT, "--drain", "60s"]
        command = [vast, "request", "list=" + self.base + path, *fixed, *(one.format(base=self.base) for one in arguments)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr
        self.beacons = sorted(server.beacons)
        server.shutdown()


# The runs by name, which wait at the same time.
RUNS = {
    "answer": ("/vmap", ["--format", "json"], True),
    "no ads": ("/no-ads",),
    "failed": ("/failed",),
    "mid": ("/vmap", ["--break", "mid", "--format", "json"]),
    "nope": ("/vmap", ["--break", "nope"]),
    "fallback": ("/failed", ["--fallback", "house={base}/ad?id=house", "--format", "json"]),
    "timeline": ("/vmap",),
    "tracking": ("/vmap", ["--track", "--report-errors"]),
    "written": ("/vmap", ["--format", "xml"]),
}


def answer(checks, runs):
    """The JSON of the playlist: three breaks are filled, each other one has its reason."""
    checks.equal("a playlist with filled breaks: exit code", runs["answer"].code, 0)
    result = json.loads(runs["answer"].out)
    data = result.get("parsed_data") or {}
    checks.equal("success", (result["success"], result.get("source"), data.get("ads")), (True, "list", []))
    breaks = data.get("breaks", [])
    outcomes = ["filled", "failed", "filled", "no_ad", "filled"]
    checks.equal("the breaks run side by side; the outcomes", [one["outcome"] for one in breaks], outcomes)
    checks.equal("their success", [one["success"] for one in breaks], [outcome == "filled" for outcome in outcomes])
    ads = [[ad["id"] for ad in one.get("result", {}).get("ads", [])] for one in breaks]
    checks.equal("the ads", ads, [one[5] for one in BREAKS])
    errors = [[(error["error_type"], error.get("vast_error_code")) for error in one["errors"]] for one in breaks]
    checks.equal("the errors of the breaks", errors, [[], [("timeout", 1007)], [], [("no_ad", 303)], []])
    of_request = [(error["break_number"], error["error_type"]) for error in result["errors"]]
    checks.equal("the errors of the request", of_request, [(1, "timeout"), (3, "no_ad")])
    hops = [[len(source["hops"]) for source in one["sources"]] for one in breaks]
    checks.equal("the wrapper of the third break", hops, [[0], [0], [1], [0], [0]])
    checks.check("each break has its metadata", all(one["metadata"]["elapsed_ms"] >= 0 for one in breaks))


def exit_codes(checks, runs):
    checks.equal("every break was answered, none filled", runs["no ads"].code, 1)
    checks.equal("one break failed, none filled", runs["failed"].code, 3)
    outcomes = [one["outcome"] for one in json.loads(runs["mid"].out)["parsed_data"]["breaks"]]
    checks.equal("--break mid", (runs["mid"].code, outcomes), (0, ["skipped", "skipped", "filled", "skipped", "skipped"]))
    code, said = runs["nope"].code, runs["nope"].out + runs["nope"].err
    named = all("`%s`" % one[0] in said for one in BREAKS)
    checks.check("an unknown break names the known ones", code in (2, 3) and named, "%d %s" % (code, said))
    result = json.loads(runs["fallback"].out)
    checks.equal("the fallback after a playlist without an ad", (runs["fallback"].code, result.get("source")), (0, "house"))


def timeline(checks, runs):
    out = runs["timeline"].out
    lines = [line.split() for line in out.splitlines()]
    whens = [words[0] for words in lines if len(words) > 2 and words[1] in [one[0] for one in BREAKS]]
    rows = [words for words in lines if any(one[0] in words for one in BREAKS)]
    order = [next(one[0] for one in BREAKS if one[0] in words) for words in rows if "break" not in words]
    checks.equal("the timeline", order[:5], ["pre", "dead", "mid", "empty", "post"])
    checks.check("the sum", "3 of 5 breaks, 3 ads" in out, out.splitlines()[0] if out else whens)


def tracking(checks, runs):
    expected = ["error=dead&code=1007", "error=empty&code=303", "impression=mid", "impression=post", "impression=pre"]
    checks.equal("the trackers", runs["tracking"].beacons, sorted(expected + ["impression=wrapper"]))
    checks.equal("nothing is called without --track and --report-errors", runs["timeline"].beacons, [])


def written(checks, runs):
    """The playlist that the program writes, read by Python and by @dailymotion/vmap."""
    out, base = runs["written"].out, runs["written"].base
    root = ElementTree.fromstring(out)
    offsets = [(one.get("breakId"), one.get("timeOffset")) for one in root.findall(VMAP + "AdBreak")]
    checks.equal("the breaks that are written", offsets, [(one[0], one[1]) for one in BREAKS])
    checks.check("no ad tag is written", "AdTagURI" not in out)
    if not harness.node_is_ready():
        return
    read = subprocess.run(["node", os.path.join(harness.ROOT, "scripts", "vmap.mjs")], input=out, capture_output=True, text=True, timeout=60)
    checks.equal("@dailymotion/vmap reads it", (read.returncode, read.stderr), (0, ""))
    if read.returncode != 0:
        return
    urls = lambda id: [
        ["breakStart", "%s/beacon?start=%s" % (base, id)],
        ["breakEnd", "%s/beacon?end=%s" % (base, id)],
        ["error", "%s/beacon?error=%s&code=[ERROR_CODE]" % (base, id)],
    ]
    for seen, (id, offset, kind, repeat, _, ads) in zip(json.loads(read.stdout)["breaks"], BREAKS):
        expected = {"breakId": id, "timeOffset": offset, "breakType": kind, "tag": None, "ads": ads, "trackers": urls(id)}
        expected["repeatAfter"] = repeat
        checks.equal("@dailymotion/vmap: break " + id, seen, expected)


def main():
    checks = harness.Tally()
    vast = harness.options_of(harness.parser(__doc__)).vast
    with concurrent.futures.ThreadPoolExecutor(len(RUNS)) as pool:
        running = {name: pool.submit(Run, vast, *run) for name, run in RUNS.items()}
        runs = {name: run.result() for name, run in running.items()}
    for part in (answer, exit_codes, timeline, tracking, written):
        part(checks, runs)
    return checks.end()


if __name__ == "__main__":
    sys.exit(main())
