//! Getting a document with the limits that most tests want.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use http::HeaderMap;
use tokio::time::Instant;
use vast_client::Failure;
use vast_client::policy::{Deadline, TimeLimit};
use vast_client::transport::{
    AddressRule, Answer, Ask, Background, Exchange, ExchangeSettings, HttpTransport, Linger, Resolver, Target,
    TlsSettings,
};

/// Long enough for a loaded machine, short enough for a test that waits for it.
pub const SHORT: Duration = Duration::from_millis(200);
pub const LONG: Duration = Duration::from_secs(20);

/// A client and its background tasks.
pub struct Fetching {
    pub exchange: Exchange,
    pub background: Background,
    pub attempt: Duration,
    pub connect: Duration,
}

/// Every name is this machine.
pub fn loopback() -> Resolver {
    Resolver::with_lookup(Arc::new(|_| async { Ok(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]) }.boxed()))
}

impl Fetching {
    pub fn new(linger: Linger) -> Self {
        Self::with(loopback(), &TlsSettings::default(), linger)
    }

    pub fn with(resolver: Resolver, tls: &TlsSettings, linger: Linger) -> Self {
        let transport = Arc::new(HttpTransport::new(resolver.clone(), tls).expect("TLS settings"));
        let settings = ExchangeSettings { linger, ..ExchangeSettings::default() };
        let background = Background::default();
        let exchange = Exchange::new(transport, resolver, settings, background.clone());
        Self { exchange, background, attempt: LONG, connect: LONG }
    }

    /// Gets a URL that the operator named.
    pub async fn get(&self, url: &str) -> Result<Answer, Failure> {
        let target = Target::parse(url, None).expect("a URL");
        self.get_under(&AddressRule::of(&target), url).await
    }

    pub async fn get_under(&self, rule: &AddressRule, url: &str) -> Result<Answer, Failure> {
        let target = Target::parse(url, None).expect("a URL");
        let ask = Ask {
            target: &target,
            rule,
            own_headers: &HeaderMap::new(),
            everywhere: &HeaderMap::new(),
            deadline: Deadline::after(Instant::now(), self.attempt, TimeLimit::Attempt),
            connect_timeout: self.connect,
            idle_timeout: LONG,
            transport: None,
        };
        self.exchange.get(ask).await
    }

    /// Waits until no exchange lingers.
    pub async fn settled(&self) {
        let nothing_left = async {
            while self.background.running() > 0 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(LONG, nothing_left).await.expect("the background work ends");
    }
}
