//! The numbers of the pages as text, each with its key.

use std::collections::BTreeMap;

use maud::{Markup, html};
use serde::Serialize;
use vast_explain::{Tone, sanitize};

/// The longest name that is shown, in bytes.
const LONGEST_NAME: usize = 100;
/// The longest text of one figure, in bytes.
const MOST: usize = 4 << 10;

/// A text and its meaning for the reader. It is serialized as `[text, tone]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Figure(String, &'static str);

/// The figures of the pages by their keys.
#[derive(Debug, Default, Serialize)]
#[serde(transparent)]
pub(super) struct Figures(BTreeMap<String, Figure>);

impl Figures {
    /// Sets a figure that is neither good nor bad.
    pub(super) fn set(&mut self, key: impl Into<String>, text: impl AsRef<str>) {
        self.set_tone(key, text, Tone::Plain);
    }

    pub(super) fn set_tone(&mut self, key: impl Into<String>, text: impl AsRef<str>, tone: Tone) {
        self.0.insert(key.into(), Figure(safe(text.as_ref(), MOST), tone.as_str()));
    }

    /// Sets a figure of several lines.
    pub(super) fn set_lines(&mut self, key: impl Into<String>, lines: &[String], tone: Tone) {
        let lines: Vec<_> = lines.iter().map(|line| safe(line, MOST)).collect();
        self.0.insert(key.into(), Figure(lines.join("\n"), tone.as_str()));
    }

    /// Whether the figure has this tone.
    pub(super) fn has_tone(&self, key: &str, tone: Tone) -> bool {
        self.0.get(key).is_some_and(|Figure(_, found)| *found == tone.as_str())
    }

    /// The figure in a page.
    pub(super) fn show(&self, key: &str) -> Markup {
        let (text, tone) = self.0.get(key).map_or(("", Tone::Plain.as_str()), |Figure(text, tone)| (text, tone));
        html! { span data-live=(key) data-tone=(tone) { (text) } }
    }
}

/// Text of strangers or of the operator without characters that reorder or hide other text, and cut after `most` bytes. The template
/// escapes markup.
pub(super) fn safe(text: &str, most: usize) -> String {
    let end = (0..=most.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
    let cut = if end < text.len() { "..." } else { "" };
    sanitize(&text[..end]) + cut
}

/// A name as text of a page.
pub(super) fn name(name: &str) -> String {
    safe(name, LONGEST_NAME)
}
