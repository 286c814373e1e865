//! Text with a style.

use owo_colors::{OwoColorize, Style};

use super::text;
use crate::sanitize::sanitize;

/// The meaning of a text, which decides its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum TextStyle {
    /// Data, without a colour.
    #[default]
    Plain,
    /// The title of a section.
    Heading,
    /// Labels, column headings and details.
    Secondary,
    /// Success.
    Success,
    /// Neither success nor failure. The colour is not yellow, because yellow cannot be read on a light background.
    Warning,
    /// Failure.
    Failure,
}

impl TextStyle {
    /// `text` in this style, or unchanged without colours.
    pub(crate) fn apply(self, text: &str, colour: bool) -> String {
        match self.ansi() {
            Some(style) if colour && !text.is_empty() => text.style(style).to_string(),
            _ => text.to_owned(),
        }
    }

    fn ansi(self) -> Option<Style> {
        match self {
            Self::Plain => None,
            Self::Heading => Some(Style::new().bold()),
            Self::Secondary => Some(Style::new().dimmed()),
            Self::Success => Some(Style::new().green()),
            Self::Warning => Some(Style::new().magenta()),
            Self::Failure => Some(Style::new().red()),
        }
    }
}

/// Text with a style. It never contains control characters.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct StyledText {
    text: String,
    style: TextStyle,
}

impl StyledText {
    /// Untrusted `text` in this style.
    pub(crate) fn new(text: &str, style: TextStyle) -> Self {
        Self { text: sanitize(text), style }
    }

    /// Untrusted `text` without a colour.
    pub(crate) fn plain(text: &str) -> Self {
        Self::new(text, TextStyle::Plain)
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn style(&self) -> TextStyle {
        self.style
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    pub(crate) fn width(&self) -> usize {
        text::columns(&self.text)
    }

    /// The text in lines of at most `width` columns, with colours.
    pub(crate) fn lines(&self, width: usize, most: usize, colour: bool) -> Vec<String> {
        text::wrap(&self.text, width, most).iter().map(|line| self.style.apply(line, colour)).collect()
    }
}
