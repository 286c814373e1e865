//! The story of a request in a terminal. What it says is decided by `vast-explain`.

use vast_explain::{Story, StoryCell, StorySection, Tone};

use super::sources;
use super::units::count;
use crate::render::layout::{Align, HumanOptions, Page, StyledText, TextStyle, TextTable};

/// The story as text for people.
pub(crate) fn story(story: &Story<'_>, options: HumanOptions) -> String {
    let mut page = Page::new(options);
    page.line(&headline(story));
    for section in story.sections(page.is_verbose()) {
        if !section.rows.is_empty() {
            page.section(section.heading, table(&section));
        }
        match section.total {
            Some(total) if section.rows.is_empty() => {
                page.blank();
                let noun = section.heading.strip_suffix('s').unwrap_or(section.heading);
                page.line(&StyledText::new(&format!("{}; -v lists them", count(total, noun)), TextStyle::Secondary));
            }
            Some(total) => {
                let text = format!("the first {} of {total} steps; -v shows all", section.rows.len());
                page.line(&StyledText::new(&text, TextStyle::Secondary));
            }
            None => {}
        }
    }
    page.finish()
}

fn headline(story: &Story<'_>) -> StyledText {
    let tone = story.ending.tone();
    let mark = if tone == Tone::Good { '✓' } else { '✗' };
    let style = if tone == Tone::Good { TextStyle::Success } else { TextStyle::Failure };
    StyledText::new(&format!("{mark} {}", story.ending), style)
}

/// The table of a section.
pub(super) fn table(section: &StorySection) -> TextTable {
    let align = |is_number: bool| if is_number { Align::Right } else { Align::Left };
    let columns = section.columns.iter().map(|column| (column.name, align(column.is_number)));
    TextTable::of(columns, section.rows.iter().map(|row| row.iter().map(cell).collect()).collect())
}

/// The text of a cell with flags in place of keys.
fn cell(cell: &StoryCell) -> StyledText {
    let style = cell.tone.map_or(TextStyle::Plain, style);
    if cell.has_keys {
        StyledText::new(&sources::FLAGS.in_text(&cell.text), style)
    } else {
        StyledText::new(&cell.text, style)
    }
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
