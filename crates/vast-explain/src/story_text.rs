//! The story as text: sections with tables, without colours and without the width of a terminal.

use vast_client::report::{CandidateReport, CandidateVerdict, WarningReport};
use vast_client::select::DisplacedBy;
use vast_client::{FetchResult, Outcome};

use crate::sanitize::sanitize;
use crate::statement::{Statement, Tone};
use crate::story::{BreakStory, Story};
use crate::units::elapsed;

/// The steps that are listed if not everything is.
const MOST_STEPS: usize = 40;
/// The space between two columns.
const GAP: &str = "  ";

/// A part of a story: a table with a heading.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StorySection {
    /// What the part is about, for example `what happened`.
    pub heading: &'static str,
    /// The columns. A column without a name needs no heading.
    pub columns: Vec<StoryColumn>,
    /// The rows: a cell for each column.
    pub rows: Vec<Vec<StoryCell>>,
    /// The number of rows with those that are left out, if some are.
    pub total: Option<usize>,
}

/// A column of a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoryColumn {
    /// The name; empty if the content says what it is.
    pub name: &'static str,
    /// Whether the column has numbers and times, which are aligned on the right.
    pub is_number: bool,
}

/// A cell of a section. Its text may quote strangers: a renderer must escape it ([`sanitize`](crate::sanitize()) for a terminal).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct StoryCell {
    /// The text.
    pub text: String,
    /// Good or bad news; `None` for data.
    pub tone: Option<Tone>,
    /// Whether the text may have configuration keys in backticks.
    pub has_keys: bool,
}

impl StoryCell {
    fn data(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    fn toned(text: impl Into<String>, tone: Tone) -> Self {
        Self { text: text.into(), tone: Some(tone), has_keys: false }
    }

    fn said(text: impl Into<String>, tone: Option<Tone>) -> Self {
        Self { text: text.into(), tone, has_keys: true }
    }
}

impl From<&Statement> for StoryCell {
    fn from(statement: &Statement) -> Self {
        Self::said(&*statement.text, Some(statement.tone))
    }
}

impl StorySection {
    fn new<const N: usize>(heading: &'static str, columns: [(&'static str, bool); N]) -> Self {
        let columns = columns.into_iter().map(|(name, is_number)| StoryColumn { name, is_number }).collect();
        Self { heading, columns, rows: Vec::new(), total: None }
    }

    fn with<const N: usize>(mut self, rows: impl IntoIterator<Item = [StoryCell; N]>) -> Self {
        self.rows.extend(rows.into_iter().map(Vec::from));
        self
    }

    /// The ads that were judged: source, hop, id, verdict, the ad that was taken instead, the error code that is reported, reason.
    pub fn judged<'a>(candidates: impl IntoIterator<Item = &'a CandidateReport>) -> Self {
        let places = [("source", false), ("hop", true), ("ad", false)];
        let ([source, hop, ad], verdict) = (places, ("verdict", false));
        let columns = [source, hop, ad, verdict, ("lost to", false), ("VAST", true), ("reason", false)];
        Self::new("ads", columns).with(candidates.into_iter().map(judged))
    }

    /// The warnings about the documents of all sources: source, hop, `line:column`, code, message.
    pub fn warnings(result: &FetchResult) -> Self {
        let row = |WarningReport { source, hop, code, message, position, .. }: &WarningReport| {
            let at = position.map_or_else(String::new, |position| format!("{}:{}", position.line, position.column));
            [
                StoryCell::data(&**source),
                StoryCell::data(hop.to_string()),
                StoryCell::data(at),
                StoryCell::toned(&**code, Tone::Warning),
                StoryCell::data(&**message),
            ]
        };
        let columns = [("source", false), ("hop", true), ("at", true), ("kind", false), ("what", false)];
        Self::new("warnings", columns).with(result.warnings.iter().map(row))
    }
}

impl Story<'_> {
    /// The parts of the story after its [ending](Self::ending). Parts without content are left out. `all` adds each step, each warning
    /// and each tracker URL.
    pub fn sections(&self, all: bool) -> Vec<StorySection> {
        let parts = [
            self.why(),
            self.changes(),
            self.what_happened(all),
            StorySection::judged(&self.result.candidates),
            self.break_rows(),
            self.limit_rows(),
            self.tracker_rows(all),
            self.warnings(all),
        ];
        parts.into_iter().filter(|part| !part.rows.is_empty() || part.total.is_some()).collect()
    }

    /// The story as text without colours, one line for each row. Texts of strangers are escaped for a terminal.
    pub fn to_text(&self, all: bool) -> String {
        let mut text = sanitize(&self.ending.to_string()) + "\n";
        for section in self.sections(all) {
            text = text + "\n" + section.heading + "\n" + &table(&section);
            if let Some(total) = section.total {
                text += &format!("{} of {total}\n", section.rows.len());
            }
        }
        text
    }

    fn why(&self) -> StorySection {
        let mark = |tone: Tone| match tone {
            Tone::Good => "✓",
            Tone::Bad => "✗",
            _ => "·",
        };
        let row = |reason: &Statement| [StoryCell::toned(mark(reason.tone), reason.tone), StoryCell::from(reason)];
        StorySection::new("why", [("", false), ("", false)]).with(self.reasons.iter().map(row))
    }

    fn changes(&self) -> StorySection {
        let rows = self.alternatives.iter().map(|one| [StoryCell::data("·"), StoryCell::said(one.to_string(), None)]);
        StorySection::new("what would have changed it", [("", false), ("", false)]).with(rows)
    }

    fn what_happened(&self, all: bool) -> StorySection {
        let most = if all { usize::MAX } else { MOST_STEPS };
        let row = |step: &crate::story::Step<'_>| {
            [StoryCell::toned(elapsed(step.at), Tone::Quiet), StoryCell::data(step.source), StoryCell::from(&step.what)]
        };
        let columns = [("at", true), ("source", false), ("", false)];
        let section = StorySection::new("what happened", columns).with(self.course.iter().take(most).map(row));
        StorySection { total: Some(self.course.len()).filter(|total| *total > most), ..section }
    }

    fn break_rows(&self) -> StorySection {
        let row = |(number, one): (usize, &BreakStory<'_>)| {
            let reason = one.result.reason.as_ref().map(ToString::to_string).unwrap_or_default();
            let ending = one.story.as_ref().map_or(reason, |story| story.ending.to_string());
            let outcome: Outcome = one.result.outcome;
            [
                StoryCell::data((number + 1).to_string()),
                StoryCell::data(one.result.ad_break.break_id.as_deref().unwrap_or("no id")),
                StoryCell::toned(outcome.as_str().replace('_', " "), Tone::of(outcome)),
                StoryCell::said(ending, None),
            ]
        };
        let columns = [("", true), ("break", false), ("outcome", false), ("", false)];
        StorySection::new("breaks", columns).with(self.breaks.iter().enumerate().map(row))
    }

    fn limit_rows(&self) -> StorySection {
        let row = |hit: &crate::story::LimitHit<'_>| {
            [
                StoryCell::toned(hit.at.map_or_else(String::new, elapsed), Tone::Quiet),
                StoryCell::data(hit.kind.as_str()),
                StoryCell::data(hit.source.unwrap_or_default()),
                StoryCell::data(hit.hop.to_string()),
                StoryCell::said(&*hit.message, None),
            ]
        };
        let columns = [("at", true), ("limit", false), ("source", false), ("hop", true), ("", false)];
        StorySection::new("limits that fired", columns).with(self.limits.iter().map(row))
    }

    /// A row per kind of tracker: when it is called, the event, how many. With `all` a row per URL instead.
    fn tracker_rows(&self, all: bool) -> StorySection {
        let mut rows = Vec::new();
        let mut add = |when: &str, event: &str, number: usize, urls: &mut dyn Iterator<Item = &str>| {
            let row = |number: String, url: &str| {
                [
                    StoryCell::toned(when, Tone::Quiet),
                    StoryCell::data(event),
                    StoryCell::data(number),
                    StoryCell::data(url),
                ]
            };
            match all {
                true => rows.extend(urls.map(|url| row(String::new(), url))),
                false => rows.push(row(number.to_string(), "")),
            }
        };
        let due = &self.due;
        for beacon in due.tracked {
            add(beacon.state.as_str(), beacon.event.as_str(), 1, &mut std::iter::once(&*beacon.url));
        }
        if !due.reports.is_empty() {
            add("due now", "error report", due.reports.len(), &mut due.report_urls());
        }
        for event in due.ads.iter().flatten() {
            let urls = &mut event.trackers.iter().map(|tracker| &**tracker.url);
            add("at play", &event.event, event.trackers.len(), urls);
        }
        StorySection::new("trackers", [("when", false), ("event", false), ("number", true), ("URL", false)]).with(rows)
    }

    fn warnings(&self, all: bool) -> StorySection {
        let mut section = StorySection::warnings(self.result);
        if !all {
            section.total = Some(section.rows.len()).filter(|total| *total > 0);
            section.rows.clear();
        }
        section
    }
}

fn judged(report: &CandidateReport) -> [StoryCell; 7] {
    let rejection = report.rejection.as_ref();
    let displaced = |by: &DisplacedBy| format!("{} ({})", by.position, by.source);
    let by = rejection.and_then(|rejection| rejection.displaced_by.as_ref()).map_or_else(String::new, displaced);
    let tone = match report.verdict {
        CandidateVerdict::Kept => Tone::Good,
        CandidateVerdict::PassedOver => Tone::Quiet,
        CandidateVerdict::Rejected => Tone::Warning,
    };
    [
        StoryCell::data(&*report.source),
        StoryCell::data(report.hop.to_string()),
        StoryCell::data(report.ad_id.as_deref().unwrap_or("no id")),
        StoryCell::toned(report.verdict.as_str().replace('_', " "), tone),
        StoryCell::data(by),
        StoryCell::data(report.vast_error_code.map_or_else(String::new, |code| code.to_string())),
        StoryCell::data(rejection.map_or("", |rejection| &rejection.message)),
    ]
}

/// The table of a section with aligned columns. Columns without content are left out.
fn table(section: &StorySection) -> String {
    let StorySection { columns, rows, .. } = section;
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|cell| sanitize(&cell.text)).collect()).collect();
    let cells = |column: usize| rows.iter().filter_map(move |row| row.get(column));
    let used: Vec<usize> = (0..columns.len()).filter(|column| cells(*column).any(|cell| !cell.is_empty())).collect();
    let has_names = used.iter().any(|column| !columns[*column].name.is_empty());
    let names = has_names.then(|| columns.iter().map(|column| column.name.to_owned()).collect());
    let rows: Vec<&Vec<String>> = names.iter().chain(&rows).collect();
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let mut text = String::new();
    for row in &rows {
        let line = used.iter().map(|column| {
            let (cell, width) = (row.get(*column).map_or("", String::as_str), width(*column).unwrap_or_default());
            if columns[*column].is_number { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
        });
        text += line.collect::<Vec<_>>().join(GAP).trim_end();
        text.push('\n');
    }
    text
}
