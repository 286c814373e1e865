//! 10,000 requests in flight over HTTP/2: many streams in few connections.

use std::convert::Infallible;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Empty, Full};
use hyper::client::conn::http2::SendRequest;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::OnceCell;
use tokio_rustls::{TlsAcceptor, TlsConnector};
use vast_client::VastClient;

use super::many_sources::compare;
use super::side::{Endured, Side, endure};
use crate::document;
use crate::effort::{Effort, Failure};
use crate::load::Work;
use crate::pipeline::{Pipeline, patient};
use crate::table::Table;

/// The argument that starts this binary as servers that speak HTTP/2 over TLS. The path of the file for their certificate follows.
pub(crate) const ARGUMENT: &str = "--serve-http2";
/// The name of this measurement for a process.
pub(super) const CASE: &str = "http2";
const IN_FLIGHT: usize = 10_000;
const SERVERS: usize = 4;
/// How many streams a server allows in one connection.
const STREAMS: u32 = 20_000;
/// The servers answer after this time.
const THINKS: Duration = Duration::from_secs(1);
const FILLED: Duration = Duration::from_secs(3);

pub(crate) fn measure(effort: Effort) -> Result<Table, Failure> {
    let note = format!(
        "{IN_FLIGHT} requests in flight all the time over {SERVERS} servers that speak HTTP/2 with TLS, allow {STREAMS} streams in a \
         connection and answer after {THINKS:?}. The bare client is hyper's, with one connection to each server, and does not read the \
         document. Otherwise as the table before. Goal: at most 40 kB per request more than bare, and no growth over {:?}.",
        effort.endurance
    );
    compare("10,000 requests in flight over HTTP/2", note, CASE, IN_FLIGHT, effort)
}

/// Puts the load on servers of its own.
pub(super) fn side(side: Side, time: Duration) -> Result<Endured, Failure> {
    let servers = Servers::start()?;
    let in_flight = (0..IN_FLIGHT).map(|number| number % SERVERS);
    match side {
        Side::Bare => {
            let clients = servers.addresses.iter().map(|address| BareHttp2::new(*address, &servers.certificate));
            endure(&clients.collect::<Result<Vec<_>, _>>()?, in_flight, FILLED, time)
        }
        Side::Ours => {
            let clients = servers.addresses.iter().map(|address| ours(*address, &servers.certificate));
            endure(&clients.collect::<Result<Vec<_>, _>>()?, in_flight, FILLED, time)
        }
    }
}

fn ours(address: SocketAddr, certificate: &Path) -> Result<Pipeline, Failure> {
    let mut config = patient(&format!("https://{address}/vast"));
    config.ca_file = Some(certificate.to_owned());
    Ok(Pipeline(VastClient::from_config(config)?))
}

/// The bare client: one connection, which the first exchange opens.
#[derive(Clone)]
struct BareHttp2 {
    address: SocketAddr,
    tls: Arc<ClientConfig>,
    sender: Arc<OnceCell<SendRequest<Empty<Bytes>>>>,
    request: Request<()>,
}

impl BareHttp2 {
    fn new(address: SocketAddr, certificate: &Path) -> Result<Self, Failure> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(certificate)?)?;
        let mut tls = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        tls.alpn_protocols = vec![b"h2".to_vec()];
        let request = Request::get(format!("https://{address}/vast")).body(())?;
        Ok(Self { address, tls: Arc::new(tls), sender: Arc::default(), request })
    }

    async fn connect(&self) -> Result<SendRequest<Empty<Bytes>>, Failure> {
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        let name = ServerName::from(self.address.ip());
        let stream = TlsConnector::from(Arc::clone(&self.tls)).connect(name, stream).await?;
        let (sender, connection) =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(sender)
    }
}

impl Work for BareHttp2 {
    async fn once(&self) -> Result<(), Failure> {
        let mut sender = self.sender.get_or_try_init(|| self.connect()).await?.clone();
        sender.ready().await?;
        let response = sender.send_request(self.request.clone().map(|()| Empty::new())).await?;
        let body = response.into_body().collect().await?.to_bytes();
        if body.len() == document::one_ad().len() { Ok(()) } else { Err("the body is not whole".into()) }
    }
}

/// The servers in a process of their own, which ends when this is dropped.
struct Servers {
    child: Child,
    addresses: Vec<SocketAddr>,
    certificate: PathBuf,
    _folder: tempfile::TempDir,
}

impl Servers {
    fn start() -> Result<Self, Failure> {
        let folder = tempfile::tempdir()?;
        let certificate = folder.path().join("certificate.pem");
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(ARGUMENT).arg(&certificate).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let output = BufReader::new(child.stdout.take().ok_or("the servers have no output")?);
        let addresses =
            output.lines().take(SERVERS).map(|line| Ok(line?.parse()?)).collect::<Result<Vec<_>, Failure>>()?;
        if addresses.len() < SERVERS {
            return Err("the servers did not start".into());
        }
        Ok(Self { child, addresses, certificate, _folder: folder })
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        // The process ends at the end of its input.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// Runs the servers: writes their certificate, prints their addresses, and serves until the input ends.
pub(crate) fn serve(arguments: &[String]) -> Result<(), Failure> {
    let file = arguments.first().ok_or("a file for the certificate")?;
    let made = rcgen::generate_simple_self_signed([Ipv4Addr::LOCALHOST.to_string()])?;
    std::fs::write(file, made.cert.pem())?;
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der())?;
    let mut tls = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key)?;
    tls.alpn_protocols = vec![b"h2".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(tls));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let mut output = std::io::stdout().lock();
    for _ in 0..SERVERS {
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
        writeln!(output, "{}", listener.local_addr()?)?;
        runtime.spawn(accept(listener, acceptor.clone()));
    }
    output.flush()?;
    std::io::stdin().lock().read_to_end(&mut Vec::new())?;
    Ok(())
}

async fn accept(listener: TcpListener, acceptor: TlsAcceptor) {
    while let Ok((stream, _)) = listener.accept().await {
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            let _ = stream.set_nodelay(true);
            let Ok(stream) = acceptor.accept(stream).await else { return };
            let answer = service_fn(async |_: Request<hyper::body::Incoming>| {
                tokio::time::sleep(THINKS).await;
                Ok::<_, Infallible>(Response::new(Full::new(Bytes::from_static(document::one_ad().as_bytes()))))
            });
            let mut server = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
            server.timer(TokioTimer::new()).max_concurrent_streams(STREAMS);
            // The client reports a connection that breaks. The server goes on with the others.
            let _ = server.serve_connection(TokioIo::new(stream), answer).await;
        });
    }
}
