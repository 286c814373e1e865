//! The expectation of a scenario. The observed result has the same form.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Deserialize;

/// The `[expect]` table. Values that are not in the file are not compared. Exceptions are the answer, the fallback and
/// beacons: if they are not in the file, there must be none.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expectation {
    /// The message of the configuration error. No request is made then.
    pub config_error: Option<String>,
    /// The name of the source that wins.
    pub winner: Option<String>,
    /// The ids of the ads in the answer.
    pub ads: Vec<String>,
    /// The virtual time from the call to the answer.
    pub answer_at: String,
    /// Whether the answer came from a fallback.
    pub fallback: bool,
    /// The number of requests that were not used.
    pub wasted: Option<u32>,
    /// One line per source.
    pub sources: BTreeMap<String, String>,
    /// One line per ad that was checked.
    pub candidates: Option<Vec<String>>,
    /// One line per error.
    pub errors: Option<Vec<String>>,
    /// One line per break of the playlist.
    pub breaks: Option<Vec<String>>,
    /// One line per document that a wrapper led to.
    pub hops: Option<Vec<String>>,
    /// One line per request, without beacons.
    pub requests: Option<Vec<String>>,
    /// One line per request to a sink.
    pub beacons: Vec<String>,
}

impl Expectation {
    /// The text that is compared: one line per value.
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
        let Self { breaks, candidates, errors, hops, requests, .. } = self;
        let lists =
            [("break", breaks), ("candidate", candidates), ("error", errors), ("hop", hops), ("request", requests)];
        for (key, lines) in lists {
            lines.iter().flatten().for_each(|value| line(key, value));
        }
        self.beacons.iter().for_each(|value| line("beacon", value));
        text
    }

    /// The same, without the values that `expected` does not have.
    pub fn limited_to(mut self, expected: &Self) -> Self {
        self.wasted = self.wasted.filter(|_| expected.wasted.is_some());
        self.breaks = self.breaks.filter(|_| expected.breaks.is_some());
        self.candidates = self.candidates.filter(|_| expected.candidates.is_some());
        self.errors = self.errors.filter(|_| expected.errors.is_some());
        self.hops = self.hops.filter(|_| expected.hops.is_some());
        self.requests = self.requests.filter(|_| expected.requests.is_some());
        self
    }
}

/// The difference of two texts: `-` marks lines that are missing, `+` lines that are not expected. `None` if the texts are
/// equal.
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
