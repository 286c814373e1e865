#!/usr/bin/env python3
"""Checks from outside how `vast request` fills a break: four sources with overlapping creatives, pods and prices on loopback, and
hand-made answers. The XML of each break is also read by @dailymotion/vast-client.

    scripts/break.py [--vast PATH]

Needs Python 3.8 and its standard library; Node and npm for the second reader, which is skipped without them. Prints a line per
failed check and at last `N passed, M failed`; exits with 1 when one failed, with 2 when the program is not there.
"""

import json
import os
import subprocess
import sys
import tempfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import harness


def ad(name, seconds, price=None, creative=None, file=None, more="", sequence=None):
    """An ad. `price` is an amount with its currency, `creative` a UniversalAdId, `file` the name of a media file."""
    place = ' sequence="%d"' % sequence if sequence else ""
    pricing = '<Pricing model="CPM" currency="%s">%s</Pricing>' % (price[1], price[0]) if price else ""
    universal = '<UniversalAdId idRegistry="ad-id.org">%s</UniversalAdId>' % creative if creative else ""
    return (
        '<Ad id="%s"%s><InLine><AdSystem>break</AdSystem><AdTitle>%s</AdTitle><Impression>https://t.example/%s</Impression>%s%s'
        "<Creatives><Creative>%s<Linear><Duration>00:00:%02d</Duration><MediaFiles>"
        '<MediaFile delivery="progressive" type="video/mp4" width="640" height="360">https://cdn.example/%s.mp4</MediaFile>'
        "</MediaFiles></Linear></Creative></Creatives></InLine></Ad>"
        % (name, place, name, name, more, pricing, universal, seconds, file or name)
    )


def advertiser(name):
    return "<Advertiser>%s</Advertiser>" % name


# What each source answers. The first ad of north and that of south show one creative; the second ad of north and that of west have
# one media file. East and south have one advertiser.
SOURCES = {
    "north": [
        ad("n1", 15, (2, "USD"), creative="AAA", more=advertiser("shoes"), sequence=1),
        ad("n2", 20, (2, "USD"), file="shared", sequence=2),
        ad("n3", 10, (2, "USD"), sequence=3),
    ],
    "east": [ad("e1", 30, (9, "USD"), creative="CCC", more=advertiser("cars"))],
    "south": [ad("s1", 15, (8, "EUR"), creative="AAA", more=advertiser("Cars"))],
    "west": [ad("w1", 10, file="shared")],
}
LENGTHS = {"n1": 15, "n2": 20, "n3": 10, "e1": 30, "s1": 15, "w1": 10}
PRICE = 'rank = ["price"]\ncurrency = "USD"\n'
UNUSED = "slot_full"


class Case:
    """A break: its rules, the ads in the order of play, and of each other ad `reason`, or `reason by POSITION SOURCE`."""

    def __init__(self, name, rules, ads, left, codes=(), sources="north east south west", fallbacks=""):
        self.name, self.rules, self.ads, self.left, self.codes = name, rules, ads.split(), left, dict(codes)
        self.sources, self.fallbacks = sources.split(), fallbacks.split()


CASES = [
    Case("a pod is taken whole", 'max = "60s"', "n1 n2 n3",
         {"e1": UNUSED + " by 3 north", "s1": "duplicate by 1 north", "w1": "duplicate by 2 north"}),
    Case("a stand-alone ad follows the pod", 'max = "90s"', "n1 n2 n3 e1",
         {"s1": "duplicate by 1 north", "w1": "duplicate by 2 north"}),
    Case("a pod is shortened from its end", 'max = "40s"', "n1 n2",
         {"n3": UNUSED + " by 2 north", "e1": UNUSED + " by 2 north", "s1": "duplicate by 1 north", "w1": "duplicate by 2 north"},
         {"n3": 206}),
    Case("duplicates are allowed", 'max = "90s"\ndedup = "off"', "n1 n2 n3 e1 s1", {"w1": UNUSED + " by 5 south"}),
    Case("the highest price with a rate", 'max = "45s"\nrates = { EUR = 1.1 }\n' + PRICE, "e1 s1",
         {"n1": "duplicate by 2 south", "n2": UNUSED, "n3": UNUSED, "w1": UNUSED + " by 2 south"}),
    Case("a price without a rate counts nothing", 'max = "45s"\n' + PRICE, "n1 e1",
         {"n2": UNUSED + " by 2 east", "n3": UNUSED, "s1": "duplicate by 1 north", "w1": UNUSED + " by 2 east"},
         {"n2": 206, "n3": 206}),
    Case("the longest running time", 'max = "60s"\nrank = ["fit"]', "n1 e1 w1",
         {"n2": "duplicate by 3 west", "n3": UNUSED, "s1": "duplicate by 1 north"}, {"n2": 206, "n3": 206}),
    Case("one ad of an advertiser", 'max = "90s"\ndedup = "off"\nseparate = ["advertiser"]', "n1 n2 n3 e1 w1",
         {"s1": "competitor by 4 east"}),
    Case("the minimum shortens the pod", 'max = "70s"\nmin = "60s"', "n1 n2 e1",
         {"n3": UNUSED + " by 3 east", "s1": "duplicate by 1 north", "w1": "duplicate by 2 north"}, {"n3": 206}),
    Case("a minimum that nothing reaches", 'max = "210s"\nmin = "200s"', "",
         {name: "break_too_short" for name in LENGTHS}),
    Case("a number of ads", 'max = "90s"\nmax_ads = 2', "n1 n2",
         {"n3": UNUSED + " by 2 north", "e1": UNUSED + " by 2 north", "s1": "duplicate by 1 north", "w1": "duplicate by 2 north"},
         {"n3": 206}),
    Case("the fallbacks fill the rest", 'max = "60s"', "e1 s1 w1", {}, sources="east", fallbacks="south west"),
]


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *arguments):
        pass

    def do_GET(self):
        body = ('<VAST version="4.2">%s</VAST>' % "".join(SOURCES[self.path.strip("/")])).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Checks(harness.Tally):
    def __init__(self, vast, base, folder):
        super().__init__()
        self.vast, self.base, self.folder = vast, base, folder

    def run(self, case, form):
        """Runs the program for a case. Returns the exit code and the output."""
        named = lambda table, names: "".join(
            '[[%s]]\nname = "%s"\nurl = "%s/%s"\n' % (table, name, self.base, name) for name in names)
        config = os.path.join(self.folder, "break.toml")
        with open(config, "w") as file:
            file.write(harness.LIMITS + named("source", case.sources) + named("fallback", case.fallbacks) + "[break]\n" + case.rules + "\n")
        arguments = [self.vast, "request", "--config", config, "--mode", "collect", "--format", form]
        done = subprocess.run(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
        if done.stderr and form == "json":
            print(done.stderr.decode(errors="replace"))
        return done.returncode, done.stdout


def source_of(name):
    return {"n": "north", "e": "east", "s": "south", "w": "west"}[name[0]]


def json_of(checks, case):
    code, output = checks.run(case, "json")
    checks.equal(case.name + ": exit code", code, 0 if case.ads else 1)
    result = json.loads(output)
    ads = (result.get("parsed_data") or {}).get("ads", [])
    own = lambda name: int(name[1]) if name[0] == "n" else None
    found = [(ad["source"], ad["id"], ad.get("sequence")) for ad in ads]
    checks.equal(case.name + ": ads with source and own position", found, [(source_of(name), name, own(name)) for name in case.ads])
    verdicts = {row["ad_id"]: row["verdict"] for row in result["candidates"]}
    other = "passed_over" if case.ads else "rejected"
    checks.equal(case.name + ": verdicts", verdicts, {**{name: "kept" for name in case.ads}, **{name: other for name in case.left}})
    left = {row["ad_id"]: reason(row) for row in result["candidates"] if row["verdict"] != "kept"}
    checks.equal(case.name + ": why the others are left out", left, case.left)
    codes = {row["ad_id"]: row["vast_error_code"] for row in result["candidates"] if "vast_error_code" in row}
    checks.equal(case.name + ": error codes", codes, case.codes)
    checks.equal(case.name + ": exact", result["metadata"].get("approximate", False), False)


def reason(row):
    by = row.get("displaced_by")
    return row["reason"] + (" by %d %s" % (by["position"], by["source"]) if by else "")


def xml_of(checks, case):
    """The XML of the break as @dailymotion/vast-client reads it: the pod in order of play."""
    _, output = checks.run(case, "xml")
    reader = os.path.join(harness.ROOT, "scripts", "break.mjs")
    done = subprocess.run(["node", reader], input=output, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    found = json.loads(done.stdout) if done.returncode == 0 else done.stderr.decode(errors="replace")
    file = lambda name: "https://cdn.example/%s.mp4" % ("shared" if name in ("n2", "w1") else name)
    position = lambda index: index + 1 if len(case.ads) > 1 else None
    expected = [[name, position(index), LENGTHS[name], file(name)] for index, name in enumerate(case.ads)]
    checks.equal(case.name + ": the pod in XML", found, expected)


def main():
    vast = harness.options_of(harness.parser(__doc__)).vast
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    harness.serve(server)
    with tempfile.TemporaryDirectory() as folder:
        checks = Checks(vast, "http://127.0.0.1:%d" % server.server_address[1], folder)
        reads_xml = harness.node_is_ready()
        for case in CASES:
            json_of(checks, case)
            if reads_xml:
                xml_of(checks, case)
    return checks.end()


if __name__ == "__main__":
    sys.exit(main())
