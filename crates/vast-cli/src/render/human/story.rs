//! The story of a request: how it ended, why, what happened when, which limits fired, which trackers are due.

use vast_explain::{BreakStory, LimitHit, Statement, Story, Tone};

use super::units::{count, elapsed};
use super::{judged, sources, warnings};
use crate::render::layout::{Align, HumanOptions, Page, StyledText, TextStyle, TextTable};

/// The steps that are shown without --verbose.
const MOST_STEPS: usize = 40;

/// The story as text for people.
pub(crate) fn story(story: &Story<'_>, options: HumanOptions) -> String {
    let mut page = Page::new(options);
    page.line(&headline(story));
    page.section("why", reasons(&story.reasons));
    page.section("what would have changed it", changes(story));
    page.section("what happened", course(story, page.is_verbose()));
    if !page.is_verbose() && story.course.len() > MOST_STEPS {
        let text = format!("the first {MOST_STEPS} of {} steps; -v shows all", story.course.len());
        page.line(&StyledText::new(&text, TextStyle::Secondary));
    }
    page.section("ads", judged::table(&story.result.candidates));
    page.section("breaks", breaks(&story.breaks));
    page.section("limits that fired", limits(&story.limits));
    page.section("trackers", trackers(story, page.is_verbose()));
    if page.is_verbose() {
        page.section("warnings", warnings::of_answer(story.result));
    } else if !story.result.warnings.is_empty() {
        page.blank();
        let text = format!("{}; -v lists them", count(story.result.warnings.len(), "warning"));
        page.line(&StyledText::new(&text, TextStyle::Secondary));
    }
    page.finish()
}

fn headline(story: &Story<'_>) -> StyledText {
    let tone = story.ending.tone();
    let mark = if tone == Tone::Good { '✓' } else { '✗' };
    let style = if tone == Tone::Good { TextStyle::Success } else { TextStyle::Failure };
    StyledText::new(&format!("{mark} {}", story.ending), style)
}

/// The text of a statement with flags in place of keys.
fn said(statement: &Statement) -> StyledText {
    StyledText::new(&sources::FLAGS.in_text(&statement.text), style(statement.tone))
}

fn style(tone: Tone) -> TextStyle {
    match tone {
        Tone::Good => TextStyle::Success,
        Tone::Warning => TextStyle::Warning,
        Tone::Bad => TextStyle::Failure,
        Tone::Quiet => TextStyle::Secondary,
        _ => TextStyle::Plain,
    }
}

/// A row per reason: its mark, the sentence.
fn reasons(reasons: &[Statement]) -> TextTable {
    let mut table = TextTable::new([("", Align::Left), ("", Align::Left)]);
    for reason in reasons {
        let mark = match reason.tone {
            Tone::Good => "✓",
            Tone::Bad => "✗",
            _ => "·",
        };
        table.row([StyledText::new(mark, style(reason.tone)), said(reason)]);
    }
    table
}

/// A row per change that would have given another outcome.
fn changes(story: &Story<'_>) -> TextTable {
    let mut table = TextTable::new([("", Align::Left), ("", Align::Left)]);
    for alternative in &story.alternatives {
        table.row([StyledText::plain("·"), StyledText::plain(&sources::FLAGS.in_text(&alternative.to_string()))]);
    }
    table
}

/// A row per step: time, source, what happened.
fn course(story: &Story<'_>, all: bool) -> TextTable {
    let mut table = TextTable::new([("at", Align::Right), ("source", Align::Left), ("", Align::Left)]);
    let most = if all { usize::MAX } else { MOST_STEPS };
    for moment in story.course.iter().take(most) {
        table.row([
            StyledText::new(&elapsed(moment.at), TextStyle::Secondary),
            StyledText::plain(moment.source),
            said(&moment.what),
        ]);
    }
    table
}

/// A row per break of a playlist: number, id, outcome, how its request ended.
fn breaks(breaks: &[BreakStory<'_>]) -> TextTable {
    let columns = [("", Align::Right), ("break", Align::Left), ("outcome", Align::Left), ("", Align::Left)];
    let mut table = TextTable::new(columns);
    for (number, one) in breaks.iter().enumerate() {
        let reason = one.result.reason.as_ref().map(ToString::to_string).unwrap_or_default();
        let ending = one.story.as_ref().map_or(reason, |story| story.ending.to_string());
        table.row([
            StyledText::plain(&(number + 1).to_string()),
            StyledText::plain(one.result.ad_break.break_id.as_deref().unwrap_or("no id")),
            StyledText::new(&sources::words(one.result.outcome), sources::style(one.result.outcome)),
            StyledText::plain(&sources::FLAGS.in_text(&ending)),
        ]);
    }
    table
}

/// A row per limit: time, limit, source, document, what it cut.
fn limits(limits: &[LimitHit<'_>]) -> TextTable {
    let columns = [("at", Align::Right), ("limit", Align::Left), ("source", Align::Left), ("hop", Align::Right)];
    let [at, limit, source, hop] = columns;
    let mut table = TextTable::new([at, limit, source, hop, ("", Align::Left)]);
    for hit in limits {
        table.row([
            StyledText::new(&hit.at.map_or_else(String::new, elapsed), TextStyle::Secondary),
            StyledText::plain(hit.kind.as_str()),
            StyledText::plain(hit.source.unwrap_or_default()),
            StyledText::plain(&hit.hop.to_string()),
            StyledText::plain(&sources::FLAGS.in_text(&hit.message)),
        ]);
    }
    table
}

/// A row per kind of tracker: when it is called, how many, the events. With `all` a row per URL instead.
fn trackers(story: &Story<'_>, all: bool) -> TextTable {
    let columns = [("when", Align::Left), ("event", Align::Left), ("number", Align::Right), ("URL", Align::Left)];
    let mut table = TextTable::new(columns);
    let due = &story.due;
    let mut row = |when: &str, event: &str, number: usize, urls: &mut dyn Iterator<Item = &str>| {
        let [when, event] = [StyledText::new(when, TextStyle::Secondary), StyledText::plain(event)];
        if !all {
            table.row([when, event, StyledText::plain(&number.to_string()), StyledText::default()]);
            return;
        }
        for url in urls {
            table.row([when.clone(), event.clone(), StyledText::default(), StyledText::plain(url)]);
        }
    };
    for beacon in due.tracked {
        row(beacon.state.as_str(), beacon.event.as_str(), 1, &mut std::iter::once(&*beacon.url));
    }
    if !due.reports.is_empty() {
        row("due now", "error report", due.reports.len(), &mut due.report_urls());
    }
    for event in due.ads.iter().flatten() {
        row("at play", &event.event, event.trackers.len(), &mut event.trackers.iter().map(|tracker| &**tracker.url));
    }
    table
}
