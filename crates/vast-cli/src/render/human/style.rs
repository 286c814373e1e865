//! Pieces of text and how they look.

use owo_colors::{OwoColorize, Style};

use super::text;

/// What a piece of text means to the eye.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Paint {
    /// The data.
    #[default]
    Plain,
    /// The name of what follows.
    Strong,
    /// What is there for completeness: labels, headings, what did not take part.
    Dim,
    /// Success.
    Good,
    /// Neither success nor failure.
    Doubtful,
    /// Failure.
    Bad,
}

impl Paint {
    /// `text` in this look, or as it is where there are no colours.
    pub(super) fn apply(self, text: &str, colour: bool) -> String {
        match self.style() {
            Some(style) if colour && !text.is_empty() => text.style(style).to_string(),
            _ => text.to_owned(),
        }
    }

    fn style(self) -> Option<Style> {
        match self {
            Self::Plain => None,
            Self::Strong => Some(Style::new().bold()),
            Self::Dim => Some(Style::new().dimmed()),
            Self::Good => Some(Style::new().green()),
            Self::Doubtful => Some(Style::new().yellow()),
            Self::Bad => Some(Style::new().red()),
        }
    }
}

/// A piece of text and its look. Whatever it is made of, it holds no control characters: nothing reaches the output but
/// through here.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Piece {
    text: String,
    paint: Paint,
}

impl Piece {
    /// `text`, which may come from anywhere, in this look.
    pub(super) fn new(text: &str, paint: Paint) -> Self {
        Self { text: text::clean(text), paint }
    }

    /// `text`, which may come from anywhere, in the usual look.
    pub(super) fn plain(text: &str) -> Self {
        Self::new(text, Paint::Plain)
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn paint(&self) -> Paint {
        self.paint
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    pub(super) fn width(&self) -> usize {
        text::width(&self.text)
    }

    /// The lines of the piece at `width` columns, painted.
    pub(super) fn lines(&self, width: usize, most: usize, colour: bool) -> Vec<String> {
        text::wrap(&self.text, width, most).iter().map(|line| self.paint.apply(line, colour)).collect()
    }
}
