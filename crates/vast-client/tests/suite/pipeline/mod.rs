//! The pipeline against mock servers on real sockets. These tests prove what is sent and received, and that nothing hangs.
//! The scenarios prove how long things take.
// Each test binary uses a part of this.
#![allow(dead_code, unreachable_pub)]

use std::future::Future;
use std::time::Duration;

use vast_client::journal::EndReason;
use vast_client::policy::TimeLimits;
use vast_client::transport::{ExchangeSettings, Linger};
use vast_client::{ClientBuilder, FetchConfig, FetchResult, SourceConfig, VastClient};
use vast_mock::{Answer, Exchange, Mock, Script};

pub const INLINE: &str = include_str!("../../../../../scenarios/ads/inline.xml");
pub const WRAPPER: &str = include_str!("../../../../../scenarios/ads/wrapper.xml");

/// A time limit that is longer than any test needs on a loaded machine.
pub const LONG: Duration = Duration::from_secs(40);
/// The time after which a test hangs: longer than every limit of its client.
const HANGS: Duration = Duration::from_secs(120);

/// An ad without delay. Its id is the value of `ad` in the query.
pub fn inline() -> Answer {
    Answer::new().body(INLINE)
}

/// Waits for the output of the future. The test fails if the future hangs.
pub async fn within<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(HANGS, future).await.expect("it hangs")
}

pub async fn start(script: Script) -> Mock {
    Mock::start(script).await.expect("sockets on 127.0.0.1")
}

/// A server with the name `east` that gives these answers in order.
pub async fn one_server(answers: impl IntoIterator<Item = Answer>) -> Mock {
    let server = Script::builder().server("east");
    let server = answers.into_iter().fold(server, |server, answer| server.answer(answer));
    start(server.build().expect("a script")).await
}

/// A source with the name of its server.
pub fn source(mock: &Mock, server: &str, path: &str) -> SourceConfig {
    SourceConfig::url(format!("{}{path}", mock.url(server))).named(server)
}

/// A source whose wrappers and trackers may be on other servers of this machine.
pub fn open_source(mock: &Mock, server: &str, path: &str) -> SourceConfig {
    source(mock, server, path).with_allow_private(true)
}

pub fn client(config: FetchConfig, linger: Linger) -> VastClient {
    let settings = ExchangeSettings { linger, ..ExchangeSettings::default() };
    client_with(config, |builder| builder.exchange(settings))
}

/// A client whose builder is changed by `with`. Time limits that the test has not set are long: a loaded machine may stand still for longer
/// than the defaults.
pub fn client_with(mut config: FetchConfig, with: impl FnOnce(ClientBuilder) -> ClientBuilder) -> VastClient {
    let (limits, default) = (&mut config.strategy.limits, TimeLimits::default());
    let make_long = |limit: &mut Duration, default| *limit = if *limit == default { LONG } else { *limit };
    make_long(&mut limits.timeout, default.timeout);
    make_long(&mut limits.hop_timeout, default.hop_timeout);
    make_long(&mut limits.connect_timeout, default.connect_timeout);
    make_long(&mut limits.idle_timeout, default.idle_timeout);
    limits.source_timeout.get_or_insert(LONG);
    with(VastClient::builder()).build(config).expect("a configuration")
}

pub fn ads(result: &FetchResult) -> Vec<&str> {
    result.ads.iter().map(|ad| ad.ad.id.as_deref().unwrap_or_default()).collect()
}

/// `filled`, `no_ad`, or the type of the error that ended the source.
pub fn end_of<'r>(result: &'r FetchResult, name: &str) -> &'r str {
    let report = result.source_report(name).expect("a source of this name");
    let last = result.errors.iter().rev().find(|error| &*error.source == name);
    match (last, &report.reason) {
        // The reason of a failure below a wrapper also names the document.
        (Some(error), Some(EndReason::Failure(failure))) if failure.message.starts_with(&*error.failure.message) => {
            error.failure.error_type.as_str()
        }
        _ => report.outcome.as_str(),
    }
}

/// The exchanges of one server.
pub fn of<'l>(log: &'l [Exchange], server: &'l str) -> impl Iterator<Item = &'l Exchange> {
    log.iter().filter(move |exchange| &*exchange.server == server)
}
