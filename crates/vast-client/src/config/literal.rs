//! Values in the form that users write: durations (`1500ms`, `3s`, `1m 30s`) and sizes (`1920x1080`).

use std::time::Duration;

use jiff::fmt::friendly::SpanParser;

/// Reads a duration with a unit: `250ms`, `3s`, `1.5s`, `1m 30s`.
///
/// # Errors
/// A sentence that gives the accepted forms, for a number without a unit, a negative duration or any other text.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    static PARSER: SpanParser = SpanParser::new();
    let text = text.trim();
    if text.parse::<f64>().is_ok() {
        return Err(format!("`{text}` has no unit: write `{text}s` or `{text}ms`"));
    }
    let parsed = PARSER.parse_duration(text).ok().and_then(|duration| Duration::try_from(duration).ok());
    parsed.ok_or_else(|| format!("`{text}` is not a duration: write for example `1500ms` or `3s`"))
}

/// Reads a size in pixels: `1920x1080`.
///
/// # Errors
/// A sentence that gives the accepted form.
pub fn parse_dimensions(text: &str) -> Result<(u32, u32), String> {
    let sides = text.trim().split_once(['x', 'X']);
    sides
        .and_then(|(width, height)| Some((width.trim().parse().ok()?, height.trim().parse().ok()?)))
        .ok_or_else(|| format!("`{text}` is not a size: write for example `1920x1080`"))
}
