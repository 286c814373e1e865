//! [`HumanOptions`]: width, colours and detail of the text for people.

use terminal_size::Width;

/// The width when it is not known.
const DEFAULT_WIDTH: usize = 100;
/// The widths that are used: narrower tables cannot be aligned, longer lines are hard to read.
const WIDTHS: std::ops::RangeInclusive<usize> = 40..=160;

/// How results are printed for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct HumanOptions {
    /// The most columns of a line.
    pub(crate) width: usize,
    /// Whether colours are used. The text has the same information without them.
    pub(crate) colour: bool,
    /// Whether warnings, judged ads, tracker URLs and all errors are listed. Otherwise they are only counted.
    pub(crate) verbose: bool,
}

/// The width: `COLUMNS`, else that of the terminal, else 100; at least 40 and at most 160.
pub(crate) fn width() -> usize {
    let wanted = std::env::var("COLUMNS").ok();
    let terminal = terminal_size::terminal_size().map(|(Width(columns), _)| usize::from(columns));
    width_of(wanted.as_deref(), terminal)
}

fn width_of(wanted: Option<&str>, terminal: Option<usize>) -> usize {
    let wanted = wanted.and_then(|columns| columns.trim().parse().ok()).filter(|columns| *columns > 0);
    wanted.or(terminal).unwrap_or(DEFAULT_WIDTH).clamp(*WIDTHS.start(), *WIDTHS.end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_overrides_the_terminal_within_bounds() {
        let cases = [
            (Some("72"), Some(120), 72),
            (Some("wide"), Some(120), 120),
            (Some("0"), None, 100),
            (None, Some(7), 40),
            (Some("9999"), None, 160),
        ];
        for (wanted, terminal, expected) in cases {
            assert_eq!(width_of(wanted, terminal), expected, "{wanted:?} {terminal:?}");
        }
    }
}
