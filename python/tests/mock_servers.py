"""Scripted ad servers for the tests: the program `vast mock` on loopback."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class MockServers:
    """The servers of a scenario. `urls` has the URL of each by name, `requests` the lines that the program prints for requests."""

    def __init__(self, scenario: str) -> None:
        self.folder = tempfile.TemporaryDirectory()
        os.symlink(ROOT / "scenarios" / "ads", Path(self.folder.name) / "ads")
        path = Path(self.folder.name) / "scenario.toml"
        path.write_text(scenario)
        vast = os.environ.get("VAST", str(ROOT / "target" / "debug" / "vast"))
        pipe = subprocess.PIPE
        self.process = subprocess.Popen([vast, "mock", str(path)], stdout=pipe, stderr=pipe, text=True)
        self.urls: dict[str, str] = {}
        self.requests: list[str] = []
        for _ in range(len(re.findall(r"^\[\[server\]\]", scenario, re.M))):
            line = self.process.stdout.readline()
            found = re.search(r"(\S+)\s+(http://\S+)", line)
            if found is None:
                raise RuntimeError(f"vast mock printed {line!r}: {self.process.stderr.read()}")
            self.urls[found[1].rstrip(":")] = found[2]
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        for line in self.process.stderr:
            self.requests.append(line.rstrip())

    def count(self, server: str, path: str) -> int:
        """The number of requests to this path of this server so far."""
        return sum(f"{server}#" in line and f"GET {path}" in line for line in list(self.requests))

    def wait_for(self, server: str, path: str, number: int) -> bool:
        """Whether there are so many requests, at the latest after a minute: the program prints a request when it has ended."""
        until = time.monotonic() + 60
        while self.count(server, path) < number and time.monotonic() < until:
            time.sleep(0.01)
        return self.count(server, path) == number

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()
        self.reader.join()
        self.folder.cleanup()
