#!/usr/bin/env python3
"""Checks from outside what a gateway (`vast serve`) sends to a collector of OpenTelemetry.

    scripts/otel.py [--vast PATH]

A collector on this machine decodes traces, metrics and logs with the types of the package opentelemetry-proto. Every span must have its parent in its trace and lie within
it, have the attributes that docs/observability.md names and no others, and nothing that is sent may have the address, the advertising id, the user agent, the consent or a
parameter of a viewer. The metrics must be those that this script has counted. All failed requests must be kept, the slowest ones, those that the caller keeps, and no others.
A collector that is dead, or takes connections and never answers, must delay neither an answer nor the end of the gateway.

Needs Python 3.8 and opentelemetry-proto: scripts/otel.sh. Prints a line per failed check and at last `N passed, M failed`; exits with 1 when one failed, with 2 when the
program is not there.
"""

import base64
import collections
import http.client
import json
import socket
import statistics
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from google.protobuf import json_format
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

import harness
from gateway import AD, Gateway, value

PERSONAL = {
    "ip": "203.0.113.77",
    "ifa": "8d8a3c1e-77aa-4c55-9d51-4f3a7c0ffee1",
    "ua": "PersonalPlayer-77",
    "gdpr_consent": "CPersonalConsentString77",
    "gpp": "DBPersonalGpp77",
    "url": "https://page.example/personal-page-77",
    "sid": "personal-session-77",
}
ATTRIBUTES = {
    "vast.request": {"http.request.method", "http.route", "http.response.status_code", "vast.outcome", "vast.placement", "vast.request", "vast.source", "error.type"},
    "source": {"vast.source", "vast.tier", "vast.outcome", "vast.break", "error.type"},
    "exchange": {"http.request.method", "server.address", "server.port", "http.response.status_code", "http.request.resend_count", "error.type", "vast.document"},
}

# The longest time until the collector has something, on a busy machine. The gateway sends each second.
PATIENCE = 60
# How long the gateway waits for the collector at its end.
FLUSH = 1.0
# The requests from which the slowest share is computed.
BASE = 300

CONFIG = """[server]
drain = {{ announce = "0s", requests = "30s", beacons = "1s" }}
max_lag = "1h"
{server}
[telemetry]
otlp = "http://127.0.0.1:{collector}"
metrics_interval = "1s"
{telemetry}
[placement.preroll]
{limits}
mode = "sequential"
source = [{{ name = "east", url = "{ads}/go?ip=[DEVICEIP]&ifa=[IFA]&ua=[DEVICEUA]&c=[GDPRCONSENT]", allow_private = true }}]
fallback = [{{ name = "house", url = "{ads}/wrapper", allow_private = true }}]
[placement.broken]
{limits}
source = [{{ name = "broken", url = "{ads}/broken", allow_private = true }}]
[placement.slow]
{limits}
source = [{{ name = "slow", url = "{ads}/slow", allow_private = true }}]
"""

WRAPPER = """<VAST version="4.2"><Ad id="w"><Wrapper><AdSystem>house</AdSystem><Impression>http://t.example/w</Impression>
<VASTAdTagURI>{}/ad</VASTAdTagURI></Wrapper></Ad></VAST>"""


class AdServer(ThreadingHTTPServer):
    """`/go` redirects to an ad, or answers 500 to every second request."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self):
        super().__init__(("127.0.0.1", 0), AdHandler)
        self.traceparents, self.count, self.lock = collections.Counter(), 0, threading.Lock()
        harness.serve(self)

    def url(self):
        return "http://127.0.0.1:%d" % self.server_port

    def handle_error(self, request, client_address):
        """A connection that the gateway has closed is no mistake."""


class AdHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        server, path = self.server, self.path.split("?")[0]
        with server.lock:
            server.traceparents[self.headers.get("traceparent")] += 1
            server.count += path == "/go"
            is_even = server.count % 2 == 0
        if path == "/slow":
            time.sleep(0.5)
        status, body, location = 200, AD.format("otel"), None
        if path == "/go" and is_even:
            status, body = 500, ""
        elif path == "/go":
            status, body, location = 302, "", server.url() + "/ad?hidden=" + PERSONAL["ifa"]
        elif path == "/broken":
            status, body = 404, ""
        elif path == "/wrapper":
            body = WRAPPER.format(server.url())
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *arguments):
        pass


class Collector(ThreadingHTTPServer):
    """Takes OTLP over HTTP in its JSON form."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), CollectorHandler)
        self.lock = threading.Lock()
        self.bodies, self.keys, self.problems = collections.defaultdict(list), set(), []
        harness.serve(self)

    def spans(self):
        return [span for body in self.taken("traces") for of in body.resource_spans for scope in of.scope_spans for span in scope.spans]

    def records(self):
        return [record for body in self.taken("logs") for of in body.resource_logs for scope in of.scope_logs for record in scope.log_records]

    def metrics(self):
        """The metrics that came last, by name."""
        last = self.taken("metrics")[-1:]
        return {metric.name: metric for one in last for of in one.resource_metrics for scope in of.scope_metrics for metric in scope.metrics}

    def answers(self):
        """The answers in the metrics that came last, by placement and outcome."""
        series = self.metrics().get("vast_gateway_answers_total")
        points = series.sum.data_points if series else []
        return {(attributes(point)["placement"], attributes(point)["outcome"]): point.as_int for point in points if point.as_int}

    def wait(self, holds):
        """Whether it holds, at the latest after some time."""
        deadline = time.monotonic() + PATIENCE
        while not holds() and time.monotonic() < deadline:
            time.sleep(0.1)
        return holds()

    def roots(self):
        return [span for span in self.spans() if span.name == "vast.request"]

    def lines(self):
        """How often each line of the log came."""
        return collections.Counter(record.body.string_value for record in self.records())

    def taken(self, signal):
        types = {"traces": ExportTraceServiceRequest, "metrics": ExportMetricsServiceRequest, "logs": ExportLogsServiceRequest}
        with self.lock:
            texts = list(self.bodies[signal])
        return [json_format.ParseDict(with_bytes(json.loads(text)), types[signal]()) for text in texts]

    def has(self, text):
        """The signals whose bodies have this text."""
        with self.lock:
            return [signal for signal, bodies in self.bodies.items() if any(text.lower() in body.lower() for body in bodies)]


class CollectorHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        signal = self.path.rsplit("/", 1)[1]
        with self.server.lock:
            self.server.bodies[signal].append(body)
            self.server.keys.add(self.headers.get("x-api-key"))
            if self.headers["Content-Type"] != "application/json" or self.path not in ("/v1/traces", "/v1/metrics", "/v1/logs"):
                self.server.problems.append(self.path)
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *arguments):
        pass


def with_bytes(value):
    """OTLP writes ids as hexadecimal text; the JSON form of protobuf has base64 for bytes."""
    if isinstance(value, list):
        return [with_bytes(one) for one in value]
    if not isinstance(value, dict):
        return value
    is_id = ("traceId", "spanId", "parentSpanId")
    return {key: base64.b64encode(bytes.fromhex(one)).decode() if key in is_id else with_bytes(one) for key, one in value.items()}


def ask(port, path, headers=None):
    """The status and the outcome of an answer, and the seconds that it took."""
    began = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path, headers={"User-Agent": PERSONAL["ua"], **(headers or {})})
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status, response.getheader("X-Vast-Outcome"), time.monotonic() - began


def attributes(record):
    values = {}
    for one in record.attributes:
        values[one.key] = getattr(one.value, one.value.WhichOneof("value"))
    return values


def tag(placement):
    query = "&".join("%s=%s" % pair for pair in PERSONAL.items())
    return "/v1/%s/vast?w=1280&h=720&gdpr=1&gpp_sid=2&%s" % (placement, query)


def check_tree(checks, spans):
    """Every span has its parent in its trace, and lies within it."""
    by_id = {(span.trace_id, span.span_id): span for span in spans}
    checks.equal("every span has an id of its own", len(by_id), len(spans))
    kinds = {"vast.request": Span.SPAN_KIND_SERVER, "source": Span.SPAN_KIND_INTERNAL, "exchange": Span.SPAN_KIND_CLIENT}
    above = {"source": "vast.request", "exchange": "source"}
    wrong = []
    for span in spans:
        parent = by_id.get((span.trace_id, span.parent_span_id))
        is_right = span.kind == kinds.get(span.name) and set(attributes(span)) <= ATTRIBUTES.get(span.name, set())
        is_right &= span.start_time_unix_nano <= span.end_time_unix_nano and abs(span.start_time_unix_nano / 1e9 - time.time()) < 120
        if span.name == "vast.request":
            is_right &= parent is None
        else:
            is_right &= parent is not None and parent.name == above[span.name]
            is_right &= parent is not None and parent.start_time_unix_nano <= span.start_time_unix_nano
            is_right &= parent is not None and span.end_time_unix_nano <= parent.end_time_unix_nano
        if not is_right:
            wrong.append("%s below %s" % (span, parent))
    checks.equal("spans with a wrong parent, time, kind or attribute", wrong[:2], [])


def check_everything(checks, vast, ads, folder):
    """With all traces kept: what is sent."""
    collector = Collector()
    with open(folder + "/key", "w") as file:
        file.write("a-key-of-the-collector")
    config = CONFIG.format(
        limits=harness.LIMITS, server='trusted_callers = ["127.0.0.1/32"]', collector=collector.server_port, ads=ads.url(),
        telemetry='sample = 1.0\npropagate = true\nheaders = [{ name = "x-api-key", file = "key" }]')
    gateway = Gateway(vast, config, folder)
    traces = ["4bf92f3577b34da6a3ce929d0e0e%04x" % number for number in range(1, 11)]
    outcomes = collections.Counter(ask(gateway.port, tag("preroll"), {"traceparent": "00-%s-00f067aa0ba902b7-01" % trace})[1] for trace in traces)
    for malformed in ("00-xyz", "00-%s-00f067aa0ba902b7-01" % ("0" * 32), "", "01"):
        outcomes[ask(gateway.port, tag("preroll"), {"traceparent": malformed})[1]] += 1
    outcomes[ask(gateway.port, tag("broken"))[1]] += 1
    outcomes[ask(gateway.port, "/v1/%s/vast" % PERSONAL["sid"])[1]] += 1
    outcomes[ask(gateway.port, "/b/1%s?p=%s" % (PERSONAL["sid"], PERSONAL["ifa"]))[1]] += 1
    counted = {("preroll", "filled"): 14, ("broken", "failed"): 1, ("", "unknown_placement"): 1, ("", "bad_request"): 1}
    lines = {"served": 16, "reported": 1}
    collector.wait(lambda: len(collector.roots()) == 16 and lines.items() <= collector.lines().items() and collector.answers() == counted)
    checks.equal("answers", outcomes, {"filled": 14, "failed": 1, "unknown_placement": 1, "unknown": 1})
    checks.equal("wrong requests to the collector", (collector.problems, collector.keys), ([], {"a-key-of-the-collector"}))
    spans = collector.spans()
    check_tree(checks, spans)
    roots = collector.roots()
    checks.equal("traces", len(roots), 16)
    continued = sorted(span.trace_id.hex() for span in roots if span.parent_span_id == bytes.fromhex("00f067aa0ba902b7"))
    checks.equal("traces of the caller", continued, traces)
    checks.equal("traces without a parent", sum(span.parent_span_id == b"" for span in roots), 6)
    exchanges = [attributes(span) for span in spans if span.name == "exchange"]
    counts = collections.Counter((one["http.response.status_code"], one.get("http.request.resend_count")) for one in exchanges)
    checks.check("redirects, failures and second attempts are exchanges", counts[(302, None)] >= 1 and counts[(500, None)] >= 1 and counts[(302, 1)] >= 1, counts)
    checks.equal("servers", {one["server.address"] for one in exchanges}, {"127.0.0.1"})
    failed = [span for span in roots if span.status.code == Status.STATUS_CODE_ERROR]
    checks.equal("failed requests", [attributes(span)["error.type"] for span in failed], ["failed"])
    sent = {trace for trace in ads.traceparents if trace}
    roots_of = {"00-%s-%s-01" % (span.trace_id.hex(), span.span_id.hex()) for span in roots}
    checks.check("the ad servers got the trace", sent and sent <= roots_of, sorted(sent - roots_of)[:3])
    bodies = collector.lines()
    checks.equal("lines of the log", (bodies["served"], bodies["reported"]), (16, 1))
    served = [attributes(record) for record in collector.records() if record.body.string_value == "served"]
    checks.equal("outcomes in the log", collections.Counter(one["outcome"] for one in served), {"filled": 14, "failed": 1, "unknown_placement": 1})
    checks.equal("answers in the metrics", collector.answers(), counted)
    durations = [point for point in collector.metrics()["vast_gateway_answer_duration_seconds"].histogram.data_points if attributes(point)["placement"] == "preroll"]
    checks.equal("durations in the metrics", (durations[0].count, sum(durations[0].bucket_counts)), (14, 14))
    checks.equal("the name of the service", {one.value.string_value for of in collector.taken("traces")[0].resource_spans for one in of.resource.attributes if one.key == "service.name"},
                 {"vast-gateway"})
    said = check_end(checks, gateway, collector)
    for name, value in PERSONAL.items():
        checks.equal("`%s` of a viewer is sent in" % name, collector.has(value), [])
    for value in ("hidden=", "[deviceip]", "/go", "?w=1280"):
        checks.equal("`%s` of a URL is sent in" % value, collector.has(value), [])
    checks.equal("personal values on stderr", [value for value in PERSONAL.values() if value in said], [])
    collector.shutdown()


def check_end(checks, gateway, collector):
    """The gateway sends what waits at its end, unless the collector takes longer for that than the end waits. Gives what it wrote to stderr."""
    before = len(collector.roots())
    ask(gateway.port, tag("preroll"))
    began = time.monotonic()
    code, said = gateway.end()
    took = time.monotonic() - began
    checks.equal("the end", code, 0)
    answers = collector.answers().get(("preroll", "filled"))
    checks.check("the last request is sent at the end", took > FLUSH or (len(collector.roots()), answers) == (before + 1, 15), (took, answers))
    return said


def check_sampling(checks, vast, ads, folder):
    """All failures, the slowest share and what the caller keeps; a header of a stranger counts as absent."""
    for server, sampled in (('trusted_callers = ["127.0.0.1/32"]', 3), ("", 0)):
        collector = Collector()
        config = CONFIG.format(limits=harness.LIMITS, server=server, collector=collector.server_port, ads=ads.url(), telemetry="sample = 0.0\nslowest = 0.05")
        gateway = Gateway(vast, config, folder)
        for number in range(BASE):
            ask(gateway.port, "/v1/preroll/vast")
            if number % (BASE // 10) == 0:
                ask(gateway.port, "/v1/broken/vast")
        kept = lambda placement, since=0: sum(
            attributes(span)["vast.placement"] == placement and span.start_time_unix_nano >= since for span in collector.roots())
        # The limit of the slowest requests is computed every ten seconds. The requests that ask for it are too few to change it.
        for _ in range(BASE // 30):
            ask(gateway.port, "/v1/slow/vast")
            time.sleep(2)
            if kept("slow"):
                break
        checks.check("the slowest requests are known", kept("slow"), kept("slow"))
        since = time.time_ns()
        for _ in range(5):
            ask(gateway.port, "/v1/slow/vast")
        for number in range(3):
            ask(gateway.port, "/v1/broken/vast", {"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e%04x-00f067aa0ba902b7-00" % number})
            ask(gateway.port, "/v1/preroll/vast", {"traceparent": "00-aaaa2f3577b34da6a3ce929d0e0e%04x-00f067aa0ba902b7-01" % number})
        of_caller = lambda: sum(span.trace_id.hex().startswith("aaaa") for span in collector.roots())
        collector.wait(lambda: (kept("broken"), kept("slow", since), of_caller()) == (13, 5, sampled))
        gateway.end()
        checks.equal("failures that are kept", kept("broken"), 13)
        checks.equal("slow requests that are kept", kept("slow", since), 5)
        checks.equal("requests that are kept for the caller", of_caller(), sampled)
        checks.check("few others are kept", kept("preroll") <= sampled + BASE // 10, kept("preroll"))
        collector.shutdown()


def check_dead(checks, vast, ads, folder):
    """A collector that is not there, and one that never answers."""
    stalls = harness.Stalls()
    # The port of the first belongs to a socket that does not listen, so that no other program has it.
    with socket.create_server(("127.0.0.1", 0)) as silent, socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        for name, port in (("dead", closed.getsockname()[1]), ("silent", silent.getsockname()[1])):
            config = CONFIG.format(limits=harness.LIMITS, server="", collector=port, ads=ads.url(), telemetry="sample = 1.0")
            check_no_delay(checks, Gateway(vast, config, folder), name, stalls)


def check_no_delay(checks, gateway, name, stalls):
    answers, stalled = [], stalls.seconds
    for _ in range(40):
        answers += [ask(gateway.port, "/v1/preroll/vast") for _ in range(5)]
        time.sleep(0.1)
    checks.equal("answers with a %s collector" % name, {answer[:2] for answer in answers}, {(200, "filled")})
    # A request to the collector takes up to five seconds. One answer may wait for a busy machine, but not half of them.
    median, longest = (of([answer[2] for answer in answers]) for of in (statistics.median, max))
    checks.check("answers with a %s collector do not wait" % name, longest < 4 + stalls.seconds - stalled and median < 1, (longest, median))
    if name == "dead":
        dropped = lambda: value(gateway.ask_admin("/metrics")[1], 'vast_gateway_telemetry_total{signal="traces",end="dropped"}')
        deadline = time.monotonic() + PATIENCE
        while not dropped() and time.monotonic() < deadline:
            time.sleep(0.1)
        checks.check("dropped spans are counted", dropped(), dropped())
    began, stalled = time.monotonic(), stalls.seconds
    code, _ = gateway.end()
    took = time.monotonic() - began - (stalls.seconds - stalled)
    checks.check("the end with a %s collector" % name, code == 0 and took < 5, (code, took))


def main():
    options = harness.options_of(harness.parser(__doc__))
    checks, ads = harness.Tally(), AdServer()
    with tempfile.TemporaryDirectory() as folder:
        check_everything(checks, options.vast, ads, folder)
        check_sampling(checks, options.vast, ads, folder)
        check_dead(checks, options.vast, ads, folder)
    return checks.end()


if __name__ == "__main__":
    sys.exit(main())
