"""The parts that the checks in this folder share: the arguments, the place of the program, the documents, the count of the checks,
the servers and the packages of Node."""

import argparse
import os
import shutil
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
NODE = os.path.join(ROOT, "bench-peers", "node")
# A configuration with time limits that a busy machine does not reach, and its text.
PATIENT = os.path.join(ROOT, "scripts", "patient.toml")
with open(PATIENT) as patient:
    LIMITS = patient.read()


def parser(text):
    """The arguments of a check. `text` describes it; its first line is shown. Each check has --vast."""
    arguments = argparse.ArgumentParser(description=text.splitlines()[0])
    built = (os.path.join(ROOT, "target", profile, "vast") for profile in ("release", "debug"))
    default = next((path for path in built if os.path.exists(path)), None)
    arguments.add_argument("--vast", default=default, help="the program [default: target/release/vast or target/debug/vast]")
    return arguments


def parser_of_documents(text):
    """As `parser`, with the folders of the documents that are checked."""
    arguments = parser(text)
    arguments.add_argument("folders", metavar="FOLDER", nargs="+", help="where the documents are")
    return arguments


def options_of(arguments):
    """Reads the command line. Ends with 2 when the program is not there. `sources` are the documents of the folders."""
    options = arguments.parse_args()
    if not options.vast or not os.path.exists(options.vast):
        print("there is no `vast`: build it, or name it with --vast", file=sys.stderr)
        sys.exit(2)
    options.vast = os.path.abspath(options.vast)
    options.sources = [path for folder in getattr(options, "folders", []) for path in documents(folder)]
    return options


def documents(folder):
    """The XML files in a folder and its subfolders, sorted."""
    for parent, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            if name.endswith(".xml"):
                yield os.path.join(parent, name)


class Tally:
    """Counts the checks that hold, and prints the others."""

    def __init__(self):
        self.passed = self.failed = 0

    def check(self, what, holds, seen=""):
        if holds:
            self.passed += 1
        else:
            self.failed += 1
            print("FAILED %s: %s" % (what, seen))

    def equal(self, what, seen, expected):
        self.check(what, seen == expected, "%r, expected %r" % (seen, expected))

    def end(self):
        """Prints the counts. Gives the exit code: 1 when a check failed, 2 when nothing was checked."""
        print("%d passed, %d failed" % (self.passed, self.failed))
        return 2 if self.passed + self.failed == 0 else min(self.failed, 1)


TICK = 0.01


class Stalls:
    """Measures for how long this machine stood still or was too busy for us: the sum of the times by which a thread that sleeps for a
    tick woke up late. What a check expects of a time is later by as much."""

    def __init__(self):
        self.seconds = 0.0
        in_background(self.measure)

    def measure(self):
        while True:
            began = time.monotonic()
            time.sleep(TICK)
            late = time.monotonic() - began - TICK
            if late > 2 * TICK:
                self.seconds += late


def in_background(task):
    threading.Thread(target=task, daemon=True).start()


def serve(server):
    """Runs a server of `http.server` in the background."""
    in_background(server.serve_forever)


class LoopbackServer(ThreadingHTTPServer):
    """A server on a free port that answers at once, in the background, with a class of `RequestHandler`."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, handler):
        super().__init__(("127.0.0.1", 0), handler)
        self.lock = threading.Lock()
        serve(self)

    def end(self):
        """Takes no more connections. Waits until the thread of the server has ended."""
        self.shutdown()
        self.server_close()

    def handle_error(self, request, client_address):
        pass  # The client has closed the connection.

    @property
    def url(self):
        return "http://127.0.0.1:%d" % self.server_address[1]


class RequestHandler(BaseHTTPRequestHandler):
    """Answers requests on kept connections, without delay and without a log."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *arguments):
        pass

    def answer(self, status, body, headers=()):
        """Sends a response. The client may have closed the connection before, because another source won."""
        try:
            self.send_response(status)
            for name, value in (*headers, ("Content-Length", str(len(body)))):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            pass


def node_is_ready():
    """Whether scripts for Node can use the packages of bench-peers/node, which are not part of the repository. Prints `skipped: NAME`
    otherwise."""
    for tool in ("node", "npm"):
        if not shutil.which(tool):
            print("skipped: " + tool)
            return False
    quiet = {"cwd": NODE, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    if any(subprocess.run(["npm", task], **quiet).returncode == 0 for task in ("ls", "ci")):
        return True
    print("skipped: npm")
    return False
