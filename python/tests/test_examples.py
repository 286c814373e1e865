"""The examples of README.md and of the quick start, with their addresses replaced by scripted servers, and the command."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

#: A folder without the package, so that its installed form is imported.
HERE = Path(__file__).resolve().parent
PAGES = [HERE.parent / "README.md", HERE.parent.parent / "docs" / "quick-start" / "python.md"]
REPLACED = {"ads.example": "ads", "east.example": "empty", "west.example": "missing", "house.example": "ads"}
EXAMPLES = [example for page in PAGES for example in re.findall(r"```python\n(.*?)```", page.read_text(), re.S)]


#: The usage patterns of the described system's document, word for word, each followed by what it must have found.
PATTERNS = [
    (
        """
# Traditional single-source - backward compatible
client = VastClient("https://ads.example.com/vast")
ad_data = await client.request_ad()
""",
        "ad_data['ad_title']",
        "shoes",
    ),
    (
        """
# Convenience method with automatic fallback
ad_data = await client.request_ad_with_fallback(
    primary="https://ads1.example.com/vast",
    fallbacks=["https://ads2.example.com/vast"]
)
""",
        "ad_data['ad_title']",
        "shoes",
    ),
    (
        """
# Direct orchestrator usage for advanced control
config = VastFetchConfig(
    sources=[
        "https://ads1.example.com/vast",
        "https://ads2.example.com/vast",
        "https://ads3.example.com/vast"
    ],
    strategy=FetchStrategy(mode=FetchMode.PARALLEL),
)
result = await client.multi_source.execute_pipeline(config)
""",
        "result.success, len(result.errors), result.parsed_data['ad_title']",
        "True 1 shoes",
    ),
    (
        """
# Multi-source with quality filtering
filter = VastParseFilter(
    media_types=[MediaType.VIDEO],
    min_duration=15,
    max_duration=30
)
config = VastFetchConfig(
    sources=["https://ads1.com/vast", "https://ads2.com/vast"],
    parse_filter=filter
)
result = await client.multi_source.execute_pipeline(config)
""",
        "result.success, len(result.errors), result.parsed_data['duration']",
        "True 1 15",
    ),
]
REPLACED_IN_PATTERNS = {
    "ads.example.com": "ads",
    "ads1.example.com": "missing",
    "ads2.example.com": "ads",
    "ads3.example.com": "slow",
    "ads1.com": "empty",
    "ads2.com": "ads",
}
NAMES = "FetchMode, FetchStrategy, MediaType, VastClient, VastFetchConfig, VastParseFilter"
#: The interpreter of a virtual environment that has nothing but the package, where there is one.
PYTHON = os.environ.get("VAST_CLEAN_PYTHON", sys.executable)


def output_of(program, replaced, urls):
    for host, server in replaced.items():
        program = program.replace(f"https://{host}/vast", urls[server])
    done = subprocess.run([PYTHON, "-c", program], capture_output=True, text=True, timeout=60, cwd=HERE)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("example", EXAMPLES)
def test_example_of_the_pages(urls, example):
    output = output_of(example, REPLACED, urls)
    assert output.startswith("shoes https://cdn.test/shoes.mp4\n") and "had no ad" in output


def test_usage_patterns(urls):
    body = "".join(f"{pattern}print({found})\n" for pattern, found, _ in PATTERNS)
    program = f"import asyncio\nfrom vast_client import {NAMES}\nasync def main():\n{textwrap.indent(body, '    ')}\nasyncio.run(main())"
    assert output_of(program, REPLACED_IN_PATTERNS, urls).splitlines() == [expected for _, _, expected in PATTERNS]


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
