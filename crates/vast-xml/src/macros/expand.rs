//! Replaces macros in a URL, in one pass: macros in a value that was filled in are not replaced.

use super::encode::push;
use super::spelling::{Spelling, is_macro_start, macro_at, next_macro};
use super::table::{Context, Macro, Support};
use super::values::{Value, Values};
use std::borrow::Cow;

/// The text for a macro without a value.
const UNKNOWN: &str = "-1";
/// The text for a macro whose value is withheld.
const WITHHELD: &str = "-2";

/// Replaces the macros of the standard and the foreign macros of `values` in a URL from a document.
///
/// The accepted forms are `[NAME]`, `%5BNAME%5D` and `%%NAME%%`. Values are encoded ([`encode`](super::encode)). An
/// optional macro without a value becomes `-1`, and a macro whose value is withheld becomes `-2`. A macro that has no
/// meaning in this context becomes `-1` too, except `ERRORCODE`, `REASON` and `CLICKPOS`, which are not replaced. A
/// required macro without a value and names that are not in the registry are not replaced either.
pub fn expand<'t>(template: &'t str, context: Context, values: &Values) -> Cow<'t, str> {
    expand_within(template, context, values, usize::MAX).unwrap_or(Cow::Borrowed(template))
}

/// Like [`expand`], but never builds more than `limit` bytes.
///
/// # Errors
///
/// [`TooLong`] as soon as the expanded URL exceeds the limit; the rest of the URL is not built.
pub fn expand_within<'t>(
    template: &'t str,
    context: Context,
    values: &Values,
    limit: usize,
) -> Result<Cow<'t, str>, TooLong> {
    Pass { values, context, is_own_tag: false }.run(template, limit)
}

/// Replaces macros in the operator's own tag. Macros of the standard are replaced as by [`expand`] with
/// [`Context::AdRequest`]. Foreign macros and declared names ([`Values::declare`]) are replaced too; declared names may
/// also have the form `${NAME}`.
pub fn expand_own_tag<'t>(template: &'t str, values: &Values) -> Cow<'t, str> {
    let pass = Pass { values, context: Context::AdRequest, is_own_tag: true };
    pass.run(template, usize::MAX).unwrap_or(Cow::Borrowed(template))
}

/// The error for a URL that exceeds the limit after its macros are replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TooLong {
    /// The limit in bytes.
    pub limit: usize,
}

impl std::fmt::Display for TooLong {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "the URL has more than {} bytes with its macros replaced", self.limit)
    }
}

impl std::error::Error for TooLong {}

/// Appends the value of a macro of the standard. Returns false if the macro must not be replaced.
fn append_standard(name: &str, context: Context, values: &Values, into: &mut String) -> bool {
    let Some(name) = Macro::from_name(name) else { return false };
    if !name.applies_to(context) {
        if name.scope().is_special() {
            return false;
        }
        into.push_str(UNKNOWN);
        return true;
    }
    match values.get(name) {
        Some(value) => append(value, into),
        None if name.support() == Support::Required => return false,
        None => into.push_str(UNKNOWN),
    }
    true
}

fn append(value: &Value<'_>, into: &mut String) {
    match value {
        Value::Text(text) => push(into, text),
        Value::Raw(text) => into.push_str(text),
        Value::Separated(text) => join(text.split(','), into),
        Value::List(items) if items.is_empty() => into.push_str(UNKNOWN),
        Value::List(items) => join(items.iter().map(|item| &**item), into),
        Value::Withheld => into.push_str(WITHHELD),
    }
}

fn join<'a>(items: impl Iterator<Item = &'a str>, into: &mut String) {
    for (index, item) in items.enumerate() {
        if index > 0 {
            into.push(',');
        }
        push(into, item);
    }
}

/// One pass over a URL.
struct Pass<'v> {
    values: &'v Values,
    context: Context,
    is_own_tag: bool,
}

impl Pass<'_> {
    fn run<'t>(&self, template: &'t str, limit: usize) -> Result<Cow<'t, str>, TooLong> {
        let mut expanded = String::new();
        let mut value = String::new();
        let mut done = 0;
        let mut at = 0;
        while let Some(found) = self.next_start(&template.as_bytes()[at..]) {
            let start = at + found;
            at = start + 1;
            value.clear();
            let Some(end) = self.append_at(template, start, &mut value) else { continue };
            if expanded.len() + (start - done) + value.len() > limit {
                return Err(TooLong { limit });
            }
            if done == 0 {
                // Most values are about as long as their macros.
                expanded.reserve((template.len() + value.len()).min(limit));
            }
            expanded.push_str(&template[done..start]);
            expanded.push_str(&value);
            (done, at) = (end, end);
        }
        if expanded.len() + (template.len() - done) > limit {
            return Err(TooLong { limit });
        }
        if done == 0 {
            return Ok(Cow::Borrowed(template));
        }
        expanded.push_str(&template[done..]);
        Ok(Cow::Owned(expanded))
    }

    /// The index of the next byte that can begin a macro.
    fn next_start(&self, text: &[u8]) -> Option<usize> {
        match self.values.foreign() {
            None => next_macro(text),
            Some(foreign) => text.iter().position(|byte| is_macro_start(*byte) || foreign.begins_with(*byte)),
        }
    }

    /// Appends the value of the macro that begins at `start`. Returns the end of the macro.
    fn append_at(&self, template: &str, start: usize, into: &mut String) -> Option<usize> {
        if let Some((spelling, name, end)) = macro_at(template, start)
            && self.append_named(name, spelling, into)
        {
            return Some(end);
        }
        let (token, value) = self.values.foreign()?.at_start(&template[start..])?;
        push(into, value);
        Some(start + token.len())
    }

    fn append_named(&self, name: &str, spelling: Spelling, into: &mut String) -> bool {
        let declared = if self.is_own_tag { self.values.declared(name) } else { None };
        if let Some(value) = declared {
            push(into, value);
            return true;
        }
        spelling != Spelling::Dollar && append_standard(name, self.context, self.values, into)
    }
}
