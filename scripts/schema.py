#!/usr/bin/env python3
"""Whether what `vast` writes for a version is what IAB's schema of that version has.

Every document in the folders is written in every version that has a published schema (`vast parse --format xml --to-version`)
and checked with xmllint. The schemas are looked for in the folder that VAST_SPEC names, or --schemas. What is known to be
wrong in the schemas, or missing in a document where nothing may be invented, is listed below with its reason and counted
apart; everything else is a failure. A run that checks nothing fails too.
"""

import collections
import os
import re
import subprocess
import sys
import tempfile

import harness

SCHEMAS = {
    "2.0": "vast_2.0.1.xsd",
    "3.0": "vast3_draft.xsd",
    "4.0": "vast4.xsd",
    "4.1": "vast_4.1.xsd",
    "4.2": "vast_4.2.xsd",
}

ALL = tuple(SCHEMAS)
FOUR = ("4.0", "4.1", "4.2")
ANY = r"."

# (versions, files, message of xmllint, why the message is accepted). First the cases where a schema differs from the text
# of its version.
KNOWN = [
    (ALL, ANY, r"'[^']*(\[[A-Z0-9_]+\]|\]\]>)[^']*' is not a valid value of the atomic type 'xs:anyURI'",
     "macros stand in brackets by every version's text, which the type of URLs does not have"),
    (("2.0", "3.0"), ANY, r"'Error': This element is not expected. Expected is (one of )?\( (Impression|Impression, .*) \)",
     "one URL of every level of a chain has to survive; readers call several"),
    (("3.0",), ANY, r"'Error': This element is not expected. Expected is \( Ad \)",
     "root errors are in the text of 3.0 (2.4.2.4)"),
    (("3.0",), ANY, r"'Wrapper', attribute '(followAdditionalWrappers|allowMultipleAds|fallbackOnNoAd)'",
     "the flags of wrappers are in the text of 3.0 (2.4.1.2)"),
    (("3.0",), ANY, r"'Creative', attribute 'apiFramework'", "in the text of 3.0"),
    (("3.0",), ANY, r"'(StaticResource|IFrameResource|HTMLResource)': This element is not expected",
     "several resources are in the text of 3.0"),
    (("3.0",), ANY, r"'CompanionClickTracking': This element is not expected", "in InLine by the text of 3.0 (2.2.5.2)"),
    (("4.0",), ANY, r"'NonLinear', attribute '\w+': The attribute '\w+' is not allowed",
     "the schema of 4.0 forgot the attributes of NonLinear"),
    (("4.0", "4.1"), ANY, r"'Icon': This element is not expected", "several icons are in the text; the schema of 4.2 has them"),
    (FOUR, ANY, r"'Advertiser', attribute 'id'", "in the text since 4.1"),
    (("4.2",), ANY, r"'Icon', attribute '(altText|hoverText)'", "in the text of 4.2"),
    (("4.2",), ANY, r"'StaticResource', attribute 'creativeType'", "in the text of 4.2 also for IconClickFallbackImage"),
    (("4.1", "4.2"), ANY, r"attribute 'event': \[facet 'enumeration'\] The value 'notUsed'", "in the text since 4.1"),
    (("4.1", "4.2"), ANY, r"'Companion', attribute 'renderingMode': \[facet", "other values are allowed by agreement (3.13.1)"),
    (FOUR, ANY, r"'CompanionClickTracking': The attribute 'id' is required", "optional in the text"),
    (("3.0",) + FOUR, ANY, r"'Icon', attribute 'regs'", "VAST CTV Addendum 2024, for every version"),
    (FOUR, ANY, r"'Extension', attribute '\w+': The attribute '\w+' is not allowed", "extensions are written as they came"),
    (ALL, ANY, r"Expected is \( Extension \)|'(Creative)?Extension': Character content other than whitespace",
     "extensions are written as they came"),
    # Required values that documents lack and that a conversion cannot invent. Fixtures lack values on purpose; the tests of
    # the conversion prove that no value is lost.
    (ALL, r"fixtures/xml/|IconClickFallbacks\.xml$|iab-4.0/(Inline_Non-Linear_Tag|SSAI_stitching.*)-test\.xml$",
     r"The attribute '\w+' is required but missing", "the document does not say it"),
    (ALL, r"fixtures/xml/",
     r"Missing child element|This element is not expected. Expected is (one of )?\(.*(Duration|VASTAdTagURI|MediaFile)",
     "the document does not have it"),
]


def written(vast, path, version, folder):
    """The document in this version; None for what is no VAST, playlists too."""
    command = [vast, "parse", "--format", "xml", "--to-version", version, path]
    done = subprocess.run(command, capture_output=True, timeout=120, stdin=subprocess.DEVNULL)
    if done.returncode == 4 or b"<vmap:VMAP" in done.stdout:
        return None
    if done.returncode != 0:
        raise SystemExit("%s: exit code %d: %s" % (path, done.returncode, done.stderr.decode("utf-8", "replace")))
    name = "%s-%s" % (version, re.sub(r"[^A-Za-z0-9.-]", "_", path)[-150:])
    target = os.path.join(folder, name)
    with open(target, "wb") as file:
        file.write(done.stdout)
    return target


def complaints(schema, paths):
    """What xmllint says about each document."""
    done = subprocess.run(
        ["xmllint", "--nonet", "--noout", "--schema", schema] + paths,
        capture_output=True,
        timeout=300,
        stdin=subprocess.DEVNULL,
    )
    said = done.stderr.decode("utf-8", "replace").splitlines()
    if any("failed to compile" in line for line in said):
        raise SystemExit("%s: %s" % (schema, "\n".join(said)))
    found = {path: [] for path in paths}
    judged = set()
    for line in said:
        path = next((path for path in paths if line.startswith(path)), None)
        if path is None:
            continue
        if line == path + " validates" or line == path + " fails to validate":
            judged.add(path)
        else:
            found[path].append(line[len(path) + 1 :].replace("{http://www.iab.com/VAST}", "").strip())
    missing = [path for path in paths if path not in judged]
    if missing:
        raise SystemExit("xmllint said nothing about %s:\n%s" % (missing, "\n".join(said[-5:])))
    return found


def known(version, path, complaint):
    """Which of the known faults it is."""
    fits = lambda entry: version in entry[0] and re.search(entry[1], path) and re.search(entry[2], complaint)
    return next((entry for entry in KNOWN if fits(entry)), None)


def check(vast, version, schema, sources, folder):
    """Failures, how many documents were checked and how many had no fault at all, and how often each known fault was met."""
    targets = {target: source for source in sources for target in [written(vast, source, version, folder)] if target}
    failures, faults, spotless = [], collections.Counter(), 0
    for target, said in sorted(complaints(schema, sorted(targets)).items() if targets else []):
        spotless += 0 if said else 1
        for complaint in said:
            fault = known(version, targets[target], complaint)
            if fault:
                faults[fault] += 1
            else:
                failures.append("%s to %s: line %s" % (targets[target], version, complaint))
    return failures, len(targets), spotless, faults


def main():
    parser = harness.parser_of_documents(__doc__)
    parser.add_argument("--schemas", default=os.environ.get("VAST_SPEC"), help="where the schemas are [default: $VAST_SPEC]")
    arguments = harness.options_of(parser)
    if not arguments.schemas or not os.path.isdir(arguments.schemas):
        print("name the folder of the schemas with --schemas or VAST_SPEC", file=sys.stderr)
        return 2
    failed = checked = spotless = 0
    faults = collections.Counter()
    with tempfile.TemporaryDirectory() as folder:
        for version, name in SCHEMAS.items():
            schema = os.path.join(arguments.schemas, name)
            failures, count, clean, met = check(arguments.vast, version, schema, arguments.sources, folder)
            for failure in failures:
                print("FAILED " + failure)
            failed += len(failures)
            checked += count
            spotless += clean
            faults += met
    for (versions, _, _, reason), count in sorted(faults.items(), key=lambda item: item[0][3]):
        print("known: %4d times in %s: %s" % (count, ", ".join(versions), reason))
    print("%d documents checked, %d without any fault, %d failures" % (checked, spotless, failed))
    return 2 if checked == 0 else min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
