#!/usr/bin/env python3
"""Checks the `vast` program from outside: a server of our own that misbehaves, the program, and nothing else of the repository.

    scripts/outside.py [--vast PATH]

Needs Python 3.8 and its standard library. Prints a line per failed check and at last `N passed, M failed`; exits with 1 when one
failed, with 2 when the program is not there.
"""

import gzip
import json
import os
import select
import socket
import struct
import subprocess
import sys
import time
from urllib.parse import parse_qs, urlsplit

import harness

# The library reads an exchange that lost for at most one second more. The rest of the time is for a loaded machine.
LINGER = 1.0
SLACK = 1.5
# How long a request may take to end at the server when the program has ended.
PATIENCE = 10.0

AD = """<?xml version="1.0" encoding="UTF-8"?>
<VAST version="4.2"><Ad id="{id}"><InLine><AdSystem>outside</AdSystem><AdTitle>{id}</AdTitle>
<Impression><![CDATA[{base}/beacon?impression={id}]]></Impression>
<Error><![CDATA[{base}/beacon?error={id}&code=[ERRORCODE]]]></Error>
<Creatives><Creative><Linear><Duration>00:00:15</Duration><MediaFiles>
<MediaFile delivery="progressive" type="video/mp4" width="1280" height="720" bitrate="2000">https://cdn.example/{id}.mp4</MediaFile>
</MediaFiles></Linear></Creative></Creatives></InLine></Ad></VAST>"""


def ad_with(media, more=""):
    """An ad of the name `ad` with these media files."""
    head, tail = AD.split("<MediaFile ")[0], AD.split("</MediaFile>")[1]
    return (head + media + tail).replace("<Creatives>", more + "<Creatives>", 1)


def media_file(mime_type, url):
    return '<MediaFile delivery="progressive" type="%s" width="640" height="360">%s</MediaFile>' % (mime_type, url)


FLASH = media_file("application/x-shockwave-flash", "https://cdn.example/a.swf")
WRAPPER = """<VAST version="4.2"><Ad id="w"><Wrapper><AdSystem>outside</AdSystem><VASTAdTagURI>%s</VASTAdTagURI>
<Impression>/px/w</Impression></Wrapper></Ad></VAST>"""
IMPRESSIONS = "".join("<Impression>{base}/beacon?n=%04d</Impression>" % number for number in range(400))


def loosely_quoted(ad):
    """The ad with its attributes in other quotes than XML has, and without."""
    return ad.replace('version="4.2"', "version=4.2").replace('type="video/mp4"', "type=\u201cvideo/mp4\u201d")


def escaped_as_numbers(ad):
    """The ad as a JSON string without its quotes, with numbers for brackets and quotes."""
    return ad.replace("<", "\\u003c").replace(">", "\\u003E").replace('"', "\\u0022").replace("\n", "\\n")


def grouped_impressions(ad):
    return ad.replace("<Impression>", "<Impressions><Impression>", 1).replace("</Impression>", "</Impression></Impressions>", 1)


def pod_with_impressions(ad):
    """Three ads with 401 impressions each; an ad has fewer than the 500 trackers that are kept of one."""
    ad = ad.replace("<Creatives>", IMPRESSIONS + "<Creatives>", 1)
    head, body = ad.split("<Ad ")
    body = body.replace("</VAST>", "")
    return head + "".join('<Ad sequence="%d" %s' % (number, body) for number in (1, 2, 3)) + "</VAST>"


# Path -> how the body is made from the ad, and headers. All of them are answered with 200.
DOCUMENTS = {
    "envelope": (lambda ad: json.dumps({"status": "ok", "ad": {"vast": ad}}), {"Content-Type": "application/json"}),
    "two-envelopes": (lambda ad: json.dumps({"a": ad, "b": ad}), {"Content-Type": "application/json"}),
    "json-string": (lambda ad: json.dumps(ad), {}),
    "escaped-quotes": (lambda ad: ad.replace('"', '\\"'), {}),
    "escaped-numbers": (escaped_as_numbers, {}),
    "loose-quotes": (loosely_quoted, {}),
    "impressions-group": (grouped_impressions, {}),
    "doctype": (lambda ad: ad.replace("?>", "?><!DOCTYPE VAST>", 1), {}),
    "entities": (lambda ad: ad.replace("?>", '?><!DOCTYPE VAST [<!ENTITY a "b">]>', 1), {}),
    "encoding-word": (lambda ad: ad, {"Content-Encoding": "made-up"}),
    "encoding-charset": (lambda ad: ad, {"Content-Encoding": "utf-8"}),
    "gzip-unlabelled": (lambda ad: gzip.compress(ad.encode()), {}),
    "flash": (lambda ad: ad_with(FLASH), {}),
    "flash-and-video": (lambda ad: ad_with(FLASH + media_file("video/mp4; codecs=avc1", "/media/a.mp4")), {}),
    "relative": (lambda ad: WRAPPER % "/flash-and-video", {}),
    "many-impressions": (pod_with_impressions, {}),
}


class Seen:
    """One request and its outcome."""

    def __init__(self, path):
        self.path = path
        self.began = time.monotonic()
        self.ended = None
        self.ending = "open"

    def end(self, ending):
        self.ended = time.monotonic()
        self.ending = ending


class Server(harness.LoopbackServer):
    """The server of one run: a request that is read late is still in the log of its own run."""

    def __init__(self):
        self.log = []
        self.asked = {}
        super().__init__(Handler)

    def see(self, path):
        with self.lock:
            seen = Seen(path)
            self.log.append(seen)
            self.asked[path] = self.asked.get(path, 0) + 1
            return seen, self.asked[path]

    def of(self, path):
        """The requests for a path."""
        return [seen for seen in list(self.log) if urlsplit(seen.path).path == path]


class Handler(harness.RequestHandler):
    def do_GET(self):
        url = urlsplit(self.path)
        seen, count = self.server.see(self.path)
        query = {key: values[-1] for key, values in parse_qs(url.query).items()}
        name = url.path.strip("/")
        try:
            self.respond(name, query, count, seen)
        except OSError:
            seen.end("closed")
            self.close_connection = True

    def respond(self, name, query, count, seen):
        if name == "hang":
            return self.gone_within(60, seen)
        if name == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            seen.end("reset")
            self.close_connection = True
            return self.connection.close()
        if self.gone_within(float(query.get("after", 0)), seen):
            return None
        ad = AD.format(id=query.get("ad", name), base=self.server.url)
        if name == "redirect":
            left = int(query["left"])
            target = "/redirect?left=%d" % (left - 1) if left > 1 else "/good"
            return self.send(302, "", {"Location": target}, seen)
        if name == "wrappers":
            return self.send(200, WRAPPER % ("/wrappers?level=%d" % (int(query.get("level", 0)) + 1)), {}, seen)
        if name in DOCUMENTS:
            made, headers = DOCUMENTS[name]
            body = made(AD.replace("{id}", name))
            body = body.replace("{base}", self.server.url).replace("{id}", name) if isinstance(body, str) else body
            return self.send(200, body, headers, seen)
        bodies = {
            "empty": (200, '<VAST version="4.2"/>'),
            "html": (200, "<!DOCTYPE html><html><body>Blocked</body></html>"),
            "broken": (200, ad[: len(ad) // 2]),
            "404": (404, "not here"),
            "flaky": (503, "busy") if count == 1 else (200, ad),
            "beacon": (204, ""),
        }
        status, body = bodies.get(name, (200, ad))
        return self.send(status, body, {}, seen)

    def send(self, status, body, headers, seen):
        data = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        for header in headers.items():
            self.send_header(*header)
        if status != 204:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
        self.wfile.flush()
        seen.end("sent")
        return None

    def gone_within(self, seconds, seen):
        """Waits; says whether the client closed its side meanwhile. A time in which the machine stood still is not counted, so that
        an answer that is due at once stays before an answer that is due later."""
        while seconds > 0:
            began = time.monotonic()
            readable, _, _ = select.select([self.connection], [], [], min(seconds, harness.TICK))
            if readable and not self.connection.recv(1, socket.MSG_PEEK):
                seen.end("closed")
                self.close_connection = True
                return True
            seconds -= min(time.monotonic() - began, 2 * harness.TICK)
        return False


class Checks(harness.Tally):
    def __init__(self, vast):
        super().__init__()
        self.vast = vast
        self.server = None
        self.stalls = harness.Stalls()
        # For how long the machine stood still in this run. Every upper bound is later by as much.
        self.stalled = 0.0

    def source(self, spec):
        """`name` or `name:path`, as NAME=URL."""
        name, _, path = spec.partition(":")
        return "%s=%s/%s" % (name, self.server.url, path or name)

    def run(self, what, sources, *arguments, fallbacks=(), code=0):
        """Runs `vast request` and gives its JSON, with a new server."""
        if self.server:
            harness.in_background(self.server.end)
        self.server, stalled = Server(), self.stalls.seconds
        command = [self.vast, "request", *map(self.source, sources)]
        for fallback in fallbacks:
            command += ["--fallback", self.source(fallback)]
        command += ["--format", "json", *arguments]
        environment = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
        try:
            done = subprocess.run(command, capture_output=True, timeout=30, env=environment, stdin=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            self.check(what, False, "it hangs")
            return None
        self.stalled = self.stalls.seconds - stalled
        self.check(what + ": exit code", done.returncode == code, "%d, not %d" % (done.returncode, code))
        try:
            return json.loads(done.stdout)
        except ValueError as error:
            self.check(what, False, "no JSON: %s: %r %r" % (error, done.stdout[:200], done.stderr[:500]))
            return None

    def expect(self, what, result, winner, sources, elapsed=None):
        """`sources`: name -> (outcome, error type, attempts, least ms, most ms)."""
        if result is None:
            return
        self.check(what + ": winner", result.get("source") == winner, result.get("source"))
        self.check(what + ": success", result["success"] == (winner is not None), result["success"])
        if elapsed:
            total = result["metadata"]["elapsed_ms"]
            self.expect_elapsed(what, total, *elapsed)
        reports = {source["name"]: source for source in result["sources"]}
        self.check(what + ": every source is reported", set(reports) == set(sources), sorted(reports))
        for name, wanted in sources.items():
            if name in reports:
                self.expect_source("%s: %s" % (what, name), result, reports[name], *wanted)
        self.expect_losers(what, reports)

    def expect_source(self, what, result, report, outcome, error_type=None, attempts=None, least=0, most=None):
        errors = [error["error_type"] for error in result["errors"] if error["source"] == report["name"]]
        seen = "%s %s, %s attempts, %s ms" % (report["outcome"], errors, report.get("attempts"), report.get("elapsed_ms"))
        self.check(what + ": outcome", report["outcome"] == outcome, "%s, not %s" % (seen, outcome))
        if error_type:
            self.check(what + ": error_type", errors[-1:] == [error_type], "%s, not %s" % (seen, error_type))
        if outcome in ("cancelled", "not_started"):
            self.check(what + ": no error", not errors, seen)
        if attempts is not None:
            self.check(what + ": attempts", report.get("attempts") == attempts, "%s, not %d" % (seen, attempts))
        if most is not None:
            self.expect_elapsed(what, report.get("elapsed_ms", -1), least, most)

    def expect_elapsed(self, what, elapsed, least, most):
        most += round(1000 * self.stalled)
        self.check(what + ": elapsed", least <= elapsed <= most, "%s ms, not %s to %s ms" % (elapsed, least, most))

    def expect_losers(self, what, reports):
        """From the server's own log: who was not asked, and that every exchange was closed or read to its end in time."""
        paths = {name: urlsplit(report["url"]).path for name, report in reports.items()}
        losers = [name for name, report in reports.items() if report["outcome"] == "cancelled"]
        self.settle(paths[name] for name in losers)
        for name, report in reports.items():
            if report["outcome"] == "not_started":
                self.equal("%s: %s was not asked" % (what, name), len(self.server.of(paths[name])), 0)
        for name in losers:
            asked = self.server.of(paths[name])
            self.check("%s: %s was asked" % (what, name), bool(asked))
            answered = max((seen.ended for seen in self.server.log if seen.ending == "sent" and seen not in asked), default=0)
            limit = answered + LINGER + SLACK + self.stalled
            ends = [(seen.ending, seen.ended and round(seen.ended - answered, 3)) for seen in asked]
            in_time = all(seen.ended is not None and seen.ended <= limit for seen in asked)
            self.check("%s: %s was let go in time" % (what, name), in_time, ends)

    def settle(self, paths):
        """Waits until the server knows how each request has ended, those for the paths included. The program has ended, but the
        server may still have to read a request or to note an answer."""
        paths, until = list(paths), time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if all(map(self.server.of, paths)) and all(seen.ended is not None for seen in list(self.server.log)):
                return
            time.sleep(harness.TICK)

    def beacons(self):
        return sorted(urlsplit(seen.path).query for seen in self.server.log if seen.path.startswith("/beacon"))


def failures():
    """The sources that fail at once, and how."""
    return {
        "reset": ("failed", "reset", 2, 0, 1000),
        "empty": ("no_ad", "no_ad", 1, 0, 1000),
        "gone": ("failed", "http_status", 1, 0, 1000),
        "html": ("failed", "not_xml", 1, 0, 1000),
        "broken": ("failed", "not_xml", 1, 0, 1000),
    }


FAILURES = ["reset", "empty", "gone:404", "html", "broken"]
GOOD, SLOW = "good:good?after=0.2", "slow:slow?after=0.7"


def modes(checks):
    checks.expect(
        "parallel",
        checks.run("parallel", ["hang", *FAILURES, "flaky", GOOD, SLOW], "--source-timeout", "1s"),
        "flaky",
        {
            "hang": ("failed", "timeout", 1, 950, 1800),
            **failures(),
            "flaky": ("filled", "http_status", 2, 0, 700),
            # Both have answered, but a source ahead of them won: they are not read.
            "good": ("cancelled", None, 1, 950, 1800),
            "slow": ("cancelled", None, 1, 950, 1800),
        },
        (950, 1800),
    )
    checks.expect(
        "parallel, the first in order",
        checks.run("parallel, first", [*FAILURES, GOOD, "hang", SLOW], "--mode", "parallel"),
        "good",
        {**failures(), "good": ("filled", None, 1, 190, 650), "hang": ("cancelled", None, 1, 190, 690),
         "slow": ("cancelled", None, 1, 190, 690)},
        (190, 690),
    )
    checks.expect(
        "parallel, at the deadline",
        checks.run("parallel, deadline", ["hang", GOOD], "--timeout", "1500ms"),
        "good",
        {"hang": ("failed", "timeout", 1, 1450, 2000), "good": ("filled", None, 1, 190, 700)},
        (1450, 2000),
    )
    checks.expect(
        "race",
        checks.run("race", ["hang", SLOW, *FAILURES, GOOD], "--mode", "race"),
        "good",
        {**failures(), "good": ("filled", None, 1, 190, 650), "hang": ("cancelled", None, 1, 190, 690),
         "slow": ("cancelled", None, 1, 190, 690)},
        (190, 690),
    )
    checks.expect(
        "sequential",
        checks.run("sequential", [*FAILURES, GOOD, SLOW], "--mode", "sequential", "--timeout", "10s"),
        "good",
        {**failures(), "good": ("filled", None, 1, 190, 900), "slow": ("not_started", None, 0)},
    )
    checks.expect(
        "sequential, the first hangs",
        checks.run("sequential, hang", ["hang", GOOD], "--mode", "sequential", "--timeout", "4s"),
        "good",
        {"hang": ("failed", "timeout", 1, 1950, 2500), "good": ("filled", None, 1, 190, 900)},
        (2140, 3400),
    )
    checks.expect(
        "staggered",
        checks.run("staggered", ["hang", GOOD, SLOW], "--mode", "staggered", "--stagger", "1s"),
        "good",
        {"hang": ("cancelled", None, 1, 1190, 1900), "good": ("filled", None, 1, 190, 700), "slow": ("not_started", None, 0)},
        (1190, 1900),
    )
    checks.expect(
        "staggered, failures are replaced at once",
        checks.run("staggered, failures", [*FAILURES, GOOD], "--mode", "staggered"),
        "good",
        {**failures(), "good": ("filled", None, 1, 190, 900)},
    )
    checks.expect(
        "collect",
        checks.run("collect", [SLOW, "hang", *FAILURES, GOOD], "--mode", "collect", "--source-timeout", "2s"),
        "slow",
        {**failures(), "good": ("filled", None, 1, 190, 900), "slow": ("filled", None, 1, 690, 1400),
         "hang": ("failed", "timeout", 1, 1950, 2800)},
        (1950, 2800),
    )


def fallbacks_and_codes(checks):
    for mode in ["parallel", "sequential", "race", "staggered", "collect"]:
        result = checks.run("fallback " + mode, FAILURES, "--mode", mode, "--timeout", "10s", fallbacks=["empty2:empty?2", GOOD])
        checks.expect(
            "fallback " + mode, result, "good",
            {**failures(), "empty2": ("no_ad", "no_ad", 1, 0, 1000), "good": ("filled", None, 1, 190, 900)},
        )
        if result:
            checks.check("used_fallback " + mode, result["metadata"]["used_fallback"] is True)
    result = checks.run("fallback after a hang", ["hang"], "--timeout", "4s", "--source-timeout", "8s", fallbacks=[GOOD])
    checks.expect(
        "fallback after a hang", result, "good",
        {"hang": ("failed", "timeout", 1, 2600, 3200), "good": ("filled", None, 1, 190, 900)},
        (2790, 4050),
    )
    checks.expect("no ad", checks.run("no ad", ["empty"], code=1), None, {"empty": ("no_ad", "no_ad", 1, 0, 1000)})
    checks.expect(
        "an error", checks.run("an error", ["empty", "gone:404"], code=3), None,
        {"empty": ("no_ad", "no_ad", 1), "gone": ("failed", "http_status", 1)},
    )


def tracking(checks):
    checks.run("without --track", [GOOD, "bad:bad?after=0.1"], "--mode", "race")
    time.sleep(0.3)
    checks.check("without --track there is no beacon", checks.beacons() == [], checks.beacons())
    checks.run("with --track", [GOOD, "late:late?after=0.4"], "--mode", "race", "--track")
    time.sleep(0.6)
    checks.check("with --track the winner's alone", checks.beacons() == ["impression=good"], checks.beacons())
    checks.run("filtered", [GOOD], "--min-duration", "60s", "--report-errors", code=1)
    time.sleep(0.3)
    checks.check("the rejected ad gets 202", checks.beacons() == ["error=good&code=202"], checks.beacons())


# Path -> the error type; none where the ad is read with all its values.
DOCUMENT_CASES = {
    "envelope": None,
    "two-envelopes": "not_xml",
    "json-string": None,
    "escaped-quotes": None,
    "escaped-numbers": None,
    "loose-quotes": None,
    "impressions-group": None,
    "doctype": None,
    "entities": "not_xml",
    "encoding-word": None,
    "encoding-charset": None,
    "gzip-unlabelled": None,
    "flash": "filtered",
    "flash-and-video": None,
}


def documents(checks):
    """What can be read without doubt is read with all its values; what cannot gives the fallback its turn."""
    for path, error in DOCUMENT_CASES.items():
        what = "document " + path
        result = checks.run(what, [path], fallbacks=["good"])
        if result is None:
            continue
        checks.check(what + ": winner", result["source"] == ("good" if error else path), result["source"])
        errors = [found["error_type"] for found in result["errors"] if found["source"] == path]
        checks.check(what + ": error type", errors[-1:] == ([error] if error else []), errors)
        text = json.dumps(result["parsed_data"]["ads"][0])
        wanted = ["/beacon?impression=" + (path if not error else "good"), "video/mp4"]
        checks.check(what + ": values", all(part in text for part in wanted), text[:2000])
        checks.check(what + ": no Flash is chosen", "swf" not in json.dumps(result.get("selected_media") or {}))


def relative_urls(checks):
    what = "relative URLs of a wrapper and its ad"
    result = checks.run(what, ["relative"], "--allow-private")
    if result:
        text = json.dumps(result)
        for path in ("/px/w", "/media/a.mp4"):
            checks.check(what + ": " + path, '"%s%s"' % (checks.server.url, path) in text and '"%s"' % path not in text, text[:2000])


def limits(checks):
    redirects = {
        "redirects at the limit": ("redirect?left=5", (), 0),
        "redirects over the limit": ("redirect?left=6", (), 3),
        "redirects over a higher limit": ("redirect?left=8", ("--max-redirects", "8"), 0),
        "no redirects": ("redirect?left=1", ("--max-redirects", "0"), 3),
    }
    for what, (path, arguments, code) in redirects.items():
        checks.run(what, ["source:" + path], *arguments, code=code)
    for arguments, most in (((), 40), (("--max-exchanges", "3"), 3)):
        what = "at most %d exchanges" % most
        result = checks.run(what, ["wrappers"], "--max-wrapper-depth", "100", "--allow-private", *arguments, code=3)
        asked = sum(seen.path.startswith("/wrappers") for seen in checks.server.log)
        checks.check(what + ": requests", 1 < asked <= most, asked)
        errors = [error["error_type"] for error in (result or {"errors": []})["errors"]]
        checks.check(what + ": error type", errors[-1:] in (["limit"], ["wrapper_limit"]), errors)
    for arguments, most in (((), 1000), (("--max-beacons", "5"), 5)):
        what = "at most %d beacons" % most
        result = checks.run(what, ["many-impressions"], "--track", "--allow-private", *arguments)
        called = checks.beacons()
        impressions = ["n=%04d" % number for number in range(400)] + ["impression=many-impressions"]
        checks.check(what + ": the first ones", set(called) <= set(impressions) and len(set(called)) == min(most, 401), called[-3:])
        omitted = result["metadata"].get("beacons_omitted") if result else None
        checks.check(what + ": the number of the others", omitted == 3 * 401 - most, omitted)


def main():
    checks = Checks(harness.options_of(harness.parser(__doc__)).vast)
    modes(checks)
    fallbacks_and_codes(checks)
    tracking(checks)
    documents(checks)
    relative_urls(checks)
    limits(checks)
    return checks.end()


if __name__ == "__main__":
    sys.exit(main())
