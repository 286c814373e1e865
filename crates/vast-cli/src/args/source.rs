//! A source as an argument: a URL, a path, `-`, or one of them with a name before it.

use std::convert::Infallible;

use vast_client::SourceConfig;

/// A source as an argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SourceArgument {
    /// The argument as given.
    pub(crate) text: String,
    /// The name, when one is given.
    pub(crate) name: Option<String>,
    /// Where the VAST comes from.
    pub(crate) place: SourcePlace,
}

/// Where a source's VAST comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SourcePlace {
    /// Standard input.
    Stdin,
    /// A URL or a path.
    Given(String),
}

impl SourceArgument {
    /// Reads `SOURCE` or `NAME=SOURCE`. The latter only when the name cannot be part of a URL or path that was meant.
    pub(super) fn parse(text: &str) -> Result<Self, Infallible> {
        let (name, rest) = named(text).map_or((None, text), |(name, rest)| (Some(name.to_owned()), rest));
        let place = if rest == "-" { SourcePlace::Stdin } else { SourcePlace::Given(rest.to_owned()) };
        Ok(Self { text: text.to_owned(), name, place })
    }

    /// The source; `stdin` is the one that stands for standard input.
    pub(crate) fn config(&self, stdin: impl FnOnce() -> SourceConfig) -> SourceConfig {
        let mut config = match &self.place {
            SourcePlace::Stdin => stdin(),
            SourcePlace::Given(text) => text.as_str().into(),
        };
        config.name.clone_from(&self.name);
        config
    }
}

fn named(text: &str) -> Option<(&str, &str)> {
    let (name, rest) = text.split_once('=')?;
    let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(|char| char.is_ascii_alphanumeric() || "_-".contains(char));
    let is_source = rest == "-" || ["http:", "https:", "/", "./"].iter().any(|start| rest.starts_with(start));
    (is_name && is_source).then_some((name, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_only_where_it_cannot_be_part_of_the_source() {
        let cases = [
            ("east=https://a/v?x=1", Some("east"), "https://a/v?x=1"),
            ("e-1_a=http:/a", Some("e-1_a"), "http:/a"),
            ("file=/x/y=z.xml", Some("file"), "/x/y=z.xml"),
            ("file=./ad.xml", Some("file"), "./ad.xml"),
            ("in=-", Some("in"), "-"),
            ("-", None, "-"),
            ("https://a/v?east=https://b", None, "https://a/v?east=https://b"),
            ("east=ad.xml", None, "east=ad.xml"),
            ("1=https://a", None, "1=https://a"),
            ("east=HTTPS://a", None, "east=HTTPS://a"),
            ("east=-x", None, "east=-x"),
            ("./a=./b", None, "./a=./b"),
            ("=-", None, "=-"),
        ];
        for (text, name, rest) in cases {
            let Ok(source) = SourceArgument::parse(text);
            let place = if rest == "-" { SourcePlace::Stdin } else { SourcePlace::Given(rest.to_owned()) };
            assert_eq!((source.name.as_deref(), source.place), (name, place), "{text}");
        }
    }
}
