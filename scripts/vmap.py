#!/usr/bin/env python3
"""Checks playlists (VMAP) of the `vast` program from outside: a server of our own, the program, and @dailymotion/vmap as the reader.

    scripts/vmap.py [--vast PATH]

A playlist of five breaks: two ad tags with an ad, one with a wrapper, one tag that never answers, one that answers without an ad. Needs
Python 3.8 and its standard library. The reader needs Node and npm; without them the script prints `skipped: NAME` and goes on. Prints a
line per failed check and at last `N passed, M failed`; exits with 1 when one failed, with 2 when the program is not there.
"""

import json
import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import harness

VMAP = "{http://www.iab.net/videosuite/vmap}"

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
    daemon_threads = True
    request_queue_size = 128

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.base = "http://127.0.0.1:%d" % self.server_address[1]
        self.beacons = []

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
        if url.path == "/dead":
            # Longer than any limit of the program.
            time.sleep(30)
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


class Checks(harness.Tally):
    """Runs the program and counts what holds."""

    def __init__(self, vast, server):
        super().__init__()
        self.vast, self.server = vast, server

    def run(self, path, *arguments):
        command = [self.vast, "request", "list=" + self.server.base + path, "--source-timeout", "700ms", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout, done.stderr


def answer(checks):
    """The JSON of the playlist: three breaks are filled, each other one has its reason."""
    began = time.monotonic()
    code, out, _ = checks.run("/vmap", "--format", "json")
    elapsed = time.monotonic() - began
    checks.equal("a playlist with filled breaks: exit code", code, 0)
    checks.check("the breaks run side by side", elapsed < 2.5, "%.2f s" % elapsed)
    result = json.loads(out)
    checks.equal("success", (result["success"], result["source"], result["parsed_data"]["ads"]), (True, "list", []))
    breaks = result["parsed_data"]["breaks"]
    outcomes = ["filled", "failed", "filled", "no_ad", "filled"]
    checks.equal("the outcomes", [one["outcome"] for one in breaks], outcomes)
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


def exit_codes(checks):
    checks.equal("every break was answered, none filled", checks.run("/no-ads")[0], 1)
    checks.equal("one break failed, none filled", checks.run("/failed")[0], 3)
    code, out, _ = checks.run("/vmap", "--break", "mid", "--format", "json")
    outcomes = [one["outcome"] for one in json.loads(out)["parsed_data"]["breaks"]]
    checks.equal("--break mid", (code, outcomes), (0, ["skipped", "skipped", "filled", "skipped", "skipped"]))
    code, out, err = checks.run("/vmap", "--break", "nope")
    named = all("`%s`" % one[0] in out + err for one in BREAKS)
    checks.check("an unknown break names the known ones", code in (2, 3) and named, "%d %s" % (code, out + err))
    fallback = checks.server.base + "/ad?id=house"
    code, out, _ = checks.run("/failed", "--fallback", "house=" + fallback, "--format", "json")
    result = json.loads(out)
    checks.equal("the fallback after a playlist without an ad", (code, result.get("source")), (0, "house"))


def timeline(checks):
    out = checks.run("/vmap")[1]
    lines = [line.split() for line in out.splitlines()]
    whens = [words[0] for words in lines if len(words) > 2 and words[1] in [one[0] for one in BREAKS]]
    rows = [words for words in lines if any(one[0] in words for one in BREAKS)]
    order = [next(one[0] for one in BREAKS if one[0] in words) for words in rows if "break" not in words]
    checks.equal("the timeline", order[:5], ["pre", "dead", "mid", "empty", "post"])
    checks.check("the sum", "3 of 5 breaks, 3 ads" in out, out.splitlines()[0] if out else whens)


def tracking(checks):
    checks.server.beacons.clear()
    checks.run("/vmap", "--track", "--report-errors")
    seen = sorted(checks.server.beacons)
    expected = ["error=dead&code=1007", "error=empty&code=303", "impression=mid", "impression=post", "impression=pre"]
    checks.equal("the trackers", seen, sorted(expected + ["impression=wrapper"]))
    checks.server.beacons.clear()
    checks.run("/vmap")
    checks.equal("nothing is called without --track and --report-errors", checks.server.beacons, [])


def written(checks):
    """The playlist that the program writes, read by Python and by @dailymotion/vmap."""
    out = checks.run("/vmap", "--format", "xml")[1]
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
    base = checks.server.base
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
    server = Server()
    harness.serve(server)
    checks = Checks(harness.options_of(harness.parser(__doc__)).vast, server)
    answer(checks)
    exit_codes(checks)
    timeline(checks)
    tracking(checks)
    written(checks)
    return checks.end()


if __name__ == "__main__":
    sys.exit(main())
