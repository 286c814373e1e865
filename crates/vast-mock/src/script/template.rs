//! `{{...}}` in bodies, headers and redirects.

use std::collections::BTreeMap;

use bytes::{Bytes, BytesMut};

use super::request::Request;

/// The largest length of a name between braces. It limits the search for `}}` in a body with many `{{`.
const LONGEST_NAME: usize = 256;

/// The name and the base URL of each server, without a slash at the end.
pub(crate) type BaseUrls = BTreeMap<String, String>;

/// Bytes with placeholders that a request fills. The names of servers are filled in when the template is compiled.
#[derive(Debug)]
pub(crate) struct Template {
    segments: Vec<Segment>,
}

#[derive(Debug)]
enum Segment {
    Literal(Bytes),
    Path,
    Query(String),
}

impl Template {
    /// `own` is the value of `{{self}}`. Text in braces that is not a known name stays.
    pub(crate) fn compile(source: &Bytes, urls: &BaseUrls, own: &str) -> Self {
        let mut segments = Vec::new();
        let mut literal = BytesMut::new();
        let mut rest: &[u8] = source;
        while let Some(start) = find(rest, b"{{") {
            literal.extend_from_slice(&rest[..start]);
            rest = &rest[start..];
            match placeholder(rest, urls, own) {
                Some((Placeholder::Url(url), length)) => {
                    literal.extend_from_slice(url.as_bytes());
                    rest = &rest[length..];
                }
                Some((Placeholder::Request(segment), length)) => {
                    segments.push(Segment::Literal(literal.split().freeze()));
                    segments.push(segment);
                    rest = &rest[length..];
                }
                // Only one brace is skipped, because `{{{self}}` still contains a name.
                None => {
                    literal.extend_from_slice(&rest[..1]);
                    rest = &rest[1..];
                }
            }
        }
        literal.extend_from_slice(rest);
        segments.push(Segment::Literal(literal.freeze()));
        Self { segments }
    }

    /// The bytes, if there is no placeholder that a request fills.
    pub(crate) fn constant(&self) -> Option<&Bytes> {
        match &self.segments[..] {
            [Segment::Literal(bytes)] => Some(bytes),
            _ => None,
        }
    }

    /// The bytes for this request. Parts of the request are inserted as they were sent, percent-encoded.
    pub(crate) fn render(&self, request: &Request) -> Bytes {
        if let Some(bytes) = self.constant() {
            return bytes.clone();
        }
        let mut rendered = BytesMut::new();
        for segment in &self.segments {
            rendered.extend_from_slice(match segment {
                Segment::Literal(bytes) => bytes,
                Segment::Path => request.path().as_bytes(),
                Segment::Query(key) => request.raw_query_value(key).unwrap_or_default().as_bytes(),
            });
        }
        rendered.freeze()
    }
}

enum Placeholder<'a> {
    Url(&'a str),
    Request(Segment),
}

fn placeholder_of<'a>(name: &[u8], urls: &'a BaseUrls, own: &'a str) -> Option<Placeholder<'a>> {
    match std::str::from_utf8(name).ok()? {
        "self" => Some(Placeholder::Url(own)),
        "request.path" => Some(Placeholder::Request(Segment::Path)),
        name => match name.strip_prefix("request.query.") {
            Some(key) => Some(Placeholder::Request(Segment::Query(key.to_owned()))),
            None => urls.get(name).map(|url| Placeholder::Url(url)),
        },
    }
}

/// The placeholder at the beginning of `text`, which begins with `{{`, and its length with all braces.
fn placeholder<'a>(text: &[u8], urls: &'a BaseUrls, own: &'a str) -> Option<(Placeholder<'a>, usize)> {
    let window = &text[2..text.len().min(LONGEST_NAME)];
    let end = find(window, b"}}")?;
    placeholder_of(&window[..end], urls, own).map(|meaning| (meaning, end + 4))
}

fn find(text: &[u8], pair: &[u8; 2]) -> Option<usize> {
    text.windows(2).position(|window| window == pair)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(source: &'static str) -> String {
        let urls = BaseUrls::from([("east".to_owned(), "http://east.test".to_owned())]);
        let template = Template::compile(&Bytes::from_static(source.as_bytes()), &urls, "http://own.test");
        let request = Request::get("/a%20b?cb=1%202&cb=3");
        String::from_utf8(template.render(&request).to_vec()).expect("text")
    }

    #[test]
    fn known_names_are_replaced_and_all_else_stays() {
        let cases = [
            ("<VAST/>", "<VAST/>"),
            ("", ""),
            ("{{east}}/x", "http://east.test/x"),
            ("{{self}}", "http://own.test"),
            ("a {{self}}/{{east}} b", "a http://own.test/http://east.test b"),
            ("{{request.path}}", "/a%20b"),
            ("cb={{request.query.cb}}.", "cb=1%202."),
            ("cb={{request.query.none}}.", "cb=."),
            ("{{west}} {{east}}", "{{west}} http://east.test"),
            ("{{{east}}}", "{http://east.test}"),
            ("{{ {{east}}", "{{ http://east.test"),
            ("{{", "{{"),
            ("{{east}", "{{east}"),
            ("}}{{", "}}{{"),
        ];
        for (source, expected) in cases {
            assert_eq!(render(source), expected, "{source}");
        }
    }

    #[test]
    fn only_what_depends_on_the_request_is_not_constant() {
        let compile = |text| Template::compile(&Bytes::from_static(text), &BaseUrls::new(), "http://own.test");
        assert!(compile(b"x {{self}} {{unknown}}").constant().is_some());
        assert!(compile(b"x {{request.path}}").constant().is_none());
    }

    #[test]
    fn a_body_full_of_braces_is_compiled_in_linear_time() {
        let braces = Bytes::from(vec![b'{'; 100_000]);
        assert_eq!(Template::compile(&braces, &BaseUrls::new(), "").constant(), Some(&braces));
    }
}
