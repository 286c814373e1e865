//! One document as an input: a URL, a path or standard input.

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;
use vast_client::fetch::Fetched;
use vast_client::transport::AddressRule;
use vast_client::{
    AdRequest, ConfigError, ConfigKey, ConfigTable, ErrorType, Failure, FetchConfig, SourceConfig, VastClient,
};

use super::request::INSECURE;
use super::{configuration, runtime, stdin};
use crate::args::{NetworkArgs, SourceArgument, SourceLocation};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::flag_names::{FlagNames, flag};
use crate::{hints, stdio};

/// The flags of `vast parse`. `vast check` has the same ones for fetching.
const FLAGS: FlagNames = FlagNames::of("parse");

/// The document to read, and the settings for fetching it.
#[derive(Debug, Clone, Copy)]
pub(super) struct InputRequest<'a> {
    pub(super) input: &'a SourceArgument,
    pub(super) headers: &'a [(String, String)],
    /// The time limit of a fetch; `None` means the default of the library.
    pub(super) timeout: Option<Duration>,
    pub(super) network: &'a NetworkArgs,
}

/// A document that was read.
#[derive(Debug)]
pub(super) struct InputDocument {
    pub(super) body: Bytes,
    /// The charset of the HTTP header.
    pub(super) charset: Option<Cow<'static, str>>,
    /// The origin of the document: its URL after redirects, a path, or `stdin`.
    pub(super) origin: String,
}

/// Reads or fetches a document.
///
/// # Errors
/// A [`CommandError`] with [`Exit::Failed`] if the document cannot be read, and with [`Exit::NotVast`] if it is too
/// large.
pub(super) fn read(wanted: InputRequest<'_>) -> Result<InputDocument, CommandError> {
    match wanted.input.location {
        SourceLocation::Stdin => {
            Ok(InputDocument { body: stdin::read(Exit::NotVast)?, charset: None, origin: "stdin".to_owned() })
        }
        SourceLocation::Given(_) => runtime::run_cancellable(Box::pin(fetch(wanted))),
    }
}

/// Fetches a document that a wrapper leads to. Headers are not sent, because they are for the server that the user
/// named.
///
/// # Errors
/// See [`read`].
pub(super) fn follow(tag: &str, rule: &AddressRule, wanted: InputRequest<'_>) -> Result<InputDocument, CommandError> {
    runtime::run_cancellable(Box::pin(async {
        // A client needs a source. This one is never asked.
        let client = client(SourceConfig::inline("<VAST/>"), wanted)?;
        let fetched = client.get(tag, rule).await.map_err(|failure| fetch_error(&failure, tag))?;
        Ok(document(fetched, tag))
    }))
}

async fn fetch(wanted: InputRequest<'_>) -> Result<InputDocument, CommandError> {
    let client = client(configuration::document(wanted.input), wanted)?;
    if wanted.network.insecure {
        stdio::message(INSECURE);
    }
    let fetched = client.orchestrator().fetch(client.plan(), &AdRequest::default()).await;
    let fetched = fetched.map_err(|failure| fetch_error(&failure, &wanted.input.text))?;
    Ok(document(fetched, &wanted.input.text))
}

/// `given` is the URL or path that led to the document.
fn document(fetched: Fetched, given: &str) -> InputDocument {
    let Fetched { body, charset, base, .. } = fetched;
    let origin = base.map_or_else(|| given.to_owned(), |base| base.as_str().to_owned());
    InputDocument { body, charset, origin }
}

fn client(source: SourceConfig, wanted: InputRequest<'_>) -> Result<VastClient, CommandError> {
    configuration::check_ca_file(wanted.network.ca_file.as_deref(), configuration::CA_FILE)?;
    let mut config = FetchConfig::new([source]);
    config.headers = wanted.headers.to_vec();
    config.ca_file.clone_from(&wanted.network.ca_file);
    config.proxy.clone_from(&wanted.network.proxy);
    let limits = &mut config.strategy.limits;
    limits.timeout = wanted.timeout.unwrap_or(limits.timeout);
    // There is one source, so it may use the whole time.
    limits.source_timeout = Some(limits.timeout);
    let client = VastClient::builder().insecure(wanted.network.insecure).build(config);
    client.map_err(|error| config_error(&error, &wanted.input.text))
}

/// The message for a wrong INPUT. A file that cannot be read is a failure of the input and not a usage error, since reading it is the task of
/// the command.
pub(super) fn config_error(error: &ConfigError, text: &str) -> CommandError {
    match (error.path.table, error.path.key) {
        (_, Some(ConfigKey::File)) => {
            CommandError::new(Exit::Failed, format!("INPUT: {}", error.problem)).with_hint(hints::missing_file(text))
        }
        (ConfigTable::Source(_), _) => CommandError::usage(format!("INPUT: {}", error.problem)),
        _ => CommandError::usage(format!("{}: {}", flag(&error.path), FLAGS.in_text(&error.problem))),
    }
}

fn fetch_error(failure: &Failure, given: &str) -> CommandError {
    let exit = if failure.error_type == ErrorType::TooLarge { Exit::NotVast } else { Exit::Failed };
    CommandError::new(exit, format!("{given}: {} ({})", FLAGS.in_text(&failure.message), failure.error_type))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_pipe_without_a_writer_is_named_at_the_time_limit() {
        let folder = tempfile::tempdir().expect("a folder");
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo runs").success());
        let text = pipe.to_str().expect("a path").to_owned();
        let location = SourceLocation::Given(text.clone());
        let input = SourceArgument { text: text.clone(), name: None, location };
        let network = NetworkArgs { ca_file: None, proxy: None, insecure: false };
        let timeout = Some(Duration::from_secs(1));
        let ended = fetch(InputRequest { input: &input, headers: &[], timeout, network: &network }).await;
        let CommandError::Message { message, .. } = ended.expect_err("no process writes") else { panic!("no message") };
        assert!(message.starts_with(&format!("{text}: it is a pipe: no answer within --timeout")), "{message}");
    }
}
