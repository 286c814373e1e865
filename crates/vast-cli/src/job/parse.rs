//! `vast parse`.

use vast_xml::{AnyDocument, ParseOptions};

use super::input::{self, Input, Wanted};
use crate::args::ParseArgs;
use crate::exit::Exit;
use crate::problem::Problem;
use crate::{output, render, talk};

pub(super) fn run(arguments: &ParseArgs) -> Result<Exit, Problem> {
    arguments.xml.check(&arguments.output)?;
    let ParseArgs { input, headers, timeout, network, .. } = arguments;
    let Input { body, charset, origin } = input::read(Wanted { input, headers, timeout: *timeout, network })?;
    show(&body, charset.as_deref(), &origin, arguments)
}

fn show(body: &[u8], charset: Option<&str>, origin: &str, arguments: &ParseArgs) -> Result<Exit, Problem> {
    let document = read(body, charset, arguments.strict);
    let document = document.map_err(|error| Problem::new(Exit::NotVast, format!("{origin}: {error}")))?;
    let page = render::document(&document, origin, &arguments.output, &arguments.xml)?;
    output::print(&page.bytes)?;
    page.said.iter().for_each(|line| talk::line(line));
    Ok(Exit::Done)
}

fn read(body: &[u8], charset: Option<&str>, strict: bool) -> Result<AnyDocument, vast_xml::ParseError> {
    vast_xml::parse_any(body, &ParseOptions { charset, strict, ..ParseOptions::default() })
}
