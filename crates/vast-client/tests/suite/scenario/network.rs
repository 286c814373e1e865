//! Servers in memory on tokio's clock: a [`Transport`] that performs the replies of a script and records every request with
//! its virtual times, and a lookup for their host names.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt, stream};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use tokio::time::Instant;
use vast_client::policy::TimeLimit;
use vast_client::transport::{
    HttpRequest, HttpResponse, Lookup, Resolver, Transport, TransportError, TransportErrorKind,
};
use vast_mock::{Action, BodyPart, End, Framing, Request, Response, Script, Server};

use super::file::{Names, base_url};

/// The servers of a script, their names and their log. Clones are the same network.
#[derive(Clone)]
pub struct Network(Arc<Parts>);

struct Parts {
    servers: Vec<(Server, bool)>,
    names: Names,
    resolver: Resolver,
    started: Instant,
    random: Mutex<fastrand::Rng>,
    log: Mutex<Vec<Seen>>,
}

/// A request that reached a server.
#[derive(Debug, Clone)]
pub struct Seen {
    pub server: String,
    /// Whether the server is a beacon sink.
    pub is_sink: bool,
    /// Path and query as sent.
    pub target: String,
    pub headers: HeaderMap,
    /// The time since the network was made.
    pub began: Duration,
    pub ended: Option<Duration>,
    /// The status, `reset`, `closed`, or `dropped` if the client dropped the exchange first.
    pub ending: String,
}

impl Network {
    /// The servers of `script`. Times in the log count from now.
    pub fn new(script: &Script, names: Names, seed: u64) -> Self {
        let servers: Vec<_> = script.prepare(base_url).into_iter().collect();
        let sinks = script.servers().iter().map(|server| server.sink().is_some());
        let servers: Vec<_> = servers.into_iter().zip(sinks).collect();
        Self(Arc::new_cyclic(|parts: &std::sync::Weak<Parts>| {
            let parts = parts.clone();
            let lookup: Lookup = Arc::new(move |host| look_up(parts.upgrade().map(Network), host));
            Parts {
                servers,
                names,
                resolver: Resolver::with_lookup(lookup),
                started: Instant::now(),
                random: Mutex::new(fastrand::Rng::with_seed(seed)),
                log: Mutex::default(),
            }
        }))
    }

    /// The lookup of the client.
    pub fn lookup(&self) -> Lookup {
        let network = self.clone();
        Arc::new(move |host| look_up(Some(network.clone()), host))
    }

    /// Every request so far, in the order in which they came.
    pub fn log(&self) -> Vec<Seen> {
        self.entries().clone()
    }

    fn entries(&self) -> MutexGuard<'_, Vec<Seen>> {
        self.0.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn place(&self, host: &str) -> Option<usize> {
        self.0.servers.iter().position(|(server, _)| host.strip_suffix(".test") == Some(server.name()))
    }

    /// Records a request and returns the reply of the server.
    fn ask(&self, place: usize, request: &HttpRequest) -> (Pen, vast_mock::Reply) {
        let (server, is_sink) = &self.0.servers[place];
        let target = request.uri.path_and_query().map_or("/", |target| target.as_str());
        let reply = server.reply(&Request::get(target), &mut self.0.random.lock().expect("no panic"));
        let mut log = self.entries();
        log.push(Seen {
            server: server.name().to_owned(),
            is_sink: *is_sink,
            target: target.to_owned(),
            headers: request.headers.clone(),
            began: self.0.started.elapsed(),
            ended: None,
            ending: String::new(),
        });
        (Pen { network: self.clone(), entry: log.len() - 1, open: true }, reply)
    }
}

/// The addresses of the scenario file. Every server of the script has a public address.
fn look_up(network: Option<Network>, host: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
    async move {
        let network = network.ok_or(io::ErrorKind::NotFound)?;
        if network.0.names.never.contains(&host) {
            std::future::pending::<()>().await;
        }
        if let Some(addresses) = network.0.names.addresses.get(&host) {
            return Ok(addresses.clone());
        }
        let place = network.place(&host).ok_or(io::ErrorKind::NotFound)?;
        Ok(vec![Ipv4Addr::new(8, 8, 4, u8::try_from(place + 1).unwrap_or(u8::MAX)).into()])
    }
    .boxed()
}

impl Transport for Network {
    fn send(&self, request: HttpRequest) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        let network = self.clone();
        async move {
            let host = request.uri.host().unwrap_or_default().to_owned();
            network.connect(&host, &request).await?;
            let Some(place) = network.place(&host) else {
                return Err(TransportError::new(TransportErrorKind::Connect, format!("nobody listens at {host}")));
            };
            let (pen, reply) = network.ask(place, &request);
            tokio::time::sleep(reply.after).await;
            match reply.action {
                Action::Respond(response) if response.framing == Framing::Wire => Err(pen.broken("not HTTP")),
                Action::Respond(response) => Ok(respond(response, pen)),
                Action::Hang => std::future::pending().await,
                Action::Reset => Err(pen.broken("reset")),
                Action::Close => Err(pen.broken("closed")),
            }
        }
        .boxed()
    }
}

impl Network {
    /// Finds the address of the host and checks it, as every transport must do.
    async fn connect(&self, host: &str, request: &HttpRequest) -> Result<(), TransportError> {
        if host.parse::<IpAddr>().is_ok() {
            return Ok(());
        }
        let timeout = TransportError::new(TransportErrorKind::Timeout(TimeLimit::Connect), "no address in time");
        let found = tokio::time::timeout(request.connect_timeout, self.0.resolver.resolve(host)).await;
        let addresses = found.map_err(|_| timeout)??;
        match addresses.iter().any(|address| request.scope.permits(*address)) {
            true => Ok(()),
            false => Err(TransportError::new(TransportErrorKind::BlockedAddress, "no address is permitted")),
        }
    }
}

fn respond(response: Response, pen: Pen) -> HttpResponse {
    let mut headers = HeaderMap::new();
    for (name, value) in &response.headers {
        let name = HeaderName::try_from(name).expect("a script's header name");
        headers.append(name, HeaderValue::try_from(value).expect("a script's header value"));
    }
    let status = StatusCode::from_u16(response.status).expect("a script's status");
    let body = stream::unfold(Sending::new(response, pen), Sending::next).boxed();
    HttpResponse::new(status, headers, body)
}

/// A body that is being sent.
struct Sending {
    status: u16,
    parts: std::vec::IntoIter<BodyPart>,
    end: End,
    pen: Option<Pen>,
}

impl Sending {
    fn new(response: Response, pen: Pen) -> Self {
        Self { status: response.status, parts: response.parts.into_iter(), end: response.end, pen: Some(pen) }
    }

    async fn next(mut self) -> Option<(Result<Bytes, TransportError>, Self)> {
        if let Some(BodyPart { after, bytes }) = self.parts.next() {
            tokio::time::sleep(after).await;
            return Some((Ok(bytes), self));
        }
        let pen = self.pen.take()?;
        let broken = match self.end {
            End::Complete => {
                pen.end(&self.status.to_string());
                return None;
            }
            End::Close => pen.broken("closed"),
            End::Reset => pen.broken("reset"),
            End::Hang => {
                // The pen is dropped together with this future.
                let _pen = pen;
                std::future::pending().await
            }
        };
        Some((Err(broken.after_answer()), self))
    }
}

/// Records the end of a request. If it is dropped before the end, the client has dropped the exchange.
struct Pen {
    network: Network,
    entry: usize,
    open: bool,
}

impl Pen {
    fn end(mut self, ending: &str) {
        self.write(ending);
    }

    fn broken(mut self, ending: &str) -> TransportError {
        self.write(ending);
        TransportError::new(TransportErrorKind::Reset, format!("the connection was {ending}"))
    }

    fn write(&mut self, ending: &str) {
        self.open = false;
        let now = self.network.0.started.elapsed();
        if let Some(entry) = self.network.entries().get_mut(self.entry) {
            entry.ended = Some(now);
            entry.ending = ending.to_owned();
        }
    }
}

impl Drop for Pen {
    fn drop(&mut self) {
        if self.open {
            self.write("dropped");
        }
    }
}
