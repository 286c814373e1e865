#!/usr/bin/env python3
"""Measures the memory and the time of `vast` against hostile answers.

    cargo build --release -p vast-cli
    python3 scripts/memory.py --vast target/release/vast
    python3 scripts/memory.py --vast target/debug/vast --slack 10 --only pods

Each case runs `vast` against servers of this script, or on a file. It must end with its exit code, its largest resident memory
must stay below 128 MiB, and a request must end within its time limit and the slack. Prints a line per case. Exits with 1 when a case fails,
with 2 when `vast` is not there. Prints `skipped: memory` on a system that does not report the memory of a process.
"""

import argparse
import gzip
import http.server
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time

MOST_MIB = 128
MIB = 1 << 20
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36"

CREATIVES = (
    "<Creatives><Creative><Linear><Duration>00:00:05</Duration><MediaFiles><MediaFile type='video/mp4' width='1' height='1'>"
    "https://cdn.example/a.mp4</MediaFile></MediaFiles></Linear></Creative></Creatives>"
)


def vast(ads):
    return "<VAST version='4.2'>" + ads + "</VAST>"


def impressions(number, url):
    return "".join("<Impression><![CDATA[" + url(place) + "]]></Impression>" for place in range(number))


def inline(sequence, inside=""):
    return (
        f"<Ad sequence='{sequence}'><InLine><AdSystem>a</AdSystem><AdTitle>t</AdTitle>{inside}{CREATIVES}</InLine></Ad>"
    )


def wrapper(sequence, url, inside=""):
    return f"<Ad sequence='{sequence}'><Wrapper><AdSystem>w</AdSystem><VASTAdTagURI>{url}</VASTAdTagURI>{inside}</Wrapper></Ad>"


def macros(number, times):
    return lambda base: vast(
        wrapper(1, base + "/pod").replace(" sequence='1'", "").replace("<Wrapper>", "<Wrapper allowMultipleAds='true'>").replace(
            "</Wrapper>", impressions(number, lambda place: f"{base}/i?{place}" + "[DEVICEUA]" * times) + "</Wrapper>"
        )
    )


def noise(size):
    """Text that gzip cannot make much smaller: the reader refuses a document that grows too much."""
    return random.Random(size).randbytes(size // 2 + 1).hex()[:size]


def elements(number, size):
    """An ad of about this many bytes in this many elements."""
    each = size * 2 // number - 40
    letters = noise(each // 8 * 997)
    parts = (letters[place % 997 * (each // 8) :][: each // 8] * 8 for place in range(number // 2))
    inside = "".join(f"<Extension><a b='{part}'>d</a></Extension>" for part in parts)
    return lambda base: vast(inline(1).replace("</InLine>", f"<Extensions>{inside}</Extensions></InLine>"))


def texts(number, size):
    """An ad with this many long texts, together of about this many bytes."""
    inside = "".join(f"<Extension>{noise(size // number // 8 - place) * 8}</Extension>" for place in range(1, number + 1))
    return lambda base: vast(inline(1).replace("</InLine>", f"<Extensions>{inside}</Extensions></InLine>"))


def chained(link):
    """A wrapper of a chain of five, with 1,900 impressions of its own."""
    after = "/many" if link == 5 else f"/chain-{link + 1}"
    return lambda base: vast(wrapper(1, base + after, impressions(1_900, lambda place: f"{base}/seen?{link}.{place}")))


def relative(ads, number):
    """A pod whose media files have relative URLs. `/long/` redirects to it at a URL of 60,000 bytes."""
    files = "<MediaFile type='video/mp4' width='1' height='1'>m</MediaFile>" * number
    return lambda base: vast("".join(inline(ad).replace("<MediaFiles>", "<MediaFiles>" + files) for ad in range(1, ads + 1)))


DOCUMENTS = {
    "/macros": macros(400, 100),
    "/macros-3mb": macros(3000, 100),
    "/macros-few": macros(20, 6500),
    "/pod": lambda base: vast("".join(inline(number) for number in range(1, 25))),
    "/filled": elements(45_000, 4_000_000),
    "/text": texts(100, 4_000_000),
    "/wrappers": lambda base: vast("".join(wrapper(number, f"{base}/filled?{number}") for number in range(1, 21))),
    **{f"/chain-{link}": chained(link) for link in range(1, 6)},
    "/many": lambda base: vast(inline(1, impressions(1_900, lambda place: f"{base}/seen?{place}"))),
    "/thousand": lambda base: vast(
        "".join(inline(ad, impressions(500, lambda place: f"{base}/seen?{ad}.{place}")) for ad in (1, 2))
    ),
    "/impressions": lambda base: vast(inline(1, impressions(10_000, lambda place: f"{base}/seen?{place}"))),
    "/impressions-pod": lambda base: vast(
        "".join(inline(ad, impressions(500, lambda place: f"{base}/seen?{ad}.{place}")) for ad in range(1, 25))
    ),
    "/redirects": lambda base: vast(
        "".join(inline(ad, impressions(500, lambda place: f"{base}/hop/5?{ad}.{place}")) for ad in range(1, 3))
    ),
    "/relative": relative(24, 500),
    "/nested": lambda base: vast(inline(1, "<a>" * 60_000)),
    "/attributes": lambda base: vast(inline(1, "<a " + " ".join(f"b{number}='c'" for number in range(300_000)) + "/>")),
}


GZIPPED = ["/filled", "/text"]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = self.path.split("?")[0]
        if path.startswith("/hop/"):
            left = int(path[5:])
            return self.answer(302, b"", location=f"/hop/{left - 1}?{left}") if left else self.answer(204, b"")
        if path.startswith("/long/"):
            return self.answer(302, b"", location=path[5:] + "/" + "a" * 60_000 + "/x")
        path = "/" + path.split("/")[1]
        if path not in DOCUMENTS:
            return self.answer(204, b"")
        if "slow" in self.path:
            time.sleep(0.5)
        self.answer(200, *self.server.document(path))

    def answer(self, status, body, coding=None, location=None):
        self.send_response(status)
        if coding:
            self.send_header("Content-Encoding", coding)
        if location:
            self.send_header("Location", location)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            pass

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 1024

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.server_address[1]}"
        self.documents, self.lock = {}, threading.Lock()

    def document(self, path):
        with self.lock:
            if path not in self.documents:
                body = DOCUMENTS[path](self.base).encode()
                self.documents[path] = (gzip.compress(body), "gzip") if path in GZIPPED else (body, None)
            return self.documents[path]

    def handle_error(self, *_):
        pass


def flood(first, again):
    """A server that sends `first` and then `again` as fast as it can; its port."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)

    def serve(connection):
        try:
            connection.recv(65536)
            connection.sendall(first)
            while True:
                connection.sendall(again * 4096)
        except OSError:
            pass

    def accept():
        while True:
            threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return listener.getsockname()[1]


def serve():
    """The servers of all cases: a process of their own, because the memory of a process counts for those that it starts."""
    server = Server()
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    floods = [flood(head, b"0"), flood(head, b" "), flood(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n")]
    floods += [flood(b"HTTP/1.1 200 OK\r\n\r\n<VAST>", b"<Ad/>"), flood(b"HTTP/1.1 200 OK\r\n", b"a: b\r\n")]
    print(server.base, *floods, flush=True)
    server.serve_forever()


def cases(base, floods, folder):
    """Name, arguments, expected exit code, and the time limit in seconds."""

    def document(path):
        place = os.path.join(folder, path.strip("/") + ".xml")
        with open(place, "w") as file:
            file.write(DOCUMENTS[path](base))
        return place

    def sources(number, path):
        return [f"s{place}={base}{path}?{place}" for place in range(number)]

    request = ["request", "--timeout", "1s", "--format", "json", "--device-ua", AGENT]
    files = [f"f{number}={document('/pod')}" for number in range(5_000)]
    track = ["--track", "--drain", "0s"]
    outbox = ["--outbox", os.path.join(folder, "beacons")]
    fire = ["track", "--event", "impression", "--fire", "--format", "json"]
    # The reader refuses 3,000 trackers in a document.
    for path, code in [("/macros", 0), ("/macros-3mb", 3), ("/macros-few", 0)]:
        yield f"request {path}", [*request, base + path], code, 1
        yield f"request --track {path}", [*request, *track, base + path], code, 1
        yield f"request --format xml {path}", ["request", "--timeout", "1s", "--format", "xml", base + path], code, 1
    for path in GZIPPED:
        yield f"request {path}", [*request, base + path], 0, 1
        # The share of each of 64 sources in the budget for documents is smaller than 4 MB.
        # Whether one source ends before the budget is used up depends on the order in which they answer.
        for mode in ["parallel", "collect"]:
            yield f"request --mode {mode}, 64 of {path}", [*request, "--mode", mode, *sources(64, path)], (0, 3), 1
        yield f"parse {path}", ["parse", "--format", "json", document(path)], 0, None
        yield f"check {path}", ["check", "--format", "json", document(path)], 1, None
    for mode in ["parallel", "collect"]:
        # Three of the documents exceed the budget of a source. Whether a source has an ad before depends on the order of the answers.
        pods = sources(10, "/wrappers")
        yield f"request --mode {mode}, 10 pods of 20 documents of 4 MB", [*request, "--mode", mode, *pods], (0, 3), 1
    for path, code in [("/chain-1", 0), ("/impressions", 3), ("/impressions-pod", 3), ("/redirects", 0)]:
        yield f"request --track {path}", [*request, *track, base + path], code, 1
        yield f"request --track --outbox {path}", [*request, *track, *outbox, base + path], code, 1
    yield "track --fire, 1,000 beacons", [*fire, "--drain", "30s", base + "/thousand"], 0, 30
    for path in ["/nested", "/attributes"]:
        yield f"request {path}", [*request, base + path], 3, 1
    for place, port in enumerate(floods):
        bad, good = f"bad=http://127.0.0.1:{port}/", f"good={base}/pod?slow"
        yield f"request, flood {place} alone", [*request, bad], 3, 1
        yield f"request, flood {place} and a slow good source", [*request, "--mode", "parallel", bad, good], 0, 1
    for form in ["json", "xml"]:
        yield f"request --format {form} /relative at a long URL", [*request[:4], form, base + "/long/relative"], 3, 1
    yield "request --mode collect, 5,000 sources", [*request, "--mode", "collect", *sources(5_000, "/long/pod")], (0, 3), 1
    yield "request --mode collect, 5,000 files", [*request, "--mode", "collect", *files], 0, 1
    dead = [f"d{number}=http://127.0.0.1:9/{number}" for number in range(10_000)]
    yield "request, 10,000 dead sources", [*request, *dead], 3, 1


# The system counts the memory of a process for the programs that it starts, so a small process starts them. It prints exit code,
# seconds and the largest resident memory.
STARTER = """
import os, sys, time
began = time.monotonic()
files = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=files)
_, status, usage = os.wait4(child, 0)
print(os.waitstatus_to_exitcode(status), time.monotonic() - began, usage.ru_maxrss)
"""


def measure(command):
    """Exit code, seconds and MiB of a run, and what it printed to standard error."""
    ended = subprocess.run([sys.executable, "-I", "-S", "-c", STARTER, *command], capture_output=True, check=True)
    code, seconds, memory = ended.stdout.split()
    unit = 1 if sys.platform == "darwin" else 1024
    return int(code), float(seconds), int(memory) * unit / MIB, ended.stderr[:300].decode(errors="replace").strip()


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--vast", default="target/release/vast", help="the program")
    arguments.add_argument("--slack", type=float, default=0.5, help="seconds that a request may take beyond its limit")
    arguments.add_argument("--only", default="", help="cases whose name contains this")
    arguments.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = arguments.parse_args()
    if options.serve:
        return serve()
    if not hasattr(os, "wait4"):
        print("skipped: memory")
        return 0
    if not os.path.exists(options.vast):
        print(f"{options.vast} is not there", file=sys.stderr)
        return 2
    failed, count = 0, 0
    servers = subprocess.Popen([sys.executable, __file__, "--serve"], stdout=subprocess.PIPE, text=True)
    try:
        base, *floods = servers.stdout.readline().split()
        with tempfile.TemporaryDirectory() as folder:
            for name, case, expected, limit in cases(base, floods, folder):
                if options.only not in name:
                    continue
                code, seconds, memory, said = measure([options.vast, *case])
                is_in_time = limit is None or seconds <= limit + options.slack
                codes = expected if isinstance(expected, tuple) else (expected,)
                is_good = code in codes and memory < MOST_MIB and is_in_time and "panicked" not in said
                count, failed = count + 1, failed + (not is_good)
                print(f"{'ok    ' if is_good else 'FAILED'} {memory:6.1f} MiB {seconds:6.2f} s  exit {code}  {name}", flush=True)
                if not is_good:
                    print(f"       expected exit {expected}; " + re.sub(r"\s+", " ", said))
    finally:
        servers.terminate()
        servers.wait()
    print(f"{count - failed} passed, {failed} failed")
    return 1 if failed or not count else 0


if __name__ == "__main__":
    sys.exit(main())
