//! Sources of the tests whose behaviour changes while requests are made, and clients of them.

use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::time::Instant;
use vast_client::env::Env;
use vast_client::fetch::{FetchContext, Fetched, Prepared, Source};
use vast_client::journal::{EndReason, SkipReason};
use vast_client::policy::BreakerSettings;
use vast_client::{ErrorType, Failure, FetchConfig, FetchResult, SourceConfig, VastClient};

pub(crate) const AD: &str = r#"<VAST version="3.0"><Ad id="shoes"><InLine><AdSystem>house</AdSystem><AdTitle>Shoes</AdTitle>
<Creatives><Creative><Linear><Duration>00:00:15</Duration><MediaFiles>
<MediaFile type="video/mp4" width="640" height="360">https://cdn.example/shoes.mp4</MediaFile>
</MediaFiles></Linear></Creative></Creatives></InLine></Ad></VAST>"#;
pub(crate) const NO_AD: &str = r#"<VAST version="3.0"/>"#;

pub(crate) fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// What a server does with a request.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Manner {
    /// It has an ad after this time, in milliseconds.
    Fills(u64),
    /// It has no ad, after this time.
    IsEmpty(u64),
    /// It answers with an HTTP status after this time.
    Fails(u16, u64),
    /// It never answers.
    Hangs,
}

/// A server. Clones are the same server.
#[derive(Debug, Clone)]
pub(crate) struct Server(Arc<State>);

#[derive(Debug)]
struct State {
    name: &'static str,
    started: Instant,
    manner: Mutex<Manner>,
    asked: Mutex<Vec<Duration>>,
}

impl Server {
    pub(crate) fn new(name: &'static str, manner: Manner) -> Self {
        let (manner, asked) = (Mutex::new(manner), Mutex::default());
        Self(Arc::new(State { name, started: Instant::now(), manner, asked }))
    }

    pub(crate) fn source(&self) -> SourceConfig {
        SourceConfig::custom(self.clone()).named(self.0.name)
    }

    pub(crate) fn becomes(&self, manner: Manner) {
        *self.0.manner.lock().expect("no panic") = manner;
    }

    /// The times of the attempts since the server was made, and forgets them.
    pub(crate) fn take_asked(&self) -> Vec<Duration> {
        std::mem::take(&mut self.0.asked.lock().expect("no panic"))
    }

    /// The number of attempts since the last call.
    pub(crate) fn take_count(&self) -> usize {
        self.take_asked().len()
    }
}

impl Source for Server {
    fn url(&self) -> &str {
        self.0.name
    }

    fn fetch<'a>(
        &'a self,
        _prepared: &'a Prepared,
        _context: &'a FetchContext<'a>,
    ) -> BoxFuture<'a, Result<Fetched, Failure>> {
        async move {
            self.0.asked.lock().expect("no panic").push(self.0.started.elapsed());
            let manner = *self.0.manner.lock().expect("no panic");
            let (delay, answer) = match manner {
                Manner::Fills(delay) => (delay, Ok(Fetched::local(AD))),
                Manner::IsEmpty(delay) => (delay, Ok(Fetched::local(NO_AD))),
                Manner::Fails(status, delay) => (delay, Err(Failure::http_status(status, None))),
                Manner::Hangs => std::future::pending().await,
            };
            tokio::time::sleep(millis(delay)).await;
            answer
        }
        .boxed()
    }
}

/// A breaker with short ejections: 1 s, 2 s, 3 s and then 4 s.
pub(crate) fn short() -> BreakerSettings {
    let mut settings = BreakerSettings::default();
    (settings.eject, settings.eject_max) = (millis(1000), millis(4000));
    settings
}

/// A configuration of these servers with short ejections and no retries.
pub(crate) fn config(servers: &[&Server]) -> FetchConfig {
    let mut config = FetchConfig::new(servers.iter().map(|server| server.source()));
    config.strategy.breaker = short();
    config.strategy.retry.max_retries = 0;
    config
}

pub(crate) fn client(config: FetchConfig) -> VastClient {
    VastClient::builder().env(Env::fixed(UNIX_EPOCH, 1)).build(config).expect("a configuration")
}

/// What happened to a source: `filled`, or for example `failed http_status` and `skipped breaker_open`.
pub(crate) fn outcome(result: &FetchResult, source: &str) -> String {
    let report = result.source_report(source).expect("a source of the plan");
    let outcome = report.outcome.as_str();
    match &report.reason {
        Some(EndReason::Skipped(reason)) => format!("{outcome} {}", reason.as_str()),
        Some(EndReason::Failure(failure)) if failure.error_type != ErrorType::NoAd => {
            format!("{outcome} {}", failure.error_type)
        }
        _ => outcome.to_owned(),
    }
}

pub(crate) fn is_skipped(result: &FetchResult, source: &str, expected: SkipReason) -> bool {
    let report = result.source_report(source).expect("a source of the plan");
    matches!(&report.reason, Some(EndReason::Skipped(reason)) if *reason == expected)
}
