"""The examples of README.md, with their addresses replaced by scripted servers, and the command."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

#: A folder without the package, so that its installed form is imported.
HERE = Path(__file__).resolve().parent
README = HERE.parent / "README.md"
REPLACED = {"ads.example": "ads", "east.example": "empty", "west.example": "missing", "house.example": "ads"}
EXAMPLES = re.findall(r"```python\n(.*?)```", README.read_text(), re.S)


@pytest.mark.parametrize("example", EXAMPLES)
def test_example_of_the_readme(urls, example):
    for host, server in REPLACED.items():
        example = example.replace(f"https://{host}/vast", urls[server])
    done = subprocess.run([sys.executable, "-c", example], capture_output=True, text=True, timeout=60, cwd=HERE)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("shoes https://cdn.test/shoes.mp4\n") and "had no ad" in done.stdout


def test_the_command_requests_an_ad(urls):
    command = [sys.executable, "-m", "vast_client", "request", urls["ads"], "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=HERE)
    assert done.returncode == 0, done.stderr
    assert '"success":true' in done.stdout.replace(" ", "")


def test_the_command_has_exit_codes(urls):
    command = [sys.executable, "-m", "vast_client", "request", urls["empty"]]
    assert subprocess.run(command, capture_output=True, timeout=60, cwd=HERE).returncode == 1


@pytest.mark.parametrize("arguments", [["serve", "https://ads.example/"], ["config", "check", "gateway.toml"]])
def test_the_command_has_no_gateway(tmp_path, arguments):
    (tmp_path / "gateway.toml").write_text("[placement.default]\nsources = ['https://ads.example/']\n")
    command = [sys.executable, "-m", "vast_client", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "is built without the gateway" in done.stderr and "cargo install vast-cli" in done.stderr
