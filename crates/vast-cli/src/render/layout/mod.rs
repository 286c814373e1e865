//! Text for a terminal: styled text, aligned tables, labelled fields, lines that fit the width.
//!
//! Every text passes through [`StyledText`], which escapes control characters, and through [`Page`], which keeps to the width.

mod excerpt;
mod options;
mod page;
mod styled_text;
mod table;
mod text;

pub(crate) use excerpt::Excerpt;
pub(crate) use options::{HumanOptions, UNLIMITED, stderr_width};
pub(crate) use page::Page;
pub(crate) use page::{heading, paragraph};
pub(crate) use styled_text::{StyledText, TextStyle};
pub(crate) use table::{Align, TextTable};
pub(crate) use text::{columns, shorten, wrap};
