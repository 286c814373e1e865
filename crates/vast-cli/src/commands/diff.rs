//! `vast diff`.

use vast_explain::DiffOptions;
use vast_xml::{AnyDocument, ParseOptions, parse_any};

use super::input::{self, InputRequest};
use crate::args::{DiffArgs, SourceArgument, SourceLocation};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::render::ComparedInputs;
use crate::{render, stdio};

pub(super) fn run(arguments: &DiffArgs) -> Result<Exit, CommandError> {
    let DiffArgs { a, b, exact, .. } = arguments;
    if [a, b].iter().all(|input| input.location == SourceLocation::Stdin) {
        return Err(CommandError::usage("B: standard input can be read once: give a URL or a path for A or B"));
    }
    let (a, a_origin) = read(a, arguments)?;
    let (b, b_origin) = read(b, arguments)?;
    let differences = vast_explain::diff(&a, &b, DiffOptions::default().with_exact(*exact));
    let compared = ComparedInputs { a: &a_origin, b: &b_origin, differences: &differences };
    stdio::print(&render::differences(&compared, arguments.format)?)?;
    Ok(if differences.is_empty() { Exit::Done } else { Exit::Different })
}

/// The document and its URL or path.
fn read(input: &SourceArgument, arguments: &DiffArgs) -> Result<(AnyDocument, String), CommandError> {
    let DiffArgs { headers, timeout, network, .. } = arguments;
    let document = input::read(InputRequest { input, headers, timeout: *timeout, network })?;
    let options = ParseOptions { charset: document.charset.as_deref(), ..ParseOptions::default() };
    let parsed = parse_any(&document.body, &options);
    let parsed = parsed.map_err(|error| CommandError::new(Exit::NotVast, format!("{}: {error}", document.origin)))?;
    Ok((parsed, document.origin))
}
