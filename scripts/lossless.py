#!/usr/bin/env python3
"""Checks that nothing is lost: each document beside what `vast parse --format xml` writes of it.

Both are read with Python's XML reader, which nobody here wrote, and compared: every element in its order, its name as it is, its
attributes with names and values in their order, and the text around its children, blanks at the ends removed. What must differ is
little: blanks inside a URL where CDATA sections meet, and text that an element of URLs or a group has between its children,
which comes to stand before them. Left out are files that another XML reader refuses too, those with a document type
declaration, and those that are no VAST.
"""

import argparse
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree


def local(element):
    return element.tag.rsplit("}", 1)[-1].lower() if isinstance(element.tag, str) else ""


def squeezed(text):
    """Without blanks: where CDATA sections meet, those between them are layout."""
    return "".join((text or "").split())


def text(element):
    """The characters of the element itself, not those of its children."""
    return squeezed("".join([element.text or ""] + [child.tail or "" for child in element]))


def lines(element, path=""):
    """One line for each element, attribute and text."""
    path += "/" + element.tag
    yield path
    for name, value in element.attrib.items():
        yield "%s @%s=%r" % (path, name, value)
    if text(element):
        yield "%s %r" % (path, text(element))
    for child in element:
        yield from lines(child, path)


def documents(folder):
    for parent, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            if name.endswith(".xml"):
                yield os.path.join(parent, name)


def compare(vast, path):
    """The first difference; nothing if there is none, and None for a file that is no VAST document for another XML reader."""
    try:
        with open(path, "rb") as file:
            if b"<!DOCTYPE" in file.read():
                return None
        root = ElementTree.parse(path).getroot()
    except ElementTree.ParseError:
        return None
    if local(root) not in ("vast", "videoadservingtemplate"):
        return None
    done = subprocess.run([vast, "parse", "--format", "xml", path], capture_output=True, timeout=30, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        return "exit code %d: %s" % (done.returncode, done.stderr.decode("utf-8", "replace").strip())
    try:
        written = list(lines(ElementTree.fromstring(done.stdout)))
    except ElementTree.ParseError as error:
        return "what is written is not well formed: %s" % error
    wanted = list(lines(root))
    for one, other in zip(wanted, written):
        if one != other:
            return "%s\n  became %s" % (one, other)
    if len(wanted) != len(written):
        return "%d lines became %d" % (len(wanted), len(written))
    return ""


def program():
    root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "target")
    found = (os.path.join(root, profile, "vast") for profile in ("release", "debug"))
    return next((path for path in found if os.path.exists(path)), None)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", metavar="FOLDER", nargs="+", help="where the documents are")
    parser.add_argument("--vast", default=program(), help="the program [default: target/release/vast or target/debug/vast]")
    arguments = parser.parse_args()
    if not arguments.vast or not os.path.exists(arguments.vast):
        print("there is no `vast`: build it, or name it with --vast", file=sys.stderr)
        return 2
    passed = failed = 0
    for path in (path for folder in arguments.folders for path in documents(folder)):
        difference = compare(os.path.abspath(arguments.vast), path)
        if difference is None:
            continue
        if difference:
            print("FAILED %s: %s" % (path, difference))
            failed += 1
        else:
            passed += 1
    print("%d passed, %d failed" % (passed, failed))
    return 2 if passed + failed == 0 else min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
