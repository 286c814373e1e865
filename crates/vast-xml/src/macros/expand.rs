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
/// The room for what the values of a URL are longer than their macros.
const VALUE_ROOM: usize = 32;

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

/// What stands in a URL in place of a macro.
enum Replacement<'v> {
    /// A value of the standard.
    Value(&'v Value<'static>),
    /// A text that is encoded.
    Text(&'v str),
    /// The macro has no value.
    Unknown,
}

/// What replaces a macro of the standard; `None` if it must not be replaced.
fn of_standard<'v>(name: &str, context: Context, values: &'v Values) -> Option<Replacement<'v>> {
    let name = Macro::from_name(name)?;
    if !name.applies_to(context) {
        return (!name.scope().is_special()).then_some(Replacement::Unknown);
    }
    match values.get(name) {
        Some(value) => Some(Replacement::Value(value)),
        None => (name.support() != Support::Required).then_some(Replacement::Unknown),
    }
}

impl Replacement<'_> {
    fn append(&self, into: &mut String) {
        match self {
            Self::Text(text) => push(into, text),
            Self::Value(Value::Text(text)) => push(into, text),
            Self::Value(Value::Raw(text)) => into.push_str(text),
            Self::Value(Value::Separated(text)) => join(text.split(','), into),
            Self::Value(Value::List(items)) if !items.is_empty() => join(items.iter().map(|item| &**item), into),
            Self::Value(Value::Withheld) => into.push_str(WITHHELD),
            Self::Value(Value::List(_)) | Self::Unknown => into.push_str(UNKNOWN),
        }
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
        let (mut done, mut at) = (0, 0);
        while let Some(found) = self.next_start(&template.as_bytes()[at..]) {
            let start = at + found;
            at = start + 1;
            let Some((replacement, end)) = self.replacement_at(template, start) else { continue };
            if done == 0 {
                // Most values are about as long as their macros.
                expanded.reserve((template.len() + VALUE_ROOM).min(limit));
            }
            expanded.push_str(&template[done..start]);
            replacement.append(&mut expanded);
            if expanded.len() > limit {
                return Err(TooLong { limit });
            }
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

    /// What replaces the macro that begins at `start`, and the end of the macro.
    fn replacement_at(&self, template: &str, start: usize) -> Option<(Replacement<'_>, usize)> {
        if let Some((spelling, name, end)) = macro_at(template, start)
            && let Some(replacement) = self.named(name, spelling)
        {
            return Some((replacement, end));
        }
        let (token, value) = self.values.foreign()?.at_start(&template[start..])?;
        Some((Replacement::Text(value), start + token.len()))
    }

    fn named(&self, name: &str, spelling: Spelling) -> Option<Replacement<'_>> {
        let declared = if self.is_own_tag { self.values.declared(name) } else { None };
        match declared {
            Some(value) => Some(Replacement::Text(value)),
            None if spelling == Spelling::Dollar => None,
            None => of_standard(name, self.context, self.values),
        }
    }
}
