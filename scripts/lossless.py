#!/usr/bin/env python3
"""Checks that nothing is lost, with Python's XML reader, which is independent of ours.

    scripts/lossless.py [--vast PATH] FOLDER...

For each document in the folders two proofs:

(a) By meaning: `vast parse --format xml --canonical` writes what was read in canonical form. The document and what is written are
    compared as trees: every element in its element, with its attributes and its text; elements of one name in their order.
    Canonical form may differ in this only: the order of elements of different names, of attributes and of kinds of
    resources; ads and trackers that cannot be used, which come last; names of the standard in any case; values of the standard in its spelling
    (`1` is `true`, `00:00:05` and `5` are `00:00:05.000`); blanks inside a URL where CDATA sections meet; elements and
    attributes with nothing in them; text beside the elements of the standard, which has no meaning; the place that 3.0 has for
    the extensions of a creative. VAST 1.0 is written with the elements of 2.0, so that of it the texts and the values of
    attributes are compared, not the places.
(b) By bytes: `vast parse --format xml` prints the document itself. Only the byte order mark and the name of the encoding may
    differ. Then a tracker is put into every ad (`--inject-impression`); without it the bytes are the same again.

Left out are files that another XML reader refuses too, those with a document type declaration, and those that are no VAST; (b) takes
every file that `vast parse` takes. Needs Python 3.8 and its standard library. Prints a line per failure and at last
`N passed, M failed`, counting proofs; exits with 1 when one failed, with 2 when there is nothing to prove.
"""

import collections
import html
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import harness

# A tracker that no document contains, and its forms in a document: with the white space before it, escaped or not.
OWN = "https://lossless.example/own"
IMPRESSION = re.compile(
    rb"\s*(?:<|&(?:amp;)?lt;)(?:\w+:)?Impression(?:>|&(?:amp;)?gt;)"
    rb"(?:(?!Impression).)*?" + re.escape(OWN.encode()) + rb"(?:(?!Impression).)*?"
    rb"(?:<|&(?:amp;)?lt;)/(?:\w+:)?Impression(?:>|&(?:amp;)?gt;)",
    re.DOTALL,
)
TIME = re.compile(r"^(?:(?:(\d+):)?(\d+):)?(\d+)(?:[.,](\d{1,3}))?$")
PERCENT = re.compile(r"^\d+(\.\d+)?%$")
NUMBER = re.compile(r"^(\d+)(\.0+|px)?$", re.ASCII)
TIMES = ("skipoffset", "offset", "duration", "minsuggestedduration")
RATES = ("bitrate", "minbitrate", "maxbitrate")
# A rate above this is in bit/s, not in kbit/s.
HIGHEST_RATE = 100_000
WORDS = {"1": "true", "0": "false"}
# Elements that have no text of their own.
GROUPS = set(
    "vast ad inline wrapper creatives creative linear trackingevents videoclicks mediafiles companionads companion nonlinearads nonlinear "
    "icons icon iconclicks extensions creativeextensions adverifications verification viewableimpression".split()
)
# Elements that have only text.
TEXTS = ("htmlresource",)
# Values that mean the same as an absent value.
DEFAULTS = {("renderingmode", "default"), ("sequence", "0")}
ALIASES = {"vastadtagurl": "vastadtaguri"}


def local(element):
    return element.tag.rsplit("}", 1)[-1].lower() if isinstance(element.tag, str) else ""


def squeezed(text):
    """Without blanks: where CDATA sections meet, those between them are layout."""
    return "".join((text or "").split())


def text(element):
    """The characters of the element itself, not those of its children."""
    return squeezed("".join([element.text or ""] + [child.tail or "" for child in element]))


def spelled(name, value):
    """A value in one spelling: words in small letters, times with milliseconds, truth as a word."""
    value = value.strip().lower()
    time = TIME.match(value)
    if time and (name in TIMES or ":" in value):
        hours, minutes, seconds, milliseconds = time.groups(default="0")
        total = (int(hours) * 60 + int(minutes)) * 60 + int(seconds)
        return "%02d:%02d:%02d.%s" % (total // 3600, total // 60 % 60, total % 60, milliseconds.ljust(3, "0"))
    if name in RATES and value.isdigit():
        # An absent value means the same as 0.
        return str(int(value) // 1000 if int(value) > HIGHEST_RATE else int(value)).replace("0", "", int(value) == 0)
    if name == "blockedadcategories":
        return ",".join(one for one in value.split(",") if one)
    if (name, value) in DEFAULTS:
        return ""
    number = NUMBER.match(value)
    value = str(int(number.group(1))) if number else value
    return WORDS.get(value, value)


def is_unusable(name, attributes, element):
    """Whether it is written among the unknown parts, which come last: an ad without content, a progress without a time."""
    if name == "ad":
        return not any(local(child) in ("inline", "wrapper") for child in element)
    offset = attributes.get("offset", "")
    return name == "tracking" and attributes.get("event") == "progress" and not (TIME.match(offset) or PERCENT.match(offset))


class Part:
    """An element as it is compared."""

    def __init__(self, element):
        self.name = ALIASES.get(local(element), local(element))
        names = ((name.rsplit("}", 1)[-1].lower(), value) for name, value in element.attrib.items())
        values = ((name, spelled(name, value)) for name, value in names)
        self.attributes = sorted((name, value) for name, value in values if value)
        self.text = "" if self.name in GROUPS else spelled(self.name, text(element))
        self.is_unusable = is_unusable(self.name, dict(self.attributes), element)
        if self.name in TEXTS and len(element):
            # Markup that should have been escaped.
            inside = (element.text or "") + "".join(ElementTree.tostring(child, encoding="unicode") for child in element)
            self.text, element = spelled(self.name, squeezed(inside)), []
        parts = [part for part in map(Part, element) if part.has_content()]
        if [part.name for part in parts] == ["url"] and not self.text:
            # The list of URLs that VAST 1.0 has in an element.
            self.text, parts = parts[0].text, []
        if self.name == "creative":
            parts += [extensions for part in parts for extensions in part.lifted()]
        # Sorting keeps the order of those with one name.
        self.children = sorted((part for part in parts if part.has_content()), key=Part.rank)

    def rank(self):
        return (self.name, self.is_unusable)

    def lifted(self):
        """Takes the extensions out that stand in a linear ad."""
        found = [child for child in self.children if self.name == "linear" and child.name == "creativeextensions"]
        self.children = [child for child in self.children if child not in found]
        return found

    def has_content(self):
        return bool(self.text or self.attributes or self.children)

    def lines(self, path=""):
        """One line for each element, attribute and text."""
        path += "/" + self.name
        yield path
        for name, value in self.attributes:
            yield "%s @%s=%r" % (path, name, value)
        if self.text:
            yield "%s %r" % (path, self.text)
        for child in self.children:
            yield from child.lines(path)

    def facts(self):
        """Texts and values without their places. Kinds of resources are elements since 2.0."""
        yield from (value for name, value in self.attributes if name != "resourcetype")
        if self.text:
            yield self.text
        for child in self.children:
            yield from child.facts()


def run(vast, path, *arguments):
    command = [vast, "parse", "--format", "xml", *arguments, path]
    return subprocess.run(command, capture_output=True, timeout=120, stdin=subprocess.DEVNULL)


def root_of(path):
    """The root of a document that another XML reader reads; None for other files."""
    try:
        with open(path, "rb") as file:
            if b"<!DOCTYPE" in file.read():
                return None
        return ElementTree.parse(path).getroot()
    except ElementTree.ParseError:
        return None


def by_meaning(vast, path):
    """The first difference; nothing if there is none, and None for a file that is no VAST document for another XML reader."""
    root = root_of(path)
    if root is None or local(root) not in ("vast", "videoadservingtemplate"):
        return None
    done = run(vast, path, "--canonical")
    if done.returncode != 0:
        return "exit code %d: %s" % (done.returncode, done.stderr.decode("utf-8", "replace").strip())
    try:
        written = Part(ElementTree.fromstring(done.stdout))
    except ElementTree.ParseError as error:
        return "what is written is not well formed: %s" % error
    if local(root) == "videoadservingtemplate":
        lost = collections.Counter(Part(root).facts()) - collections.Counter(written.facts())
        return "lost: %s" % sorted(lost) if lost else ""
    wanted, given = list(Part(root).lines()), list(written.lines())
    for one, other in zip(wanted, given):
        if one != other:
            return "%s\n  became %s" % (one, other)
    return "" if len(wanted) == len(given) else "%d lines became %d" % (len(wanted), len(given))


def expected(content):
    """A document as UTF-8 without its byte order mark and the name of its encoding; None if its encoding is not UTF-8."""
    content = content[3:] if content.startswith(b"\xef\xbb\xbf") else content
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return re.sub(rb"^(\s*<\?xml[^>]*?encoding\s*=\s*.)[A-Za-z0-9._-]+", rb"\1", content)


def by_bytes(vast, path):
    """The same for the bytes of a document."""
    done = run(vast, path)
    with open(path, "rb") as file:
        wanted = expected(file.read())
    if wanted is not None and wanted.lstrip().startswith(b"&lt;"):
        wanted = html.unescape(wanted.decode("utf-8")).encode("utf-8")  # A document that is escaped as a whole.
        wanted = expected(wanted)
    if done.returncode == 4 or wanted is None:
        return None
    if done.returncode != 0:
        return "exit code %d: %s" % (done.returncode, done.stderr.decode("utf-8", "replace").strip())
    if expected(done.stdout) != wanted:
        return "the bytes are not those of the document"
    injected = run(vast, path, "--inject-impression", OWN)
    if OWN.encode() in wanted or injected.returncode != 0:
        return "no tracker can be put in"
    return opened(wanted, expected(IMPRESSION.sub(b"", injected.stdout)))


def opened(wanted, given):
    """An element without content that was given the tracker has an end tag then; everything else is the same."""
    if wanted == given:
        return ""
    closed = re.compile(rb"<((?:\w+:)?(?:InLine|Wrapper))([^<>]*)>\s*</\1>", re.IGNORECASE)
    same = closed.sub(rb"<\1\2/>", wanted) == closed.sub(rb"<\1\2/>", given)
    return "" if same else "more than the tracker was changed"


def main():
    options = harness.options_of(harness.parser_of_documents(__doc__))
    tally = harness.Tally()
    for path in options.sources:
        for kind, proof in (("by meaning", by_meaning), ("by bytes", by_bytes)):
            difference = proof(options.vast, path)
            if difference is not None:
                tally.check("%s (%s)" % (path, kind), not difference, difference)
    return tally.end()


if __name__ == "__main__":
    sys.exit(main())
