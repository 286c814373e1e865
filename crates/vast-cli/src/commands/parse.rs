//! `vast parse`.

use vast_xml::{AnyDocument, ParseOptions, edit};

use super::input::{self, InputDocument, InputRequest};
use crate::args::{Format, ParseArgs};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::{render, stdio};

pub(super) fn run(arguments: &ParseArgs) -> Result<Exit, CommandError> {
    arguments.xml.check(&arguments.output)?;
    if arguments.canonical && arguments.output.format != Format::Xml {
        return Err(CommandError::usage("--canonical: needs --format xml"));
    }
    let ParseArgs { input, headers, timeout, network, .. } = arguments;
    show(&input::read(InputRequest { input, headers, timeout: *timeout, network })?, arguments)
}

fn show(input: &InputDocument, arguments: &ParseArgs) -> Result<Exit, CommandError> {
    let document = read(input, arguments.strict);
    let document = document.map_err(|error| CommandError::new(Exit::NotVast, format!("{}: {error}", input.origin)))?;
    let text = edit::source_text(&input.body, input.charset.as_deref());
    // For a document that is in a JSON object or escaped, use the unescaped text.
    let text = vast_xml::opened_text(&text);
    let page = render::document(&document, &text, &input.origin, arguments)?;
    stdio::print(&page.bytes)?;
    page.messages.iter().for_each(|line| stdio::message(line));
    Ok(Exit::Done)
}

fn read(input: &InputDocument, strict: bool) -> Result<AnyDocument, vast_xml::ParseError> {
    let options = ParseOptions { charset: input.charset.as_deref(), strict, ..ParseOptions::default() };
    vast_xml::parse_any(&input.body, &options)
}
