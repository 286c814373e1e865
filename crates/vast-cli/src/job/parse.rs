//! `vast parse`.

use vast_xml::{AnyDocument, ParseOptions, edit};

use super::input::{self, Input, Wanted};
use crate::args::{Format, ParseArgs};
use crate::exit::Exit;
use crate::problem::Problem;
use crate::{output, render, talk};

pub(super) fn run(arguments: &ParseArgs) -> Result<Exit, Problem> {
    arguments.xml.check(&arguments.output)?;
    if arguments.canonical && arguments.output.format != Format::Xml {
        return Err(Problem::usage("--canonical: needs --format xml"));
    }
    let ParseArgs { input, headers, timeout, network, .. } = arguments;
    show(&input::read(Wanted { input, headers, timeout: *timeout, network })?, arguments)
}

fn show(input: &Input, arguments: &ParseArgs) -> Result<Exit, Problem> {
    let document = read(input, arguments.strict);
    let document = document.map_err(|error| Problem::new(Exit::NotVast, format!("{}: {error}", input.origin)))?;
    let text = edit::source_text(&input.body, input.charset.as_deref());
    let page = render::document(&document, &text, &input.origin, arguments)?;
    output::print(&page.bytes)?;
    page.said.iter().for_each(|line| talk::line(line));
    Ok(Exit::Done)
}

fn read(input: &Input, strict: bool) -> Result<AnyDocument, vast_xml::ParseError> {
    let options = ParseOptions { charset: input.charset.as_deref(), strict, ..ParseOptions::default() };
    vast_xml::parse_any(&input.body, &options)
}
