//! Tables of a page.

use maud::{Markup, html};

/// The largest number of rows of a table. The JSON has the others.
pub(super) const MOST_ROWS: usize = 500;

/// A table that scrolls sideways where the page is narrow. A column has a heading and a class.
pub(super) fn table(name: &str, columns: &[(&str, &str)], rows: &Markup) -> Markup {
    html! {
        div.scroll tabindex="0" role="group" aria-label=(name) {
            table {
                thead { tr { @for (heading, class) in columns { th scope="col" class=(class) { (heading) } } } }
                tbody { (rows) }
            }
        }
    }
}

/// A note about the rows above the limit.
pub(super) fn rest(all: usize, shown: usize) -> Markup {
    html! {
        @if all > shown { p.note { "The first " (shown) " of " (all) ". The JSON of the request has all of them." } }
    }
}
