//! The part of a page that a story fills, and lists of sentences.

use maud::{Markup, html};

use super::shown::shown;
use crate::statement::Statement;

/// The part of the page that a story fills: the whole page, or a break of a playlist.
pub(super) struct PagePart {
    /// The beginning of the ids of its elements, so that every id is unique.
    prefix: String,
    /// Whether it is a break.
    is_break: bool,
}

impl PagePart {
    pub(super) fn whole() -> Self {
        Self { prefix: String::new(), is_break: false }
    }

    pub(super) fn of_break(number: usize) -> Self {
        Self { prefix: format!("break-{number}-"), is_break: true }
    }

    /// A section with a heading, and an id for links to it.
    pub(super) fn section(&self, id: &str, heading: &str, content: &Markup) -> Markup {
        let id = format!("{}{id}", self.prefix);
        html! {
            section id=(id) {
                @if self.is_break { h3 { (heading) } } @else { h2 { (heading) } }
                (content)
            }
        }
    }

    /// A heading inside a section.
    pub(super) fn heading(&self, heading: &Markup) -> Markup {
        html! { @if self.is_break { h4 { (heading) } } @else { h3 { (heading) } } }
    }
}

/// A list of sentences, each with the mark of its tone.
pub(super) fn statements(statements: &[Statement]) -> Markup {
    html! {
        ul.statements {
            @for statement in statements { li class=(statement.tone.as_str()) { (shown(&statement.text)) } }
        }
    }
}
