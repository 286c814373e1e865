//! The floor of the gateway: hyper's server in a bare loop, alone and with hyper's client behind it. The runtime, the allocator and the
//! rules of the connections are those of the gateway, and nothing else is done: no limits, no parsing of the tag or of the document, no
//! report.

use std::convert::Infallible;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, VARY};
use http::{HeaderValue, Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::process::MeasuredProcess;
use crate::bare::Bare;
use crate::document;
use crate::effort::Failure;
use crate::pipeline::one_thread;

/// The argument that makes this binary the bare server. The URLs of its upstreams follow.
pub(crate) const ARGUMENT: &str = "--bare-server";
/// The largest head of a request, as in the gateway.
const MAX_HEAD: usize = 16 << 10;
/// How long an upstream may take.
const TIMEOUT: Duration = Duration::from_secs(5);

/// A running bare server.
pub(super) struct BareServer {
    pub(super) process: MeasuredProcess,
    pub(super) address: SocketAddr,
}

impl BareServer {
    /// Starts it with these upstreams.
    pub(super) fn start(upstreams: &[String]) -> Result<Self, Failure> {
        let mut command = Command::new(std::env::current_exe()?);
        let mut process = MeasuredProcess::start(command.arg(ARGUMENT).args(upstreams))?;
        let mut line = String::new();
        BufReader::new(process.output()?).read_line(&mut line)?;
        Ok(Self { process, address: line.trim().parse()? })
    }
}

/// The path that is answered with the document that the server has.
pub(super) const OWN: &str = "/own?w=1280&h=720&pos=pre&sid=7f3a9c&gdpr=0&cb=81625341";

/// The path that is answered with the document of an upstream.
pub(super) fn proxied(upstream: usize) -> String {
    format!("/{upstream}?w=1280&h=720&pos=pre&sid=7f3a9c&gdpr=0&cb=81625341")
}

/// Runs the server until the process is ended.
pub(crate) fn run(upstreams: &[String]) -> Result<(), Failure> {
    // The upstreams have one client, and so one pool.
    let length = document::one_ad().len();
    let first = upstreams.first().map(|url| Bare::new(url, length)).transpose()?;
    let upstreams = first.iter().flat_map(|first| upstreams.iter().map(|url| first.at(url, length)));
    let upstreams: Arc<[Bare]> = upstreams.collect::<Result<Vec<_>, _>>()?.into();
    one_thread()?.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        writeln!(std::io::stdout(), "{}", listener.local_addr()?)?;
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            tokio::spawn(serve(stream, Arc::clone(&upstreams)));
        }
    })
}

async fn serve(stream: TcpStream, upstreams: Arc<[Bare]>) {
    let service = service_fn(move |request| {
        let upstreams = Arc::clone(&upstreams);
        async move { Ok::<_, Infallible>(answer(request, upstreams).await) }
    });
    let mut rules = http1::Builder::new();
    rules.header_read_timeout(None).max_header_size(MAX_HEAD).max_buf_size(MAX_HEAD);
    // The client counts the answers, so a connection that fails is seen there.
    let _ = rules.serve_connection(TokioIo::new(stream), service).await;
}

async fn answer(request: Request<Incoming>, upstreams: Arc<[Bare]>) -> Response<Full<Bytes>> {
    let number = request.uri().path().get(1..).and_then(|path| path.parse::<usize>().ok());
    drop(request);
    let body = match number.and_then(|number| upstreams.get(number)) {
        Some(upstream) => timeout(TIMEOUT, upstream.body()).await.ok().and_then(Result::ok).unwrap_or_default(),
        None => Bytes::from_static(document::one_ad().as_bytes()),
    };
    let mut response = Response::new(Full::new(body));
    response.headers_mut().extend([
        (HeaderName::from_static("x-vast-outcome"), HeaderValue::from_static("filled")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (CONTENT_TYPE, HeaderValue::from_static("application/xml; charset=utf-8")),
        (VARY, HeaderValue::from_static("Origin")),
    ]);
    response
}
