//! The parameters of a request as texts, each at most once.

use std::borrow::Cow;
use std::fmt;

use url::form_urlencoded;

use crate::parameter::{HEADER_PREFIX, MACRO_PREFIX, Parameter, TABLE, row_of};

/// The longest path and query, in bytes.
pub(crate) const MAX_URL_BYTES: usize = 8 << 10;
/// The largest number of parameters.
const MAX_PARAMETERS: usize = 200;
/// Room for the parameters that a tag usually has.
const USUAL_PARAMETERS: usize = 8;

/// A parameter that cannot be used: the request is answered with 400.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BadParameter {
    pub(crate) name: String,
    pub(crate) problem: String,
}

impl BadParameter {
    pub(crate) fn new(name: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { name: name.into(), problem: problem.into() }
    }
}

impl fmt::Display for BadParameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.problem)
    }
}

/// The parameters of a request. Those of a query are parts of its text where nothing in them is encoded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Query<'q> {
    known: Vec<(Parameter, Cow<'q, str>)>,
    /// A bit for each of `known`. Most parameters that are looked up are not there.
    has: u64,
    /// `m.NAME`, without the prefix.
    pub(crate) macros: Vec<(Cow<'q, str>, Cow<'q, str>)>,
    /// `h.NAME`, without the prefix and in lower case.
    pub(crate) headers: Vec<(String, Cow<'q, str>)>,
    /// The names that have no meaning.
    pub(crate) unknown: Vec<Cow<'q, str>>,
}

impl<'q> Query<'q> {
    /// Reads a query.
    ///
    /// # Errors
    /// A parameter that is repeated, is not UTF-8 or has a control character.
    pub(crate) fn parse(query: &'q str) -> Result<Self, BadParameter> {
        let mut read = Self::default();
        pairs_of(query).try_for_each(|(name, value)| read.add(name, value))?;
        Ok(read)
    }

    /// Adds a parameter.
    ///
    /// # Errors
    /// See [`parse`](Self::parse).
    pub(crate) fn add(
        &mut self,
        name: impl Into<Cow<'q, str>>,
        value: impl Into<Cow<'q, str>>,
    ) -> Result<(), BadParameter> {
        let (name, value) = (name.into(), value.into());
        let bad = |problem: String| {
            let shown: String = name.chars().filter(|char| !char.is_control()).take(64).collect();
            Err(BadParameter::new(shown, problem))
        };
        let row = row_of(&name);
        // A parameter may occur once. Otherwise one value could be checked and the other one be used.
        let is_known = match row {
            Some(row) => self.has & bit_of(row.parameter) != 0,
            None => self.named(&name).is_some() || self.unknown.contains(&name),
        };
        if is_known {
            return bad("is repeated".to_owned());
        }
        let Self { known, has, macros, headers, unknown } = self;
        if known.len() + macros.len() + headers.len() + unknown.len() >= MAX_PARAMETERS {
            return bad(format!("is one of more than {MAX_PARAMETERS} parameters"));
        }
        // A line break could add a header to the request to an ad server.
        if is_unreadable(&name) || is_unreadable(&value) {
            return bad("has a control character, or is not UTF-8".to_owned());
        }
        if let Some(row) = row {
            if known.is_empty() {
                known.reserve(USUAL_PARAMETERS);
            }
            known.push((row.parameter, value));
            *has |= bit_of(row.parameter);
        } else if let Some(name) = without_prefix(&name, MACRO_PREFIX) {
            macros.push((name, value));
        } else if let Some(name) = name.strip_prefix(HEADER_PREFIX) {
            headers.push((name.to_ascii_lowercase(), value));
        } else {
            unknown.push(name);
        }
        Ok(())
    }

    /// The value of a parameter; `None` also for an empty one, because ad tags are filled with empty values where nothing is known.
    #[inline]
    pub(crate) fn get(&self, parameter: Parameter) -> Option<&str> {
        if self.has & bit_of(parameter) == 0 { None } else { self.find(parameter) }
    }

    fn find(&self, parameter: Parameter) -> Option<&str> {
        let found = self.known.iter().find(|(known, _)| *known == parameter);
        found.map(|(_, value)| &**value).filter(|value| !value.is_empty())
    }

    /// The value of the parameter with this name, of any kind with a meaning, as it was sent.
    pub(crate) fn named(&self, name: &str) -> Option<&str> {
        if let Some(row) = row_of(name) {
            return self.known.iter().find(|(known, _)| *known == row.parameter).map(|(_, value)| &**value);
        }
        if let Some(name) = name.strip_prefix(MACRO_PREFIX) {
            return self.macros.iter().find(|(known, _)| known == name).map(|(_, value)| &**value);
        }
        let name = name.strip_prefix(HEADER_PREFIX)?;
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| &**value)
    }
}

const _: () = assert!(TABLE.len() <= 64, "each parameter has a bit");

/// The bit of a parameter in [`Query::has`].
const fn bit_of(parameter: Parameter) -> u64 {
    1 << parameter as u32
}

/// The names and values of a query. Where nothing is encoded, as in most, they are parts of the text.
fn pairs_of(query: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    let mut rest = query;
    let pairs = std::iter::from_fn(move || {
        let pair = (!rest.is_empty()).then(|| RawPair::first_of(rest))?;
        rest = rest.get(pair.text.len() + 1..).unwrap_or_default();
        Some(pair)
    });
    pairs.filter_map(|pair| {
        if pair.is_encoded {
            return form_urlencoded::parse(pair.text.as_bytes()).next();
        }
        let (name, value) = pair.equals.map_or((pair.text, ""), |at| (&pair.text[..at], &pair.text[at + 1..]));
        (!pair.text.is_empty()).then_some((Cow::Borrowed(name), Cow::Borrowed(value)))
    })
}

/// A name and a value as they stand in a query.
struct RawPair<'q> {
    text: &'q str,
    /// The place of the first `=`.
    equals: Option<usize>,
    is_encoded: bool,
}

impl<'q> RawPair<'q> {
    /// The pair before the first `&`. Pairs are so short that a search for many bytes at once takes longer.
    fn first_of(query: &'q str) -> Self {
        let (mut equals, mut is_encoded) = (None, false);
        for (at, byte) in query.bytes().enumerate() {
            match byte {
                b'&' => return Self { text: &query[..at], equals, is_encoded },
                b'=' if equals.is_none() => equals = Some(at),
                b'%' | b'+' => is_encoded = true,
                _ => {}
            }
        }
        Self { text: query, equals, is_encoded }
    }
}

/// Whether the text has a control character, or is not what was sent because that is not UTF-8.
fn is_unreadable(text: &str) -> bool {
    // Most texts are short and printable ASCII.
    let is_plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    !is_plain && text.chars().any(|char| char.is_control() || char == char::REPLACEMENT_CHARACTER)
}

/// The rest of a name with this prefix.
fn without_prefix<'q>(name: &Cow<'q, str>, prefix: &str) -> Option<Cow<'q, str>> {
    match name {
        Cow::Borrowed(name) => name.strip_prefix(prefix).map(Cow::Borrowed),
        Cow::Owned(name) => name.strip_prefix(prefix).map(|rest| Cow::Owned(rest.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_read_with_each_name_once() {
        let query = Query::parse("w=640&m.genre=news+%26+sport&h.Accept=x&correlator=1&ua=").expect("a query");
        assert_eq!(query.get(Parameter::Width), Some("640"));
        assert_eq!(query.get(Parameter::UserAgent), None);
        assert_eq!(query.macros, [(Cow::from("genre"), Cow::from("news & sport"))]);
        assert_eq!(query.headers, [("accept".to_owned(), Cow::from("x"))]);
        assert_eq!(query.unknown, ["correlator"]);
        assert_eq!(
            (query.named("w"), query.named("m.genre"), query.named("ua")),
            (Some("640"), Some("news & sport"), Some(""))
        );
    }

    #[test]
    fn a_query_is_split_as_a_form_is() {
        for query in [
            "",
            "&",
            "a",
            "=",
            "=b",
            "a=",
            "a=b=c&&d=1&",
            "a+b=c&d=e+f&g=%20&h=%",
            "%=1",
            "a=%zz&b",
            "a%3Db=c",
            "\u{e4}=\u{f6}",
        ] {
            let expected: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
            assert_eq!(pairs_of(query).collect::<Vec<_>>(), expected, "{query}");
        }
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        let many: String = (0..=MAX_PARAMETERS).map(|number| format!("p{number}=1&")).collect();
        for (query, name) in [
            ("w=1&w=2", "w"),
            ("x=1&x=1", "x"),
            ("m.genre=1&m.genre=2", "m.genre"),
            ("h.accept=1&h.Accept=2", "h.Accept"),
            ("ua=\u{85}", "ua"),
            ("ua=a%0d%0aX-Admin:1", "ua"),
            ("m.genre=%00", "m.genre"),
            ("sid=%ff", "sid"),
            (&*many, "p200"),
        ] {
            assert_eq!(Query::parse(query).map_err(|bad| bad.name), Err(name.to_owned()), "{query:.40}");
        }
    }
}
