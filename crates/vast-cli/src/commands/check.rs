//! `vast check`.

use vast_check::{CheckOptions, DocumentKind, Report};

use super::input::{self, InputDocument, InputRequest};
use crate::args::CheckArgs;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::{render, stdio};

pub(super) fn run(arguments: &CheckArgs) -> Result<Exit, CommandError> {
    let CheckArgs { input, headers, timeout, network, .. } = arguments;
    let InputDocument { body, charset, origin } =
        input::read(InputRequest { input, headers, timeout: *timeout, network })?;
    let charset = charset.as_deref();
    let ignored = arguments.ignore.iter().map(String::as_str).collect();
    let options = CheckOptions { charset, least: arguments.severity, ignored, ..CheckOptions::default() };
    let report = vast_check::check(&body, &options);
    let text = vast_xml::decode(&body, charset);
    stdio::print(&render::report(&report, &text, &origin, arguments)?)?;
    Ok(exit(&report))
}

fn exit(report: &Report) -> Exit {
    match report.kind {
        DocumentKind::Unreadable(_) => Exit::NotVast,
        _ if report.has_errors() => Exit::Findings,
        _ => Exit::Done,
    }
}
