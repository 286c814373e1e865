//! For what kind of screen the text is.

use terminal_size::Width;

/// The width when nobody says: a comfortable line.
const DEFAULT_WIDTH: usize = 100;
/// Below this nothing can be aligned, above it the eye loses the line.
const WIDTHS: std::ops::RangeInclusive<usize> = 40..=160;

/// How a result is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct View {
    /// The columns a line may take.
    pub(crate) width: usize,
    /// Whether colours are used. The text says the same without them.
    pub(crate) colour: bool,
    /// Whether what is only counted otherwise is listed: warnings, judged ads, trackers' URLs, all errors.
    pub(crate) verbose: bool,
}

/// The width to write for: `COLUMNS`, else the terminal's, else 100; at least 40 and at most 160.
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
    fn columns_beat_the_terminal_and_both_have_bounds() {
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
