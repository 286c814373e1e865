//! Source arguments, and the certificates that are trusted for them.

use std::convert::Infallible;
use std::path::PathBuf;

use clap::Args;
use vast_client::SourceConfig;
use vast_client::transport::EgressProxy;

/// A source argument: a URL, a path or `-`, with or without `NAME=` before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SourceArgument {
    /// The whole argument.
    pub(crate) text: String,
    /// The name before `=`.
    pub(crate) name: Option<String>,
    /// Where the document comes from.
    pub(crate) location: SourceLocation,
}

/// Where the document of a source comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SourceLocation {
    /// Standard input.
    Stdin,
    /// A URL or a path.
    Given(String),
}

impl SourceArgument {
    /// Reads `SOURCE` or `NAME=SOURCE`. Text before `=` is a name only when it cannot be part of a URL or path.
    pub(super) fn parse(text: &str) -> Result<Self, Infallible> {
        let (name, rest) = named(text).map_or((None, text), |(name, rest)| (Some(name.to_owned()), rest));
        let location = if rest == "-" { SourceLocation::Stdin } else { SourceLocation::Given(rest.to_owned()) };
        Ok(Self { text: text.to_owned(), name, location })
    }

    /// The configuration of the source; `stdin` makes the source for standard input.
    pub(crate) fn config(&self, stdin: impl FnOnce() -> SourceConfig) -> SourceConfig {
        let mut config = match &self.location {
            SourceLocation::Stdin => stdin(),
            SourceLocation::Given(text) => text.as_str().into(),
        };
        config.name.clone_from(&self.name);
        config
    }
}

/// The certificates that are trusted.
#[derive(Debug, Args)]
#[command(next_help_heading = "Network")]
pub(crate) struct NetworkArgs {
    /// Also trust the certificate authorities in this PEM file.
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_file: Option<PathBuf>,
    /// Open all connections through this HTTP proxy, `http://HOST:PORT`. Settings of the environment have no effect.
    #[arg(long, value_name = "URL")]
    pub(crate) proxy: Option<EgressProxy>,
    /// Accept any certificate. For tests only: anyone on the network path can read and change everything.
    #[arg(long)]
    pub(crate) insecure: bool,
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
    fn text_that_can_be_part_of_the_source_is_no_name() {
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
            let location = if rest == "-" { SourceLocation::Stdin } else { SourceLocation::Given(rest.to_owned()) };
            assert_eq!((source.name.as_deref(), source.location), (name, location), "{text}");
        }
    }
}
