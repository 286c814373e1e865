#!/usr/bin/env python3
"""Writes the software bill of materials of a package as CycloneDX 1.5 (JSON).

    scripts/sbom.py MANIFEST [FEATURES] > sbom.json

MANIFEST is the Cargo.toml of a package. The components are the packages that are compiled into it with its default features and FEATURES (with commas between), as
`cargo metadata` resolves them with Cargo.lock, without dependencies of tests and of other systems. The output depends only on the sources: its date is SOURCE_DATE_EPOCH, if that is set.
"""

import datetime
import json
import os
import subprocess
import sys
import tomllib
import uuid

TARGET = "x86_64-unknown-linux-gnu"


def metadata(manifest, features):
    command = ["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", TARGET, "--manifest-path", manifest]
    command += ["--features", features] if features else []
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def checksums(workspace):
    with open(os.path.join(workspace, "Cargo.lock"), "rb") as file:
        packages = tomllib.load(file)["package"]
    return {(one["name"], one["version"]): one["checksum"] for one in packages if "checksum" in one}


def compiled(data, root):
    """The packages that `root` needs, each with the packages that it needs itself."""
    nodes = {node["id"]: node for node in data["resolve"]["nodes"]}
    found, open_ids = {}, [root]
    while open_ids:
        identity = open_ids.pop()
        if identity in found:
            continue
        needed = [
            dependency["pkg"]
            for dependency in nodes[identity]["deps"]
            if any(kind["kind"] in (None, "build") for kind in dependency["dep_kinds"])
        ]
        found[identity] = sorted(set(needed))
        open_ids += needed
    return found


def component(package, checksum, kind="library"):
    reference = f"pkg:cargo/{package['name']}@{package['version']}"
    made = {"type": kind, "bom-ref": reference, "name": package["name"], "version": package["version"], "purl": reference}
    if package.get("description"):
        made["description"] = " ".join(package["description"].split())
    if checksum:
        made["hashes"] = [{"alg": "SHA-256", "content": checksum}]
    if package.get("license"):
        made["licenses"] = [{"expression": package["license"].replace("/", " OR ")}]
    if package.get("repository"):
        made["externalReferences"] = [{"type": "vcs", "url": package["repository"]}]
    return made


def main():
    if len(sys.argv) not in (2, 3):
        raise SystemExit(__doc__)
    data = metadata(sys.argv[1], "".join(sys.argv[2:]))
    sums, root = checksums(data["workspace_root"]), data["resolve"]["root"]
    packages = {package["id"]: package for package in data["packages"]}
    needs = compiled(data, root)
    made = {identity: component(packages[identity], sums.get((packages[identity]["name"], packages[identity]["version"]))) for identity in needs}
    subject = component(packages[root], None, "application")
    date = datetime.datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", "0")), datetime.timezone.utc)
    names = sorted((one["purl"] for one in made.values()))
    print(json.dumps({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, ' '.join(names))}",
        "version": 1,
        "metadata": {"timestamp": date.strftime("%Y-%m-%dT%H:%M:%SZ"), "component": subject},
        "components": sorted((one for identity, one in made.items() if identity != root), key=lambda one: one["purl"]),
        "dependencies": sorted(
            ({"ref": made[identity]["purl"], "dependsOn": sorted(made[one]["purl"] for one in needed)} for identity, needed in needs.items()),
            key=lambda one: one["ref"],
        ),
    }, indent=1, sort_keys=True))


if __name__ == "__main__":
    main()
