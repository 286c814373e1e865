//! A request as a server sees it.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// A request of a client. Header names keep their case.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Request {
    /// The method: `GET`, `HEAD`, `POST`.
    pub method: String,
    /// The request target as sent, with its query and percent-encoding: `/vast?cb=1`.
    pub path_and_query: String,
    /// The headers, in order.
    pub headers: Vec<(String, String)>,
}

impl Request {
    /// A GET without headers.
    pub fn get(path_and_query: impl Into<String>) -> Self {
        Self { method: "GET".to_owned(), path_and_query: path_and_query.into(), headers: Vec::new() }
    }

    /// The target before the `?`, as sent.
    pub fn path(&self) -> &str {
        path(&self.path_and_query)
    }

    /// The pairs of the query in order, decoded as a form: `%20` and `+` become a space. A key without `=` has an empty
    /// value.
    pub fn query(&self) -> Vec<(String, String)> {
        query(&self.path_and_query)
    }

    /// The first value of a query key, as sent (not decoded).
    pub fn raw_query_value(&self, key: &str) -> Option<&str> {
        raw_pairs(&self.path_and_query).find(|(name, _)| decode_form(name) == key).map(|(_, value)| value)
    }

    /// The first header with this name, compared without regard to case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// The request target without its query.
pub(crate) fn path(target: &str) -> &str {
    target.split_once('?').map_or(target, |(path, _)| path)
}

/// The decoded pairs of the query of a request target.
pub(crate) fn query(target: &str) -> Vec<(String, String)> {
    raw_pairs(target).map(|(key, value)| (decode_form(key), decode_form(value))).collect()
}

/// The path for comparisons: percent-decoded, so that `/a%20b` equals the file name `a b`. Bytes that are not UTF-8 become
/// the replacement character.
pub(crate) fn decoded_path(target: &str) -> Cow<'_, str> {
    percent_decode_str(path(target)).decode_utf8_lossy()
}

fn raw_pairs(target: &str) -> impl Iterator<Item = (&str, &str)> {
    let query = target.split_once('?').map_or("", |(_, query)| query);
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

fn decode_form(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_target_is_read_as_a_form() {
        let request = Request::get("/a%20b/vast?x=1&&empty&url=http%3A%2F%2Fx%3Fq&x=2&plus=a+b=c");
        let pairs = request.query();
        let pairs: Vec<_> = pairs.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(pairs, [("x", "1"), ("empty", ""), ("url", "http://x?q"), ("x", "2"), ("plus", "a b=c")]);
        assert_eq!((request.path(), decoded_path(&request.path_and_query).as_ref()), ("/a%20b/vast", "/a b/vast"));
        assert_eq!(request.raw_query_value("url"), Some("http%3A%2F%2Fx%3Fq"));
        assert_eq!(request.raw_query_value("none"), None);
        assert_eq!(Request::get("/?a%20b=1%2B").raw_query_value("a b"), Some("1%2B"));
    }

    #[test]
    fn a_target_without_query_has_no_pairs() {
        assert_eq!(Request::get("/vast").query(), []);
        assert_eq!(Request::get("/vast?").query(), []);
    }
}
