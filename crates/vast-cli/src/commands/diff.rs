//! `vast diff`.

use vast_client::recording::Recording;
use vast_client::replay::Replayer;
use vast_explain::DiffOptions;
use vast_explain::wire::DiffResult;
use vast_xml::{AnyDocument, ParseOptions, parse_any};

use super::input::{self, InputRequest};
use super::recording::{self, RequestFlag};
use crate::args::{DiffArgs, SourceArgument, SourceLocation};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::{render, stdio};

pub(super) fn run(arguments: &DiffArgs) -> Result<Exit, CommandError> {
    let DiffArgs { a, b, .. } = arguments;
    if [a, b].iter().all(|input| input.location == SourceLocation::Stdin) {
        return Err(CommandError::usage("B: standard input can be read once: give a URL or a path for A or B"));
    }
    let request_a = RequestFlag { name: "--request-a", id: arguments.request_a.as_deref() };
    let request_b = RequestFlag { name: "--request-b", id: arguments.request_b.as_deref() };
    match (recording::of_input(a, request_a)?, recording::of_input(b, request_b)?) {
        (Some(a), Some(b)) => of_recordings(arguments, &a, &b),
        (None, None) => of_documents(arguments),
        (Some(_), None) => Err(different_kinds("A", "B", b, arguments)),
        (None, Some(_)) => Err(different_kinds("B", "A", a, arguments)),
    }
}

/// Why a recording and `input` cannot be compared. A recorded answer has the ads of several documents, after the filter and the
/// selection. Compared with one document, nearly all would differ. An input that is no URL is read first, because it may be missing.
fn different_kinds(recording: &str, document: &str, input: &SourceArgument, arguments: &DiffArgs) -> CommandError {
    let is_url = matches!(&input.location, SourceLocation::Given(text) if text.contains("://"));
    if !is_url && let Err(error) = read(input, arguments) {
        return error;
    }
    let text = format!(
        "{recording} is a recording and {document} is a document: two recordings or two documents can be compared"
    );
    CommandError::usage(text)
        .with_hint(Some("`vast replay FILE --format xml` writes the answer of a recording as a document"))
}

fn of_documents(arguments: &DiffArgs) -> Result<Exit, CommandError> {
    let (a, a_origin) = read(&arguments.a, arguments)?;
    let (b, b_origin) = read(&arguments.b, arguments)?;
    let differences = vast_explain::diff(&a, &b, options(arguments));
    print(&DiffResult::new(&a_origin, &b_origin, differences), arguments)
}

/// Compares the answers to two recorded requests.
fn of_recordings(arguments: &DiffArgs, a: &Recording, b: &Recording) -> Result<Exit, CommandError> {
    check_offline(arguments)?;
    let mut replayer = Replayer::new().map_err(|error| recording::replay_error(&error))?;
    let a = recording::replayed(&mut replayer, a)?;
    let b = recording::replayed(&mut replayer, b)?;
    let differences = vast_explain::diff_answers(&a, &b, options(arguments));
    print(&DiffResult::new(&arguments.a.text, &arguments.b.text, differences).with_answers(&a, &b), arguments)
}

/// Refuses flags that only concern requests: recordings are compared offline.
fn check_offline(arguments: &DiffArgs) -> Result<(), CommandError> {
    let DiffArgs { timeout, headers, network, .. } = arguments;
    let flags = [
        ("--timeout", timeout.is_some()),
        ("--header", !headers.is_empty()),
        ("--ca-file", network.ca_file.is_some()),
        ("--proxy", network.proxy.is_some()),
        ("--insecure", network.insecure),
    ];
    match flags.into_iter().find(|(_, is_given)| *is_given) {
        Some((flag, _)) => {
            Err(CommandError::usage(format!("{flag}: two recordings are compared, so nothing is requested")))
        }
        None => Ok(()),
    }
}

fn options(arguments: &DiffArgs) -> DiffOptions {
    DiffOptions::default().with_exact(arguments.exact)
}

fn print(result: &DiffResult<'_>, arguments: &DiffArgs) -> Result<Exit, CommandError> {
    stdio::print(&render::differences(result, arguments.format)?)?;
    Ok(if result.equal { Exit::Done } else { Exit::Different })
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
