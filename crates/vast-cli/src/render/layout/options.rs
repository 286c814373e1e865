//! [`HumanOptions`]: width, colours and detail of the text for people.

use std::io::IsTerminal;

use terminal_size::{Height, Width};

/// The width that is used if the terminal does not report its width.
const DEFAULT_WIDTH: usize = 100;
/// The range of widths. Narrower tables cannot be aligned, and longer lines are hard to read.
const WIDTHS: std::ops::RangeInclusive<usize> = 40..=160;

/// The width for a pipe or a file, where lines have no limit. No text is as wide as this.
pub(crate) const UNLIMITED: usize = usize::MAX >> 8;

/// The options for printing results for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct HumanOptions {
    /// The largest number of columns in a line, or [`UNLIMITED`].
    pub(crate) width: usize,
    /// Whether colours are used. The text has the same information without them.
    pub(crate) colour: bool,
    /// Whether warnings, judged ads, tracker URLs and all errors are listed. Otherwise they are only counted.
    pub(crate) verbose: bool,
}

impl HumanOptions {
    /// The options for stdout, with its width.
    pub(crate) fn for_stdout(colour: bool, verbose: bool) -> Self {
        Self { width: stdout_width(), colour, verbose }
    }
}

/// The width of text on stdout: `COLUMNS`, else that of the terminal. If both are unknown, nothing is wrapped or
/// shortened.
fn stdout_width() -> usize {
    let columns = std::env::var("COLUMNS").ok();
    let stdout = std::io::stdout();
    let terminal = stdout.is_terminal().then(|| terminal_size::terminal_size_of(&stdout));
    width_of(columns.as_deref(), terminal.map(columns_of))
}

/// The width of the progress line on stderr, which is a terminal.
pub(crate) fn stderr_width() -> usize {
    let columns = std::env::var("COLUMNS").ok();
    width_of(columns.as_deref(), Some(columns_of(terminal_size::terminal_size_of(std::io::stderr()))))
}

fn columns_of(size: Option<(Width, Height)>) -> usize {
    size.map_or(DEFAULT_WIDTH, |(Width(columns), _)| usize::from(columns))
}

fn width_of(columns: Option<&str>, terminal: Option<usize>) -> usize {
    let columns = columns.and_then(|columns| columns.trim().parse().ok()).filter(|columns| *columns > 0);
    columns.or(terminal).map_or(UNLIMITED, |width| width.clamp(*WIDTHS.start(), *WIDTHS.end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_overrides_the_terminal_and_without_both_there_is_no_limit() {
        let cases = [
            (Some("72"), Some(120), 72),
            (Some("72"), None, 72),
            (Some("wide"), Some(120), 120),
            (Some("0"), None, UNLIMITED),
            (None, None, UNLIMITED),
            (None, Some(7), 40),
            (Some("9999"), None, 160),
        ];
        for (columns, terminal, expected) in cases {
            assert_eq!(width_of(columns, terminal), expected, "{columns:?} {terminal:?}");
        }
    }
}
