//! Events of many kinds, and the lines of them, for tests that compare our lines with those of the library.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

/// The number of lines of [`emit_all`].
pub(super) const LINES: usize = 7;

/// Lines in memory.
#[derive(Clone, Default)]
pub(super) struct WrittenLines(Arc<Mutex<Vec<u8>>>);

impl WrittenLines {
    pub(super) fn text(&self) -> String {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        String::from_utf8(bytes).unwrap_or_default()
    }
}

impl Write for WrittenLines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Events with all kinds of fields, without spans and in spans.
pub(super) fn emit_all() {
    let none: Option<&str> = None;
    tracing::info!(outcome = "filled", status = 200_u16, none, share = 0.5, is_on = true, "served");
    tracing::warn!(
        "a name \" of a field" = 1,
        text = "\" \\ \n \u{1} \u{e4} </>",
        change = -3,
        r#type = u64::MAX,
        "with {}",
        "\"quotes\" and \u{1b}[1m"
    );
    tracing::warn!(debug = ?Some("x"), empty = "", tilde = "~'\u{7f}", r#type = "a", last = "a b");
    let problem = io::Error::other(io::Error::other("inner \u{7}"));
    tracing::error!(error = &problem as &(dyn std::error::Error + 'static), message = "text \"of\" a field");
    let outer = tracing::info_span!("outer", id = "a\"b", later = tracing::field::Empty, number = 7).entered();
    outer.record("later", 7);
    tracing::error!("in a span");
    let _inner = tracing::debug_span!("inner").entered();
    tracing::debug!(first = "x", "in two spans");
    tracing::trace!(target: "other", number = f64::NAN, "in two spans, of another target");
}
