//! [`Emit`]: writes XML. It escapes texts and values and guarantees that the output is well formed.

mod escape;
mod name;

use super::names::Name;
use super::sink::{Content, ScalarValue, XmlSink};
use crate::model::{Element, Node, Offset};
use escape::{Returns, Spot, cdata, comment, is_plain, is_terminal_control, push_escaped};
use name::push_name;
use std::fmt::Write;
use std::ops::Range;

pub(crate) use escape::escape;
pub(crate) use name::is_name;

/// The indentation of eight levels; a level has two spaces.
const INDENTATION: &str = "                ";

/// The beginning of the namespace that the writer declares for a prefix without a declaration; the prefix follows it. The
/// reader drops such declarations.
pub(crate) const UNDECLARED: &str = "urn:undeclared:";

/// A document that is being written: each element is started, gets its attributes, then its content, and is ended.
///
/// The result is well formed for every input: characters that XML 1.0 forbids are dropped, invalid names are corrected,
/// a repeated attribute is written once, and a prefix without a declaration is declared. Each child element is written on
/// a new line, except in an element that has text or whose layout is kept.
pub(crate) struct Emit {
    out: String,
    open: Vec<OpenElement>,
    /// The start tag of the innermost element is not closed yet.
    in_tag: bool,
    /// The prefix of the standard's elements outside `VAST`; empty for no prefix.
    prefix: &'static str,
    /// How many elements are open around the open `VAST`. `None` when no `VAST` is open.
    vast: Option<usize>,
    /// The ranges in `out` of the attribute names of the start tag that is not closed yet.
    attributes: Vec<Range<usize>>,
    /// The prefixes declared by the elements that are open.
    declared: Vec<String>,
    /// Whether the start tag that is not closed yet has a name with a prefix, or declares one.
    has_prefix: bool,
}

/// An element that is not ended yet.
struct OpenElement {
    /// The range of the element's name in `out`.
    name: Range<usize>,
    /// Whether blanks in the element are significant, so that none are added.
    kept: bool,
    /// The number of prefixes that are declared outside the element.
    declared: usize,
}

/// The size in bytes of most documents, also of those with long URLs. This much is allocated at the start.
const USUAL: usize = 8 << 10;

impl Emit {
    /// A document with only its XML declaration. `prefix` is the prefix of VMAP's elements.
    pub(crate) fn new(prefix: &'static str) -> Emit {
        Emit::after(String::with_capacity(USUAL), prefix)
    }

    /// Like [`new`](Self::new), but the document is appended to a text.
    pub(crate) fn after(mut out: String, prefix: &'static str) -> Emit {
        out.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
        let (open, attributes, declared) = (Vec::new(), Vec::new(), Vec::new());
        Emit { out, open, in_tag: false, prefix, vast: None, attributes, declared, has_prefix: false }
    }

    /// Ends all open elements and gives the document, after the text that was there before.
    pub(crate) fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.end();
        }
        self.out.push('\n');
        self.out
    }

    /// Starts an element.
    fn start_named(&mut self, name: &str) {
        self.begin(|out| push_name(out, name));
        self.has_prefix = has_colon(name);
    }

    fn begin(&mut self, write_name: impl FnOnce(&mut String)) {
        self.seal();
        let kept = self.open.last().is_some_and(|parent| parent.kept);
        if !kept {
            self.new_line();
        }
        self.out.push('<');
        let from = self.out.len();
        write_name(&mut self.out);
        self.open.push(OpenElement { name: from..self.out.len(), kept, declared: self.declared.len() });
        self.in_tag = true;
    }

    /// From here on the innermost element is written exactly as given, without line breaks.
    fn keep_layout(&mut self) {
        if let Some(element) = self.open.last_mut() {
            element.kept = true;
        }
    }

    /// A URI, in CDATA.
    fn uri(&mut self, uri: &str) {
        // A reference to such a character would be between two CDATA sections, and readers of URIs remove blanks there.
        let is_referenced = |character| character == '\r' || is_terminal_control(character);
        if is_plain(uri) {
            // Most URIs have nothing to escape, so their characters are checked once only.
            return self.inside(|out| out.extend(["<![CDATA[", uri, "]]>"]), uri.is_empty());
        }
        if uri.contains(is_referenced) {
            return self.characters(uri);
        }
        self.inside(|out| cdata(out, uri, Returns::Raw), uri.is_empty());
    }

    /// A text of which every character is significant, in CDATA.
    fn text(&mut self, text: &str) {
        self.inside(|out| cdata(out, text, Returns::Referenced), text.is_empty());
    }

    /// Characters outside CDATA.
    fn characters(&mut self, text: &str) {
        self.inside(|out| push_escaped(out, text, Spot::Text), text.is_empty());
    }

    /// A CDATA section, even for an empty text. `]]>` in the text splits it into two sections.
    fn cdata(&mut self, text: &str) {
        self.inside(|out| cdata(out, text, Returns::Raw), false);
    }

    /// A comment. A space separates two hyphens in a row, because XML forbids `--` in comments.
    fn comment(&mut self, text: &str) {
        self.inside(|out| comment(out, text), false);
    }

    fn leave(&mut self) -> Option<OpenElement> {
        let element = self.open.pop()?;
        self.declared.truncate(element.declared);
        self.vast = self.vast.filter(|around| *around < self.open.len());
        Some(element)
    }

    fn inside(&mut self, write: impl FnOnce(&mut String), nothing: bool) {
        if nothing {
            return;
        }
        self.seal();
        self.keep_layout();
        write(&mut self.out);
    }

    /// Closes the current start tag.
    fn seal(&mut self) {
        if self.in_tag {
            self.declare();
            self.out.push('>');
            self.in_tag = false;
        }
    }

    /// Declares the prefixes in the current start tag that have no declaration, because namespace-aware readers refuse them.
    fn declare(&mut self) {
        if !self.has_prefix {
            return self.attributes.clear();
        }
        let attributes = std::mem::take(&mut self.attributes);
        for range in &attributes {
            let prefix = self.out[range.clone()].strip_prefix("xmlns:").map(str::to_owned);
            self.declared.extend(prefix);
        }
        let Some(element) = self.open.last().map(|open| open.name.clone()) else { return };
        for range in std::iter::once(&element).chain(&attributes) {
            let Some((prefix, _)) = self.out[range.clone()].split_once(':') else { continue };
            if matches!(prefix, "xml" | "xmlns") || self.declared.iter().any(|declared| declared == prefix) {
                continue;
            }
            let prefix = prefix.to_owned();
            self.out.push_str(&format!(" xmlns:{prefix}=\"{UNDECLARED}{prefix}\""));
            self.declared.push(prefix);
        }
        self.attributes = attributes;
        self.attributes.clear();
    }

    fn new_line(&mut self) {
        let mut deep = self.open.len();
        self.out.push('\n');
        while deep > 0 {
            let part = deep.min(INDENTATION.len() / 2);
            self.out.push_str(&INDENTATION[..2 * part]);
            deep -= part;
        }
    }
}

fn has_colon(name: &str) -> bool {
    name.bytes().any(|byte| byte == b':')
}

impl XmlSink for Emit {
    fn start(&mut self, name: Name) {
        if name == Name::Vast {
            self.vast.get_or_insert(self.open.len());
        }
        let prefix = if self.vast.is_some() { "" } else { self.prefix };
        self.begin(|out| {
            if !prefix.is_empty() {
                out.push_str(prefix);
                out.push(':');
            }
            out.push_str(name.as_str());
        });
        // No name of the standard has a colon.
        debug_assert!(!has_colon(name.as_str()), "{name:?} needs a declaration");
        self.has_prefix = !prefix.is_empty();
    }

    fn attribute(&mut self, name: &'static str, value: &ScalarValue<'_>) {
        // As for elements, no name of the standard has a colon.
        debug_assert!(!has_colon(name), "{name} needs a declaration");
        self.out.push(' ');
        let from = self.out.len();
        self.out.push_str(name);
        self.attributes.push(from..self.out.len());
        self.out.push_str("=\"");
        push_value(&mut self.out, value, Spot::Attribute);
        self.out.push('"');
    }

    /// Nothing is written when no start tag is open, when the tag already has the attribute, and when the attribute is a
    /// declaration that XML namespaces forbid.
    fn attribute_named(&mut self, name: &str, value: &str) {
        let before = self.out.len();
        self.out.push(' ');
        push_name(&mut self.out, name);
        let range = before + 1..self.out.len();
        let written = &self.out[range.clone()];
        let twice = self.attributes.iter().any(|other| self.out[other.clone()] == *written);
        if !self.in_tag || twice || is_bad_declaration(written, value) {
            self.out.truncate(before);
            return;
        }
        self.has_prefix |= has_colon(written);
        self.attributes.push(range);
        self.out.push_str("=\"");
        push_escaped(&mut self.out, value, Spot::Attribute);
        self.out.push('"');
    }

    fn content(&mut self, content: &Content<'_>) {
        match content {
            Content::Uri(uri) => self.uri(uri),
            Content::Text(text) => self.text(text),
            Content::Value(value) => self.inside(|out| push_value(out, value, Spot::Text), false),
        }
    }

    fn element(&mut self, tree: &Element) {
        self.start_named(&tree.name);
        for attribute in &tree.attributes {
            self.attribute_named(&attribute.name, &attribute.value);
        }
        self.keep_layout();
        for child in &tree.children {
            match child {
                Node::Element(child) => self.element(child),
                Node::Text(text) => self.characters(text),
                Node::CData(text) => self.cdata(text),
                Node::Comment(text) => self.comment(text),
            }
        }
        self.end();
    }

    fn end(&mut self) {
        if self.in_tag {
            self.declare();
            self.out.push_str("/>");
            self.in_tag = false;
            self.leave();
        } else if let Some(element) = self.leave() {
            if !element.kept {
                self.new_line();
            }
            self.out.push_str("</");
            self.out.extend_from_within(element.name);
            self.out.push('>');
        }
    }
}

fn push_value(out: &mut String, value: &ScalarValue<'_>, spot: Spot) {
    match value {
        ScalarValue::Text(text) => push_escaped(out, text, spot),
        ScalarValue::Integer(number) => push_number(out, *number, 1),
        ScalarValue::Offset(Offset::Time(time)) if time.subsec_nanos() == 0 => {
            let seconds = time.as_secs();
            push_number(out, seconds / 3600, 2);
            for part in [seconds / 60 % 60, seconds % 60] {
                out.push(':');
                push_number(out, part, 2);
            }
        }
        value => {
            // Formatting into a string cannot fail.
            let _ = write!(out, "{value}");
        }
    }
}

/// Appends a number with at least `least` digits. The formatting of the standard library takes several times as long, and an ad has many
/// numbers.
fn push_number(out: &mut String, number: u64, least: usize) {
    let mut digits = [b'0'; 20];
    let (mut rest, mut used) = (number, 0);
    while rest > 0 {
        used += 1;
        digits[20 - used] += u8::try_from(rest % 10).unwrap_or_default();
        rest /= 10;
    }
    let written = digits.get(20 - used.max(least)..).and_then(|digits| std::str::from_utf8(digits).ok());
    out.push_str(written.unwrap_or_default());
}

/// Whether XML namespaces forbid this declaration: it has an empty namespace, or it declares `xml` or `xmlns`.
fn is_bad_declaration(name: &str, value: &str) -> bool {
    match name.strip_prefix("xmlns:") {
        Some(prefix) => value.is_empty() || matches!(prefix, "xml" | "xmlns"),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text that is written between `<x>` and `</x>`.
    fn inside(write: impl FnOnce(&mut Emit)) -> String {
        let mut out = Emit::new("");
        out.start_named("x");
        write(&mut out);
        let document = out.finish();
        let body = document.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<x").expect("the root");
        body.trim_end_matches('\n').trim_start_matches('>').trim_end_matches("</x>").to_owned()
    }

    #[test]
    fn numbers_and_times_are_written_as_they_are_shown() {
        use std::time::Duration;
        let numbers = [0, 1, 9, 10, 99, 100, 65_536, u64::MAX].map(ScalarValue::Integer);
        let seconds = [0, 1, 59, 60, 3_599, 3_600, 35_999, 360_000, 3_600_000, u64::MAX];
        let times = seconds.map(|seconds| ScalarValue::Offset(Offset::Time(Duration::from_secs(seconds))));
        let parts = [1_500, 61_001].map(|millis| ScalarValue::Offset(Offset::Time(Duration::from_millis(millis))));
        for value in numbers.into_iter().chain(times).chain(parts) {
            let mut written = String::new();
            push_value(&mut written, &value, Spot::Attribute);
            assert_eq!(written, value.to_string());
        }
    }

    #[test]
    fn special_characters_are_found_at_every_place() {
        for length in 1..40 {
            for at in 0..length {
                let text: String = (0..length).map(|index| if index == at { '\u{1}' } else { 'b' }).collect();
                assert_eq!(inside(|emit| emit.uri(&text)), format!("<![CDATA[{}]]>", "b".repeat(length - 1)));
                let text = text.replace('\u{1}', "<");
                assert_eq!(inside(|emit| emit.characters(&text)), text.replace('<', "&lt;"));
            }
        }
    }

    #[test]
    fn r178_r179_cdata_is_split_where_its_end_would_be() {
        let cases = [
            ("a]]>b", "<![CDATA[a]]]]><![CDATA[>b]]>"),
            ("]\u{1}]>", "<![CDATA[]]]]><![CDATA[>]]>"),
            ("]]>]]>", "<![CDATA[]]]]><![CDATA[>]]]]><![CDATA[>]]>"),
            ("&<>\"", "<![CDATA[&<>\"]]>"),
            ("a\rb", "<![CDATA[a]]>&#13;<![CDATA[b]]>"),
            ("\0\u{8}\u{b}\u{1f}\u{fffe}\u{ffff}\t\né😀", "<![CDATA[\t\né😀]]>"),
            // Terminals may execute these control characters.
            ("a\u{85}b\u{9b}", "<![CDATA[a]]>&#133;<![CDATA[b]]>&#155;<![CDATA[]]>"),
        ];
        for (text, written) in cases {
            assert_eq!(inside(|out| out.text(text)), written, "{text:?}");
        }
        assert_eq!(inside(|out| out.uri("a\r]]>")), "a&#13;]]&gt;");
    }

    #[test]
    fn attributes_text_and_comments_are_escaped() {
        let attribute = inside(|out| out.attribute_named("a", "<&\">'\t\r\n\u{1} é"));
        assert_eq!(attribute, " a=\"&lt;&amp;&quot;&gt;'&#9;&#13;&#10; é\"/>");
        assert_eq!(inside(|out| out.characters("<&\">]]>\t\r\n")), "&lt;&amp;\"&gt;]]&gt;\t&#13;\n");
        assert_eq!(inside(|out| out.comment("--->-")), "<!--- - ->- -->");
    }

    #[test]
    fn an_attribute_stands_once_and_only_in_a_tag() {
        let written = inside(|out| {
            out.attribute_named("a", "1");
            out.attribute_named("a", "2");
            out.attribute_named("A", "3");
            out.characters("t");
            out.attribute_named("b", "4");
        });
        assert_eq!(written, " a=\"1\" A=\"3\">t");
    }

    #[test]
    fn prefixes_are_always_declared() {
        let written = inside(|out| {
            out.attribute_named("p:a", "1");
            out.attribute_named("xmlns:q", "q");
            out.attribute_named("xmlns:r", "");
            out.attribute_named("xml:lang", "en");
            out.keep_layout();
            for name in ["p:in", "q:in", "r:in", "r:in"] {
                out.start_named(name);
                out.end();
            }
        });
        let expected = " p:a=\"1\" xmlns:q=\"q\" xml:lang=\"en\" xmlns:p=\"urn:undeclared:p\"><p:in/><q:in/>\
                        <r:in xmlns:r=\"urn:undeclared:r\"/><r:in xmlns:r=\"urn:undeclared:r\"/>";
        assert_eq!(written, expected);
    }

    #[test]
    fn elements_stand_on_lines_of_their_own_unless_there_is_text() {
        let written = inside(|out| {
            out.start(Name::Ad);
            out.start(Name::Error);
            out.uri("u");
            out.end();
            out.start(Name::Error);
            out.characters("t");
            out.start_named("b");
            out.end();
            out.end();
        });
        let expected = "\n  <Ad>\n    <Error><![CDATA[u]]></Error>\n    <Error>t<b/></Error>\n  </Ad>\n";
        assert_eq!(written, expected);
    }
}
