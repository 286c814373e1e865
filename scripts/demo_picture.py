#!/usr/bin/env python3
"""Draws a part of the output of `vast demo` as docs/demo.svg, for the README.

    scripts/demo_picture.py --vast target/release/vast [--scenes 1 3] [--output docs/demo.svg]

The text and its colours are those that the program prints on a terminal; the times of the servers are shortened to names.
"""

import argparse
import os
import re
import subprocess
from html import escape

COLUMNS = 100
CHARACTER = 7.8
LINE = 17
# The colours of a light terminal by the code of the escape sequence.
COLOURS = {"31": "#cf222e", "32": "#1a7f37", "33": "#9a6700", "34": "#0969da", "35": "#8250df", "36": "#1b7c83", "90": "#57606a"}


def output_of(vast):
    environment = dict(os.environ, FORCE_COLOR="1", COLUMNS=str(COLUMNS))
    return subprocess.run([vast, "demo"], env=environment, capture_output=True, text=True, check=True).stdout


def scenes(text, numbers):
    """The lines of the chosen scenes, from the heading to the sentence that explains the result."""
    lines = []
    chosen = False
    for line in text.splitlines():
        plain = re.sub(r"\x1b\[[0-9;]*m", "", line)
        heading = re.match(r"── (\d+)\.", plain)
        if heading:
            chosen = int(heading[1]) in numbers
        # The command line is longer than the picture is wide: ports differ in each run, so the names are enough.
        if chosen and not re.match(r"\s+(from|click|trackers|ad|plays|https?:)\b", plain):
            line = re.sub(r"(\w+)=http://127\.0\.0\.1:\d+/vast", r"\1", line)
            lines.append(line)
    return lines


def spans(line):
    """The pieces of a line with their style."""
    style, pieces = {}, []
    for part in re.split(r"(\x1b\[[0-9;]*m)", line):
        if not part.startswith("\x1b["):
            if part:
                pieces.append((part, dict(style)))
            continue
        for code in part[2:-1].split(";"):
            if code in ("", "0"):
                style = {}
            elif code == "1":
                style["font-weight"] = "bold"
            elif code == "2":
                style["fill"] = "#57606a"
            elif code in COLOURS:
                style["fill"] = COLOURS[code]
    return pieces


def drawing(lines):
    width, height = COLUMNS * CHARACTER + 32, len(lines) * LINE + 28
    svg = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" width="{width:.0f}" height="{height}" role="img" '
        'font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="13" fill="#1f2328">',
        "<title>A part of the output of vast demo</title>",
        f'<rect width="{width:.0f}" height="{height}" rx="8" fill="#f6f8fa"/>',
    ]
    for number, line in enumerate(lines):
        column, y = 0, 14 + (number + 1) * LINE - 4
        for text, style in spans(line):
            attributes = "".join(f' {name}="{value}"' for name, value in style.items())
            # Each piece has its column, because fonts differ in the width of the characters of the bars.
            svg.append(
                f'<text x="{16 + column * CHARACTER:.1f}" y="{y}" textLength="{len(text) * CHARACTER:.1f}" '
                f'xml:space="preserve"{attributes}>{escape(text)}</text>'
            )
            column += len(text)
    return "\n".join(svg + ["</svg>", ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vast", required=True)
    parser.add_argument("--scenes", nargs="+", type=int, default=[1, 3])
    parser.add_argument("--output", default="docs/demo.svg")
    arguments = parser.parse_args()
    lines = scenes(output_of(arguments.vast), arguments.scenes)
    if not lines:
        raise SystemExit("the demo has no such scene")
    with open(arguments.output, "w", encoding="utf-8") as file:
        file.write(drawing(lines))


if __name__ == "__main__":
    main()
