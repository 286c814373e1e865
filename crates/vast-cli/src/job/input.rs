//! One document as an input: a URL, a path or standard input.

use std::time::Duration;

use bytes::Bytes;
use vast_client::fetch::Fetched;
use vast_client::{AdRequest, ConfigError, ConfigKey, ConfigTable, ErrorType, Failure, FetchConfig, VastClient};

use super::request::INSECURE;
use super::{configure, runtime, stdin};
use crate::args::{NetworkArgs, SourceArgument, SourcePlace};
use crate::exit::Exit;
use crate::problem::Problem;
use crate::{hint, talk};

/// Which document, and how it is fetched.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) input: &'a SourceArgument,
    pub(super) headers: &'a [(String, String)],
    /// How long it may take; the default's when nobody says.
    pub(super) timeout: Option<Duration>,
    pub(super) network: &'a NetworkArgs,
}

/// A document.
#[derive(Debug)]
pub(super) struct Input {
    pub(super) body: Bytes,
    /// That of the HTTP header.
    pub(super) charset: Option<String>,
    /// Where it is from: a URL after redirects, a path, `stdin`.
    pub(super) origin: String,
}

/// Reads or fetches it.
///
/// # Errors
/// A [`Problem`] that ends in [`Exit::Failed`] when it cannot be had, in [`Exit::NotVast`] when it is too large.
pub(super) fn read(wanted: Wanted<'_>) -> Result<Input, Problem> {
    match wanted.input.place {
        SourcePlace::Stdin => {
            Ok(Input { body: stdin::read(Exit::NotVast)?, charset: None, origin: "stdin".to_owned() })
        }
        SourcePlace::Given(_) => runtime::single(Box::pin(fetch(wanted))),
    }
}

async fn fetch(wanted: Wanted<'_>) -> Result<Input, Problem> {
    let client = client(wanted)?;
    if wanted.network.insecure {
        talk::line(INSECURE);
    }
    let fetched = client.multi_source().fetch(client.plan(), &AdRequest::default()).await;
    let Fetched { body, charset, base, .. } = fetched.map_err(|failure| unfetched(&failure, wanted))?;
    let origin = base.map_or_else(|| wanted.input.text.clone(), |base| base.as_str().to_owned());
    Ok(Input { body, charset, origin })
}

fn client(wanted: Wanted<'_>) -> Result<VastClient, Problem> {
    let mut config = FetchConfig::new([configure::document(wanted.input)]);
    config.headers = wanted.headers.to_vec();
    config.ca_file.clone_from(&wanted.network.ca_file);
    let limits = &mut config.strategy.limits;
    limits.timeout = wanted.timeout.unwrap_or(limits.timeout);
    // There is one source: it may have all the time.
    limits.per_source_timeout = Some(limits.timeout);
    let client = VastClient::builder().insecure(wanted.network.insecure).build(config);
    client.map_err(|error| complaint(&error, &wanted.input.text))
}

/// A file that cannot be read is no wrong usage here: it is what the command is for.
pub(super) fn complaint(error: &ConfigError, text: &str) -> Problem {
    match (error.path.table, error.path.key) {
        (_, Some(ConfigKey::File)) => {
            Problem::new(Exit::Failed, format!("INPUT: {}", error.problem)).with_hint(hint::missing_file(text))
        }
        (ConfigTable::Source(_), _) => Problem::usage(format!("INPUT: {}", error.problem)),
        _ => Problem::usage(format!("{}: {}", configure::flag(&error.path), error.problem)),
    }
}

fn unfetched(failure: &Failure, wanted: Wanted<'_>) -> Problem {
    let exit = if failure.error_type == ErrorType::TooLarge { Exit::NotVast } else { Exit::Failed };
    Problem::new(exit, format!("{}: {} ({})", wanted.input.text, failure.message, failure.error_type))
}
