//! Replaces macros in a URL, in one pass over it: what was put in is never looked at again.

use super::encode::push;
use super::table::{Context, Macro, Support};
use super::values::{Value, Values};
use memchr::{memchr, memmem};
use std::borrow::Cow;

/// Longer names than this are not looked for.
const LONGEST_NAME: usize = 64;

/// What a macro without a value becomes.
const UNKNOWN: &str = "-1";
/// What a withheld one becomes.
const WITHHELD: &str = "-2";

/// Whether there may be a macro in a URL: every spelling begins with one of three characters. Most URLs have none, and
/// whoever has to make values first can save that.
pub fn may_occur(template: &str) -> bool {
    memchr::memchr3(b'[', b'%', b'$', template.as_bytes()).is_some()
}

/// Replaces the macros of the standard in a URL from a document.
///
/// Understood are `[NAME]`, `%5BNAME%5D` and `%%NAME%%`. Values are encoded ([`encode`](super::encode)). A macro that may be
/// left out and has no value becomes `-1`, a withheld one `-2`; so does one that has no meaning in this context, but for
/// `ERRORCODE`, `REASON` and `CLICKPOS`, which stay. What is not in the registry stays as it is, and so does a required macro
/// without a value.
pub fn expand<'t>(template: &'t str, context: Context, values: &Values) -> Cow<'t, str> {
    replace(template, &mut |name, form, into| match form {
        Form::Dollar => false,
        Form::Bracket | Form::EncodedBracket | Form::Percent => standard(name, context, values, into),
    })
}

/// As [`expand`], but never builds more than `limit` bytes.
///
/// # Errors
///
/// [`TooLong`] as soon as the expanded URL has more; nothing is built beyond that point.
pub fn expand_within<'t>(
    template: &'t str,
    context: Context,
    values: &Values,
    limit: usize,
) -> Result<Cow<'t, str>, TooLong> {
    replace_within(template, limit, &mut |name, form, into| match form {
        Form::Dollar => false,
        Form::Bracket | Form::EncodedBracket | Form::Percent => standard(name, context, values, into),
    })
}

/// A URL that has more bytes than allowed when its macros are replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TooLong {
    /// How many bytes are allowed.
    pub limit: usize,
}

impl std::fmt::Display for TooLong {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "the URL has more than {} bytes with its macros replaced", self.limit)
    }
}

impl std::error::Error for TooLong {}

/// Replaces macros in the operator's own tag: those of the standard as [`expand`] does for [`Context::AdRequest`], and
/// declared names ([`Values::declare`]) in all forms, `${NAME}` too.
pub fn expand_own_tag<'t>(template: &'t str, values: &Values) -> Cow<'t, str> {
    replace(template, &mut |name, form, into| {
        if let Some(value) = values.declared(name) {
            push(into, value);
            return true;
        }
        form != Form::Dollar && standard(name, Context::AdRequest, values, into)
    })
}

/// Appends what a name of the standard stands for; false leaves it as it is.
fn standard(name: &str, context: Context, values: &Values, into: &mut String) -> bool {
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

/// How a macro is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// `[NAME]`
    Bracket,
    /// `%5BNAME%5D`
    EncodedBracket,
    /// `%%NAME%%`
    Percent,
    /// `${NAME}`
    Dollar,
}

impl Form {
    /// The form that begins here, and the length of its beginning.
    fn starting(text: &[u8]) -> Option<(Form, usize)> {
        match text {
            [b'[', ..] => Some((Form::Bracket, 1)),
            [b'%', b'%', ..] => Some((Form::Percent, 2)),
            [b'%', b'5', b'B' | b'b', ..] => Some((Form::EncodedBracket, 3)),
            [b'$', b'{', ..] => Some((Form::Dollar, 2)),
            _ => None,
        }
    }

    /// Where the name in `text` ends, and the length of what closes it.
    fn end(self, text: &[u8]) -> Option<(usize, usize)> {
        let window = &text[..text.len().min(LONGEST_NAME + 3)];
        match self {
            Form::Bracket => Some((memchr(b']', window)?, 1)),
            Form::Percent => Some((memmem::find(window, b"%%")?, 2)),
            Form::Dollar => Some((memchr(b'}', window)?, 1)),
            Form::EncodedBracket => {
                let end = memchr(b'%', window)?;
                matches!(window.get(end + 1..end + 3), Some(b"5D" | b"5d")).then_some((end, 3))
            }
        }
    }
}

/// Appends the value of a name and says so, or does nothing.
type Append<'a> = &'a mut dyn FnMut(&str, Form, &mut String) -> bool;

fn replace<'t>(template: &'t str, append: Append<'_>) -> Cow<'t, str> {
    replace_within(template, usize::MAX, append).unwrap_or(Cow::Borrowed(template))
}

fn replace_within<'t>(template: &'t str, limit: usize, append: Append<'_>) -> Result<Cow<'t, str>, TooLong> {
    let mut expanded = String::new();
    let mut value = String::new();
    let mut done = 0;
    let mut at = 0;
    while let Some(found) = memchr::memchr3(b'[', b'%', b'$', &template.as_bytes()[at..]) {
        let start = at + found;
        at = start + 1;
        let Some((form, name, end)) = candidate(template, start) else { continue };
        value.clear();
        if append(name, form, &mut value) {
            if expanded.len() + (start - done) + value.len() > limit {
                return Err(TooLong { limit });
            }
            expanded.push_str(&template[done..start]);
            expanded.push_str(&value);
            (done, at) = (end, end);
        }
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

/// The macro that may begin at `start`: its form, its name and where it ends.
fn candidate(template: &str, start: usize) -> Option<(Form, &str, usize)> {
    let text = &template.as_bytes()[start..];
    let (form, opening) = Form::starting(text)?;
    let (length, closing) = form.end(&text[opening..])?;
    let name = template.get(start + opening..start + opening + length)?;
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
    is_name.then_some((form, name, start + opening + length + closing))
}
