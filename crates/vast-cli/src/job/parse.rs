//! `vast parse`.

use vast_client::fetch::Fetched;
use vast_client::{AdRequest, ConfigError, ErrorType, Failure, FetchConfig, VastClient};
use vast_xml::{AnyDocument, ParseOptions};

use super::request::INSECURE;
use super::{configure, runtime, stdin};
use crate::args::{ParseArgs, SourcePlace};
use crate::exit::Exit;
use crate::problem::Problem;
use crate::{hint, output, render, talk};

pub(super) fn run(arguments: &ParseArgs) -> Result<Exit, Problem> {
    match arguments.input.place {
        SourcePlace::Stdin => show(&stdin::read(Exit::NotVast)?, None, "stdin", arguments),
        SourcePlace::Given(_) => runtime::single(Box::pin(fetch_and_show(arguments))),
    }
}

async fn fetch_and_show(arguments: &ParseArgs) -> Result<Exit, Problem> {
    let client = client(arguments)?;
    if arguments.network.insecure {
        talk::line(INSECURE);
    }
    let fetched = client.multi_source().fetch(client.plan(), &AdRequest::default()).await;
    let Fetched { body, charset, base, .. } = fetched.map_err(|failure| unfetched(&failure, arguments))?;
    let origin = base.as_ref().map_or(arguments.input.text.as_str(), |base| base.as_str());
    show(&body, charset.as_deref(), origin, arguments)
}

fn client(arguments: &ParseArgs) -> Result<VastClient, Problem> {
    let mut config = FetchConfig::new([configure::document(&arguments.input)]);
    config.headers.clone_from(&arguments.headers);
    config.ca_file.clone_from(&arguments.network.ca_file);
    let limits = &mut config.strategy.limits;
    limits.timeout = arguments.timeout.unwrap_or(limits.timeout);
    // There is one source: it may have all the time.
    limits.per_source_timeout = Some(limits.timeout);
    let client = VastClient::builder().insecure(arguments.network.insecure).build(config);
    client.map_err(|error| complaint(&error, &arguments.input.text))
}

fn show(body: &[u8], charset: Option<&str>, origin: &str, arguments: &ParseArgs) -> Result<Exit, Problem> {
    let document = read(body, charset, arguments.strict);
    let document = document.map_err(|error| Problem::new(Exit::NotVast, format!("{origin}: {error}")))?;
    output::print(&render::document(&document, origin, &arguments.output)?)?;
    Ok(Exit::Done)
}

fn read(body: &[u8], charset: Option<&str>, strict: bool) -> Result<AnyDocument, vast_xml::ParseError> {
    vast_xml::parse_any(body, &ParseOptions { charset, strict, ..ParseOptions::default() })
}

/// A file that cannot be read is no wrong usage here: it is what the command is for.
pub(super) fn complaint(error: &ConfigError, text: &str) -> Problem {
    match error.key.as_str() {
        key if key.ends_with(".file") => {
            Problem::new(Exit::Failed, format!("INPUT: {}", error.problem)).with_hint(hint::missing_file(text))
        }
        key if key.starts_with("source[") => Problem::usage(format!("INPUT: {}", error.problem)),
        key => Problem::usage(format!("{}: {}", configure::flag(key), error.problem)),
    }
}

fn unfetched(failure: &Failure, arguments: &ParseArgs) -> Problem {
    let exit = if failure.error_type == ErrorType::TooLarge { Exit::NotVast } else { Exit::Failed };
    Problem::new(exit, format!("{}: {} ({})", arguments.input.text, failure.message, failure.error_type))
}
