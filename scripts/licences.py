#!/usr/bin/env python3
"""Writes the licence texts that a distribution of a compiled package must carry.

    scripts/licences.py MANIFEST [--features FEATURES] [--target TARGET] > THIRD-PARTY-LICENSES

MANIFEST is the Cargo.toml of the package. The file has the texts of every crate that is compiled into it (as in scripts/sbom.py), of the
standard library of Rust, and for a target with musl those of this C library. There is no list of crates: the texts are the files in the
packages. A crate without such a file has the text of another crate of the same repository with the same licence, or, if its licence may
be Apache-2.0, the text of that, because it names no author. Any other crate without a text is an error.
"""

import argparse
import html
import json
import os
import re
import subprocess
import sys

from sbom import compiled

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
TARGET = "x86_64-unknown-linux-gnu"
TEXT = re.compile(r"(un)?licen[cs]e|copying|copyright|notice", re.IGNORECASE)
# Sources and data whose names happen to begin with the same words.
OTHER = (".rs", ".py", ".toml", ".json", ".html", ".c", ".h", ".hbs", ".sh")


def metadata(manifest, features, target):
    command = ["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", target, "--manifest-path", manifest]
    command += ["--features", features] if features else []
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def texts(folder):
    """The licence files of a package, also those of code that it contains from elsewhere."""
    found = []
    for place, folders, names in os.walk(folder):
        folders.sort()
        inside = TEXT.match(os.path.basename(place)) and place != folder
        for name in sorted(names):
            if (TEXT.match(name) or inside) and not name.lower().endswith(OTHER):
                with open(os.path.join(place, name), encoding="utf-8", errors="replace") as file:
                    found.append(file.read().strip("\n\r ").replace("\r\n", "\n"))
    return [text for text in found if text]


def is_apache(package):
    """Whether Apache-2.0 alone is enough: each part of the expression that must be fulfilled offers it."""
    expression = (package["license"] or "").replace("/", " OR ").replace("(", "").replace(")", "")
    return all("Apache-2.0" in part.split(" OR ") for part in expression.split(" AND "))


def same_project(package, other):
    repository = (package["repository"] or "").removesuffix(".git")
    return bool(repository) and repository == (other["repository"] or "").removesuffix(".git") and package["license"] == other["license"]


def texts_of_all(packages):
    """The texts of each package, and the packages that have none."""
    own = {package["id"]: texts(os.path.dirname(package["manifest_path"])) for package in packages}
    missing = []
    with open(os.path.join(ROOT, "LICENSE-APACHE"), encoding="utf-8") as file:
        apache = file.read().strip()
    for package in packages:
        if own[package["id"]]:
            continue
        siblings = (own[other["id"]] for other in packages if same_project(package, other) and own[other["id"]])
        own[package["id"]] = next(siblings, [apache] if is_apache(package) else [])
        if not own[package["id"]]:
            missing.append(package)
    return own, missing


def standard_library():
    """The notices of the standard library, which come with the compiler."""
    root = subprocess.run(["rustc", "--print", "sysroot"], check=True, capture_output=True, text=True, cwd=ROOT).stdout.strip()
    notices = os.path.join(root, "share/doc/rust/COPYRIGHT-library.html")
    if not os.path.exists(notices):
        raise SystemExit(f"no licence text: the standard library, whose notices should be {notices}")
    with open(notices, encoding="utf-8") as file:
        page = file.read()
    seen = set()

    def once(match):
        text = match.group(0)
        if text in seen:
            return "\n(The text is the same as one above.)\n"
        seen.add(text)
        return text

    page = re.sub(r"<pre>.*?</pre>", once, page, flags=re.DOTALL)
    page = re.sub(r"<(title|style)>.*?</\1>", "", page, flags=re.DOTALL)
    lines = [line.rstrip() for line in html.unescape(re.sub(r"<[^>]+>", "", page)).splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def sections(packages, own):
    """Each text once, with the packages that have it, in the order of the first name."""
    grouped = {}
    for package in packages:
        for text in own[package["id"]]:
            names = grouped.setdefault(" ".join(text.split()), (text, []))[1]
            name = f"{package['name']} {package['version']} ({package['license']})"
            if name not in names:
                names.append(name)
    return sorted(grouped.values(), key=lambda section: section[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("manifest")
    parser.add_argument("--features", default="")
    parser.add_argument("--target", default=TARGET)
    arguments = parser.parse_args()
    data = metadata(arguments.manifest, arguments.features, arguments.target)
    needs = compiled(data, data["resolve"]["root"])
    packages = [package for package in data["packages"] if package["id"] in needs and package["source"]]
    packages.sort(key=lambda package: (package["name"], package["version"]))
    own, missing = texts_of_all(packages)
    for package in missing:
        print(f"no licence text: {package['name']} {package['version']} ({package['license']}), {package['repository']}", file=sys.stderr)
    if missing:
        raise SystemExit(1)
    line = "=" * 100
    out = [f"This program contains {len(packages)} crates and the standard library of Rust. Their licences, each text once:"]
    out += [f"{line}\n" + "\n".join(names) + f"\n{line}\n\n{text}" for text, names in sections(packages, own)]
    out.append(f"{line}\nThe standard library of Rust\n{line}\n\n{standard_library()}")
    if arguments.target.endswith("-musl"):
        with open(os.path.join(ROOT, "packaging/licences/musl.txt"), encoding="utf-8") as file:
            out.append(f"{line}\nThe C library musl\n{line}\n\n{file.read().strip()}")
    print("\n\n".join(out))


if __name__ == "__main__":
    main()
