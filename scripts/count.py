#!/usr/bin/env python3
"""Counts what VAST documents hold, by the standard and with another XML reader, and compares it with what `vast parse` says.

    scripts/count.py [--vast PATH] FOLDER...

Each document is read as it is and in the forms that ad servers send by mistake: as a JSON string, inside JSON, with its quotes
escaped as in JSON, with typographic quotes, and behind a document type declaration that declares nothing. The numbers have
to be the same.

Needs Python 3.8 and its standard library. Prints a line per document and form that differs, and at last `N passed, M failed`, counting documents in each
form; exits with 1 when one failed, with 2 when there is nothing to compare.

What is counted, with the place in VAST 4.3 unless said otherwise:

- ads with an InLine or a Wrapper (3.3), impressions (3.4.4), errors (3.2.1, 3.4.11), media files (3.9.1);
- trackers by event (3.14), clicks (3.10) and icons (3.11) of creatives, companions (3.13), non-linear ads (3.12);
- verifications (3.16): those of AdVerifications and those of the extension of that type, where versions before 4.1 keep them;
  equal ones once;
- extensions of ads (3.18), extensions of creatives (3.7.2) also where 3.0 has them, in Linear and NonLinear; any element there is
  one (VAST 3.0, 2.2.4.2).

Of playlists (VMAP 1.0.1) the breaks (2.3.1), where their ads come from (2.3.2), their trackers (2.3.3), and what their VAST holds.
A break's first source counts, and the first thing in it. Playlists with VAST as text are left out: another reader sees no VAST there.

A URL element without a URL counts as absent. In VAST 1.0 URLs stand in lists of URL elements, each one counting; creatives are
parts of the InLine or Wrapper itself; the impressions of companions and non-linear ads are trackers of the event `creativeView`.
A `progress` tracker without an offset can never be called (3.14.1) and does not count. Left out are files that another XML reader
refuses too, and those with a document type declaration, which is a way to attack readers.
"""

import collections
import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import harness

# White space, numbers and times are valid offsets.
OFFSET = re.compile(r"^\s*(\d+(\.\d+)?%?|(\d+:)?\d+:\d+([.,]\d+)?)\s*$")


def local(element):
    """The name without its namespace, in small letters: names of any case are read."""
    return element.tag.rsplit("}", 1)[-1].lower() if isinstance(element.tag, str) else ""


def attribute(element, name):
    found = (value for key, value in element.attrib.items() if key.lower() == name)
    return next(found, None)


def children(element, *names):
    return [child for child in element if local(child) in names]


def at(element, *path):
    """The elements at a path of names, of which `*` is any."""
    found = [element]
    for name in path:
        found = [child for parent in found for child in parent if local(child) and name in ("*", local(child))]
    return found


def text(element):
    """The characters of the element itself, not those of its children."""
    pieces = [element.text or ""] + [child.tail or "" for child in element]
    return "".join(pieces).strip()


def urls(elements):
    """How many URLs these elements hold: each has one, or in VAST 1.0 a list of them."""
    count = 0
    for element in elements:
        nested = urls(children(element, "url"))
        count += nested + (1 if text(element) else 0)
    return count


def has_url(element):
    """Whether a file or resource says where it is."""
    return urls([element]) > 0


class Counter(collections.Counter):
    """Numbers by name, those of events among them."""

    def trackers(self, containers):
        for tracking in (child for parent in containers for child in children(parent, "tracking")):
            event = (attribute(tracking, "event") or "").strip()
            if event.lower() == "progress" and not OFFSET.match(attribute(tracking, "offset") or ""):
                continue
            self["tracking " + event.lower()] += urls([tracking])

    def media_files(self, parents):
        self["media files"] += sum(map(has_url, at_each(parents, "mediafiles", "mediafile")))

    def clicks(self, parents):
        self["click through"] += sum(1 for parent in parents if urls(children(parent, "clickthrough")))
        self["click tracking"] += urls(at_each(parents, "clicktracking"))
        self["custom clicks"] += urls(at_each(parents, "customclick"))


def at_each(elements, *path):
    return [found for element in elements for found in at(element, *path)]


def by_standard(root):
    """The numbers of a document."""
    numbers = Counter()
    numbers["root errors"] = urls(children(root, "error"))
    for ad in children(root, "ad"):
        inlines, wrappers = children(ad, "inline"), children(ad, "wrapper")
        if inlines or wrappers:
            kind, content = ("inline", inlines[0]) if inlines else ("wrapper", wrappers[0])
            numbers["ads " + kind] += 1
            count_ad(numbers, content)
    return +numbers


def by_standard_of_playlist(root):
    """The numbers of a playlist; None when it has VAST as text."""
    numbers = Counter()
    for one in children(root, "adbreak"):
        numbers["breaks"] += 1
        for tracking in at(one, "trackingevents", "tracking"):
            numbers["break tracking " + (attribute(tracking, "event") or "").strip().lower()] += urls([tracking])
        found = at_each(children(one, "adsource")[:1], "*")
        data = [part for part in found if local(part) in ("vastaddata", "vastdata", "adtaguri", "customaddata")][:1]
        for part in data:
            documents = children(part, "vast", "videoadservingtemplate")[:1]
            if local(part).startswith("vast") and not documents and text(part):
                return None
            numbers["break tags"] += has_url(part) if local(part) == "adtaguri" else 0
            numbers["break custom data"] += 1 if local(part) == "customaddata" else 0
            numbers["break documents"] += len(documents)
            for document in documents:
                numbers.update(by_standard(document))
    return +numbers


def count_ad(numbers, ad):
    numbers["impressions"] += urls(children(ad, "impression"))
    numbers["errors"] += urls(children(ad, "error"))
    extensions = at(ad, "extensions", "*")
    numbers["extensions"] += len(extensions)
    native = at(ad, "adverifications", "verification")
    carried = [one for one in extensions if (attribute(one, "type") or "").strip().lower() == "adverifications"]
    carried = at_each(carried, "adverifications", "verification") + at_each(carried, "verification")
    known = {ElementTree.tostring(one).strip() for one in native}
    verifications = native + [one for one in carried if ElementTree.tostring(one).strip() not in known]
    numbers["verifications"] += len(verifications)
    numbers.trackers(at_each(verifications, "trackingevents"))
    creatives = at(ad, "creatives", "creative")
    for creative in creatives:
        count_creative(numbers, creative)
    # VAST 1.0: parts of the ad itself.
    numbers.media_files(children(ad, "video"))
    numbers.clicks(at(ad, "videoclicks") + at(ad, "video", "videoclicks"))
    numbers.trackers(children(ad, "trackingevents"))
    numbers.trackers(at(ad, "video", "trackingevents"))
    count_parts(numbers, ad)
    # The addendum of 2024: icons in extensions, if the ads have none at their own place and there is a linear ad.
    linears = at_each(creatives, "linear") + children(ad, "video")
    every = extensions + at_each(creatives, "creativeextensions", "*")
    carried = [one for one in every if (attribute(one, "type") or "").strip().lower() == "icon"]
    if linears and not at_each(linears, "icons", "icon"):
        numbers["icons"] += len(at_each(carried, "icon"))


def count_creative(numbers, creative):
    linears = children(creative, "linear")
    numbers.media_files(linears)
    numbers.trackers(at_each(linears, "trackingevents"))
    numbers.clicks(at_each(linears, "videoclicks"))
    numbers["icons"] += len(at_each(linears, "icons", "icon"))
    own = [creative, *linears, *at(creative, "nonlinearads"), *at(creative, "nonlinearads", "nonlinear")]
    numbers["creative extensions"] += len(at_each(own, "creativeextensions", "*"))
    count_parts(numbers, creative)


def count_parts(numbers, parent):
    """Companions and non-linear ads, which stand in a creative, in VAST 1.0 in the ad."""
    for group in children(parent, "companionads"):
        companions = children(group, "companion")
        seen = urls(children(group, "companionimpression"))
        # They are called when any companion is shown. A group of them without companions counts as one.
        numbers["companions"] += max(len(companions), 1 if seen else 0)
        numbers["tracking creativeview"] += seen * max(len(companions), 1 if seen else 0)
        numbers.trackers(at_each(companions, "trackingevents"))
        numbers["companion click tracking"] += urls(at_each(companions, "companionclicktracking"))
    for group in children(parent, "nonlinearads"):
        ads = children(group, "nonlinear")
        numbers["non-linear ads"] += len(ads)
        numbers["tracking creativeview"] += urls(children(group, "nonlinearimpression"))
        numbers.trackers(children(group, "trackingevents"))
        numbers.trackers(at_each(ads, "trackingevents"))
        numbers.media_files(ads)
        numbers["non-linear click tracking"] += urls(at_each(ads, "nonlinearclicktracking"))


def by_vast(parsed):
    """The same numbers from the program's JSON."""
    numbers = Counter()
    numbers["root errors"] = len(parsed["root_errors"])
    for one in parsed.get("breaks", []):
        numbers["breaks"] += 1
        for event, trackers in one["tracking_events"].items():
            numbers["break tracking " + event.lower()] += len(trackers)
        source = one.get("ad_source", {})
        numbers["break tags"] += 1 if "ad_tag_uri" in source else 0
        numbers["break custom data"] += 1 if "custom_ad_data" in source else 0
        if "result" in one:
            numbers["break documents"] += 1
            numbers.update(by_vast(one["result"]))
    for ad in parsed["ads"]:
        numbers["ads " + ad["kind"]] += 1
        for name in ("impressions", "errors", "extensions", "verifications"):
            numbers[name] += len(ad[name])
        for verification in ad["verifications"]:
            add_trackers(numbers, verification)
        for creative in ad["creatives"]:
            add_creative(numbers, creative)
    return +numbers


def add_creative(numbers, creative):
    numbers["creative extensions"] += len(creative["extensions"])
    linear = creative.get("linear")
    if linear:
        add_trackers(numbers, linear)
        numbers["media files"] += len(linear["media_files"])
        numbers["icons"] += len(linear["icons"])
        numbers["click through"] += 1 if "click_through" in linear else 0
        numbers["click tracking"] += len(linear["click_tracking"])
        numbers["custom clicks"] += len(linear["custom_clicks"])
    numbers["companions"] += len(creative["companions"])
    for companion in creative["companions"]:
        add_trackers(numbers, companion)
        numbers["companion click tracking"] += len(companion["click_tracking"])
    add_trackers(numbers, creative, "non_linear_tracking_events")
    numbers["non-linear ads"] += len(creative["non_linears"])
    for ad in creative["non_linears"]:
        add_trackers(numbers, ad)
        numbers["media files"] += len(ad["media_files"])
        numbers["non-linear click tracking"] += len(ad["click_tracking"])


def add_trackers(numbers, unit, name="tracking_events"):
    for event, trackers in unit[name].items():
        numbers["tracking " + event.lower()] += len(trackers)


# What is no tag although it may look like one.
NO_TAGS = re.compile(r"(<!\[CDATA\[.*?\]\]>|<!--.*?-->|<\?.*?\?>)", re.DOTALL)


def in_loose_quotes(text):
    """The document with typographic quotes around the values of its attributes."""
    parts = NO_TAGS.split(text)
    parts[::2] = [re.sub(r'="([^"<>]*)"', "=\u201c\\1\u201d", part) for part in parts[::2]]
    return "".join(parts)


def forms(data):
    """The forms of a document, by name; only the document itself when it is not UTF-8."""
    yield "as it is", data
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return
    text = text.lstrip("\ufeff")
    yield "a JSON string", json.dumps(text).encode()
    yield "inside JSON", json.dumps({"status": 200, "ads": [{"markup": text}]}).encode()
    if "\\" not in text:
        yield "with escaped quotes", text.replace('"', '\\"').encode()
    declaration = text.find("?>") + 2 if text.startswith("<?xml") else 0
    if "<VAST" in text:
        yield "behind a DOCTYPE", (text[:declaration] + "<!DOCTYPE VAST>" + text[declaration:]).encode()
    yield "in typographic quotes", in_loose_quotes(text).encode()


def compare(vast, path):
    """What differs, by form; None for a file that is no VAST document for another XML reader."""
    with open(path, "rb") as file:
        data = file.read()
    if b"<!DOCTYPE" in data:
        return None
    try:
        root = ElementTree.fromstring(data)
    except (ElementTree.ParseError, ValueError):
        return None
    if local(root) not in ("vast", "videoadservingtemplate", "vmap"):
        return None
    wanted = by_standard_of_playlist(root) if local(root) == "vmap" else by_standard(root)
    if wanted is None:
        return None
    return {form: differences(vast, body, wanted) for form, body in forms(data)}


def differences(vast, body, wanted):
    command = [vast, "parse", "--format", "json", "-"]
    done = subprocess.run(command, capture_output=True, timeout=120, input=body)
    if done.returncode != 0:
        return ["exit code %d: %s" % (done.returncode, done.stderr.decode("utf-8", "replace").strip())]
    given = by_vast(json.loads(done.stdout))
    names = sorted(set(wanted) | set(given))
    return ["%s: %d, not %d" % (name, given[name], wanted[name]) for name in names if given[name] != wanted[name]]


def main():
    options = harness.options_of(harness.parser_of_documents(__doc__))
    tally = harness.Tally()
    for path in options.sources:
        for form, found in (compare(options.vast, path) or {}).items():
            tally.check("%s, %s" % (path, form), not found, "; ".join(found))
    return tally.end()


if __name__ == "__main__":
    sys.exit(main())
