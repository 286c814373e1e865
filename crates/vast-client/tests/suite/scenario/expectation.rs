//! What a scenario expects, and what was seen in the same form.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Deserialize;

/// The `[expect]` table. What is not written down is not compared, but for an answer, a fallback and beacons: without
/// them there must be none.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expectation {
    /// The configuration is refused with these words, and nothing is asked.
    pub config_error: Option<String>,
    /// The source of the answer.
    pub winner: Option<String>,
    /// The ids of the ads in the answer.
    pub ads: Vec<String>,
    /// Virtual time from the call to the answer.
    pub answer_at: String,
    /// Whether the answer came from a fallback.
    pub fallback: bool,
    /// Requests made and not used.
    pub wasted: Option<u32>,
    /// A line per source.
    pub sources: BTreeMap<String, String>,
    /// A line per ad that was judged.
    pub candidates: Option<Vec<String>>,
    /// A line per error.
    pub errors: Option<Vec<String>>,
    /// A line per wrapped document.
    pub hops: Option<Vec<String>>,
    /// A line per request, beacons left out.
    pub requests: Option<Vec<String>>,
    /// A line per request to a sink.
    pub beacons: Vec<String>,
}

impl Expectation {
    /// The text that is compared: a line per value.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let mut line = |key: &str, value: &str| writeln!(text, "{key}: {value}").expect("writing to a text");
        if let Some(words) = &self.config_error {
            line("config_error", words);
            return text;
        }
        line("winner", self.winner.as_deref().unwrap_or("none"));
        line("ads", &self.ads.join(", "));
        line("answer_at", &self.answer_at);
        line("fallback", if self.fallback { "yes" } else { "no" });
        if let Some(wasted) = self.wasted {
            line("wasted", &wasted.to_string());
        }
        for (name, end) in &self.sources {
            line(&format!("source {name}"), end);
        }
        let Self { candidates, errors, hops, requests, .. } = self;
        let lists = [("candidate", candidates), ("error", errors), ("hop", hops), ("request", requests)];
        for (key, lines) in lists {
            lines.iter().flatten().for_each(|value| line(key, value));
        }
        self.beacons.iter().for_each(|value| line("beacon", value));
        text
    }

    /// The same without what `expected` does not speak of.
    pub fn limited_to(mut self, expected: &Self) -> Self {
        self.wasted = self.wasted.filter(|_| expected.wasted.is_some());
        self.candidates = self.candidates.filter(|_| expected.candidates.is_some());
        self.errors = self.errors.filter(|_| expected.errors.is_some());
        self.hops = self.hops.filter(|_| expected.hops.is_some());
        self.requests = self.requests.filter(|_| expected.requests.is_some());
        self
    }
}

/// Both texts as one: `-` expected and missing, `+` seen and not expected. None when they are equal.
pub fn difference(expected: &str, seen: &str) -> Option<String> {
    if expected == seen {
        return None;
    }
    let (mut left, right): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), seen.lines().collect());
    let mut shown = String::new();
    for line in right {
        match left.iter().position(|other| *other == line) {
            Some(at) => {
                left.drain(..at).for_each(|missing| shown += &format!("- {missing}\n"));
                left.remove(0);
                shown += &format!("  {line}\n");
            }
            None => shown += &format!("+ {line}\n"),
        }
    }
    left.iter().for_each(|missing| shown += &format!("- {missing}\n"));
    Some(shown)
}

#[test]
fn a_difference_is_shown_line_by_line() {
    assert_eq!(difference("a\nb\n", "a\nb\n"), None);
    assert_eq!(difference("a\nb\nc\n", "a\nx\nc\n").as_deref(), Some("  a\n+ x\n- b\n  c\n"));
    assert_eq!(difference("a\n", "").as_deref(), Some("- a\n"));
}
