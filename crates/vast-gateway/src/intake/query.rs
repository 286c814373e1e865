//! The parameters of a request as texts, each at most once.

use std::fmt;

use url::form_urlencoded;

use crate::parameter::{HEADER_PREFIX, MACRO_PREFIX, Parameter, row_of};

/// The longest path and query, in bytes.
pub(crate) const MAX_URL_BYTES: usize = 8 << 10;
/// The largest number of parameters.
const MAX_PARAMETERS: usize = 200;

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

/// The parameters of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Query {
    known: Vec<(Parameter, String)>,
    /// `m.NAME`, without the prefix.
    pub(crate) macros: Vec<(String, String)>,
    /// `h.NAME`, without the prefix.
    pub(crate) headers: Vec<(String, String)>,
    /// The names that have no meaning.
    pub(crate) unknown: Vec<String>,
    /// All names so far.
    names: Vec<String>,
}

impl Query {
    /// Reads a query.
    ///
    /// # Errors
    /// A parameter that is repeated, is not UTF-8 or has a control character.
    pub(crate) fn parse(query: &str) -> Result<Self, BadParameter> {
        let mut read = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            read.add(&name, &value)?;
        }
        Ok(read)
    }

    /// Adds a parameter.
    ///
    /// # Errors
    /// See [`parse`](Self::parse).
    pub(crate) fn add(&mut self, name: &str, value: &str) -> Result<(), BadParameter> {
        let shown = || name.chars().filter(|char| !char.is_control()).take(64).collect::<String>();
        // One value could be checked and another one be used.
        if self.names.iter().any(|known| known == name) {
            return Err(BadParameter::new(shown(), "is repeated"));
        }
        if self.names.len() >= MAX_PARAMETERS {
            return Err(BadParameter::new(shown(), format!("is one of more than {MAX_PARAMETERS} parameters")));
        }
        // A line break could add a header to the request to an ad server.
        if value.chars().chain(name.chars()).any(|char| char.is_control() || char == char::REPLACEMENT_CHARACTER) {
            return Err(BadParameter::new(shown(), "has a control character, or is not UTF-8"));
        }
        self.names.push(name.to_owned());
        let value = value.to_owned();
        match (row_of(name), name.strip_prefix(MACRO_PREFIX), name.strip_prefix(HEADER_PREFIX)) {
            (Some(row), _, _) => self.known.push((row.parameter, value)),
            (None, Some(name), _) => self.macros.push((name.to_owned(), value)),
            (None, None, Some(name)) => self.headers.push((name.to_ascii_lowercase(), value)),
            (None, None, None) => self.unknown.push(name.to_owned()),
        }
        Ok(())
    }

    /// The value of a parameter; `None` also for an empty one, because ad tags are filled with empty values where nothing is known.
    pub(crate) fn get(&self, parameter: Parameter) -> Option<&str> {
        let found = self.known.iter().find(|(known, _)| *known == parameter);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The value of the parameter with this name, of any kind, as it was sent.
    pub(crate) fn named(&self, name: &str) -> Option<&str> {
        if let Some(row) = row_of(name) {
            return self.known.iter().find(|(known, _)| *known == row.parameter).map(|(_, value)| value.as_str());
        }
        let find = |list: &'_ [(String, String)], name: &str| list.iter().position(|(known, _)| known == name);
        match (name.strip_prefix(MACRO_PREFIX), name.strip_prefix(HEADER_PREFIX)) {
            (Some(name), _) => find(&self.macros, name).map(|at| self.macros[at].1.as_str()),
            (_, Some(name)) => find(&self.headers, name).map(|at| self.headers[at].1.as_str()),
            _ => None,
        }
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
        assert_eq!(query.macros, [("genre".to_owned(), "news & sport".to_owned())]);
        assert_eq!(query.headers, [("accept".to_owned(), "x".to_owned())]);
        assert_eq!(query.unknown, ["correlator"]);
        assert_eq!(
            (query.named("w"), query.named("m.genre"), query.named("ua")),
            (Some("640"), Some("news & sport"), Some(""))
        );
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        let many: String = (0..=MAX_PARAMETERS).map(|number| format!("p{number}=1&")).collect();
        for (query, name) in [
            ("w=1&w=2", "w"),
            ("x=1&x=1", "x"),
            ("ua=a%0d%0aX-Admin:1", "ua"),
            ("m.genre=%00", "m.genre"),
            ("sid=%ff", "sid"),
            (&*many, "p200"),
        ] {
            assert_eq!(Query::parse(query).map_err(|bad| bad.name), Err(name.to_owned()), "{query:.40}");
        }
    }
}
