#!/usr/bin/env python3
"""Scans from outside that no spelling of a private address makes `vast` connect to it (server-side request forgery).

    scripts/addresses.py [--vast PATH]

A listener on all addresses of this machine counts connections. An ad server that the operator named answers with each spelling of such an
address: as a redirect, as a wrapper and as a tracker. `POST /v1/unwrap` and `/v1/check` of a gateway get each spelling as a URL, and in a wrapper of
a document. No request may reach the listener. At last the same is done with `allow_private`, to show that the listener would count.

Needs Python 3.8 and its standard library. The listener has port 80 if the system permits that, because another port is refused before the address
is looked at. Prints a line per failed check and at last `N passed, M failed`; exits with 1 when one failed, with 2 when the program is not there.
"""

import http.client
import json
import os
import queue
import socket
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import harness
from gateway import Gateway

KEY = "0123456789abcdef-addresses"

# 127.0.0.1 and other addresses of this machine. `{p}` is `:PORT`, or nothing for port 80.
NUMBERS = """
127.0.0.1{p} 127.1{p} 127.0.1{p} 2130706433{p} 0x7f000001{p} 0x7F000001{p} 0x7f.1{p} 0x7f.0x0.0x0.0x1{p} 0177.0.0.1{p} 0177.0.0.01{p}
017700000001{p} 00000177.0.0.1{p} 0x0000007f.1{p} 127.0x1{p} 127.0.0.1.{p} 127.1.{p} 2130706433.{p} 0{p} 0.{p} 0.0{p} 0.0.0.0{p} 00{p} 0x0{p} 0x{p} 127.255.255.254{p}
6425673729{p} 383.0.0.1{p} 127.0.0.257{p} 127.0.0.1.1{p} 1.0.0.127.in-addr.arpa{p}
[::1]{p} [::]{p} [0:0:0:0:0:0:0:1]{p} [0000:0000::0001]{p} [::0:1]{p} [::ffff:127.0.0.1]{p} [::FFFF:7F00:1]{p} [0:0:0:0:0:ffff:127.0.0.1]{p}
[::ffff:0.0.0.0]{p} [::127.0.0.1]{p} [::7f00:1]{p} [::ffff:0:127.0.0.1]{p} [64:ff9b::127.0.0.1]{p} [64:ff9b::7f00:1]{p} [64:ff9b:1::127.0.0.1]{p} [2002:7f00:1::]{p}
[2002:7f00:1::1]{p} [2001:0:7f00:1::]{p} [fe80::1]{p} [fe80::1%25lo]{p} [fe80::1%lo]{p} [::1%25lo]{p} [::1%1]{p} [::1]{p}. [v1.7f000001]{p} ::1{p}
"""
# Letters and signs that other programs read as digits, dots or the end of a host.
TEXTS = [
    "１２７.0.0.1{p}",
    "127。0。0。1{p}",
    "127．0．0．1{p}",
    "127｡0｡0｡1{p}",
    "①②⑦.⓪.⓪.①{p}",
    "١٢٧.0.0.1{p}",
    "127.0.0.1\u200b{p}",
    "12\u00ad7.0.0.1{p}",
    "[：：1]{p}",
    "%31%32%37.0.0.1{p}",
    "127%2e0%2e0%2e1{p}",
    "%5b::1%5d{p}",
    "127.0.0.1%00.invalid{p}",
    "127.0.0.1%09{p}",
    "127.0.0.1%2f@ads.invalid{p}",
    "localhost{p}",
    "LOCALHOST{p}",
    "localhost.{p}",
    "local%68ost{p}",
    "ⓛocalhost{p}",
    "ｌｏｃａｌｈｏｓｔ{p}",
    "local\u00adhost{p}",
    "localhost.localdomain{p}",
    "ip6-localhost{p}",
    "user@127.0.0.1{p}",
    "user:secret@127.0.0.1{p}",
    "ads.invalid@127.0.0.1{p}",
    "ads.invalid:80@127.0.0.1{p}",
    "ads.invalid%40127.0.0.1{p}",
    "ads.invalid#@127.0.0.1{p}",
    "ads.invalid?@127.0.0.1{p}",
    "ads.invalid\\@127.0.0.1{p}",
    "127.0.0.1{p}\\@ads.invalid",
    "127.0.0.1{p}#@ads.invalid",
    "127.0.0.1{p}?@ads.invalid",
    "127.0.0.1{p}&@ads.invalid",
    "\\127.0.0.1{p}",
    "/127.0.0.1{p}",
    "127.0.0.1:0080",
    "127.0.0.1:",
    "127.0.0.1:８０",
    "127.0.0.1:+80",
    "127.0.0.1:65616",
    "127.0.0.1:80:80",
    "\t127.0.0.1{p}",
    "127.0.\t0.1{p}",
]
SCHEMES = ["http://", "HTTP://", "http:", "http:/", "http:\\\\", "http:///", "//", "\\\\", "ws://", "https://"]
# What an ad of this machine names, without the names and signs that HTML would change.
WRAPPER = """<VAST version="4.2"><Ad id="w"><Wrapper><AdSystem>scan</AdSystem><VASTAdTagURI><![CDATA[%s]]></VASTAdTagURI></Wrapper></Ad></VAST>"""
AD = """<VAST version="4.2"><Ad id="a"><InLine><AdSystem>scan</AdSystem><AdTitle>scan</AdTitle>%s<Creatives><Creative><Linear>
<Duration>00:00:15</Duration><MediaFiles><MediaFile delivery="progressive" type="video/mp4" width="1280" height="720">https://cdn.invalid/a.mp4</MediaFile>
</MediaFiles></Linear></Creative></Creatives></InLine></Ad></VAST>"""


def own_addresses():
    """The addresses of this machine by its name, as hosts of URLs."""
    try:
        found = {entry[4][0] for entry in socket.getaddrinfo(socket.gethostname(), None)}
    except OSError:
        return []
    return sorted("[%s]" % address if ":" in address else address for address in found)


def spellings(port):
    """All URLs of the scan."""
    suffix = "" if port == 80 else ":%d" % port
    hosts = NUMBERS.split() + TEXTS + [socket.gethostname() + "{p}"] + [address + "{p}" for address in own_addresses()]
    urls = ["http://" + host.replace("{p}", suffix) + "/secret" for host in hosts]
    return urls + [scheme + "127.0.0.1" + suffix + "/secret" for scheme in SCHEMES]


class Listener:
    """Accepts connections on all addresses and ports, and counts them."""

    def __init__(self):
        self.sockets = []
        # The client of each connection: its address and port.
        self.accepted = queue.Queue()
        self.port = 80
        try:
            self.open(80)
            self.open(443)
        except OSError:
            self.close()
            self.port = self.open(0)
            print("the listener has port %d, because port 80 is not permitted or in use" % self.port)

    def close(self):
        for one in self.sockets:
            one.close()
        self.sockets.clear()

    def open(self, port):
        first = socket.create_server(("0.0.0.0", port))
        self.sockets.append(first)
        port = first.getsockname()[1]
        if socket.has_ipv6:
            try:
                self.sockets.append(socket.create_server(("::", port), family=socket.AF_INET6))
            except OSError:
                pass  # A machine without IPv6.
        for one in self.sockets[-2:]:
            threading.Thread(target=self.accept, args=(one,), daemon=True).start()
        return port

    def accept(self, listening):
        while True:
            try:
                connection, client = listening.accept()
            except OSError:
                return
            self.accepted.put(client[:2])
            connection.close()

    def taken(self):
        """The number of connections since the last call. A socket accepts them in their order, so all have been counted when one that is
        made now has been accepted from each."""
        own = set()
        for one in self.sockets:
            host = "::1" if one.family == socket.AF_INET6 else "127.0.0.1"
            with socket.create_connection((host, one.getsockname()[1]), timeout=60) as connection:
                own.add(connection.getsockname()[:2])
        count = 0
        while own:
            client = self.accepted.get(timeout=60)
            count += client not in own
            own.discard(client)
        return count


class AdServer(ThreadingHTTPServer):
    """Answers with the spellings. `asked` has the paths of the requests."""

    daemon_threads = True
    request_queue_size = 512  # The program opens a connection for each spelling at once.

    def __init__(self, urls):
        super().__init__(("127.0.0.1", 0), AdHandler)
        self.urls, self.asked = urls, set()
        harness.serve(self)


class AdHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.asked.add(self.path)
        kind, _, number = urlsplit(self.path).path.strip("/").partition("/")
        urls = self.server.urls
        if kind in ("redirect", "wrapper") and not number.isdigit():
            self.answer(404, b"")  # A spelling that is a relative URL.
        elif kind == "redirect":
            self.answer(302, b"", b"Location: " + urls[int(number)].encode() + b"\r\n")
        elif kind == "wrapper":
            self.answer(200, (WRAPPER % urls[int(number)]).encode())
        else:
            impressions = "".join("<Impression><![CDATA[%s]]></Impression>" % url for url in urls)
            self.answer(200, (AD % impressions).encode())

    def answer(self, status, body, header=b""):
        self.wfile.write(b"HTTP/1.1 %d x\r\nContent-Length: %d\r\n%s\r\n" % (status, len(body), header) + body)

    def log_message(self, *arguments):
        pass


class Scan(harness.Tally):
    def __init__(self, vast):
        super().__init__()
        self.vast = vast
        self.listener = Listener()
        self.server = AdServer(spellings(self.listener.port))

    def request(self, paths, *arguments):
        """The JSON of `vast request` for these paths of the ad server."""
        urls = ["http://127.0.0.1:%d/%s" % (self.server.server_port, path) for path in paths]
        fixed = ["--config", harness.PATIENT, "--mode", "collect", "--retries", "0", "--format", "json"]
        done = subprocess.run([self.vast, "request", *urls, *fixed, *arguments], capture_output=True, timeout=120)
        try:
            return json.loads(done.stdout)
        except ValueError:
            self.check("vast request", False, "no JSON: %r %r" % (done.stdout[:200], done.stderr[:500]))
            return {"sources": []}

    def no_connection(self, what):
        self.equal(what + ": connections to this machine", self.listener.taken(), 0)

    def sources(self, kind):
        """Each spelling as the redirect or the wrapper of a source."""
        urls = self.server.urls
        result = self.request(["%s/%d" % (kind, number) for number in range(len(urls))])
        self.no_connection("vast request, " + kind)
        for url, source in zip(urls, result["sources"]):
            self.check("%s to %s" % (kind, url), source["outcome"] in ("failed", "no_ad"), source)
        unasked = [url for number, url in enumerate(urls) if "/%s/%d" % (kind, number) not in self.server.asked]
        self.equal("%s: spellings that the ad server did not give" % kind, unasked, [])

    def trackers(self):
        """Each spelling as an impression that is called."""
        result = self.request(["ad"], "--track")
        self.no_connection("vast request --track")
        self.equal("the ad of the trackers", result.get("success"), True)

    def gateway(self):
        """Each spelling as the document of a stranger."""
        config = "[server]\nmax_lag = '1h'\n[tenant.scan]\nkeys = [{ name = 'scan', file = 'key' }]\n"
        config += "[placement.preroll]\ntenant = 'scan'\nsource = [{ xml = '''<VAST version=\"4.2\"/>''' }]\n"
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "key"), "w") as file:
                file.write(KEY)
            gateway = Gateway(self.vast, config, folder)
            try:
                for url in self.server.urls:
                    by_url, by_text = json.dumps({"url": url}), WRAPPER % url
                    for path, body, statuses in [
                        ("/v1/unwrap", by_url, (400,)),
                        ("/v1/check", by_url, (400,)),
                        ("/v1/unwrap", by_text, (200,)),
                    ]:
                        status = self.post(gateway.port, path, body)
                        self.check("%s %s" % (path, body), status in statuses, status)
            finally:
                gateway.end()
        self.no_connection("gateway")

    def post(self, port, path, body):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        connection.request("POST", path, body.encode(), {"Authorization": "Bearer " + KEY})
        status = connection.getresponse().status
        connection.close()
        return status

    def control(self):
        """With `allow_private` the listener counts, so it would have counted before."""
        for kind in ("redirect", "wrapper"):
            self.request([kind + "/0"], "--allow-private")
            self.check("control: " + kind, self.listener.taken() > 0, "the listener counts nothing")


def main():
    options = harness.options_of(harness.parser(__doc__))
    scan = Scan(options.vast)
    for kind in ("redirect", "wrapper"):
        scan.sources(kind)
    scan.trackers()
    scan.gateway()
    scan.control()
    return scan.end()


if __name__ == "__main__":
    sys.exit(main())
