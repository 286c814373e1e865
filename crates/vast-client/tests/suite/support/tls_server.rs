//! A TLS server on loopback with certificates made for the test.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::server::WebPkiClientVerifier;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::Barrier;
use tokio_rustls::TlsAcceptor;

/// A certificate authority, and a folder for its files.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
    folder: TempDir,
}

impl Authority {
    /// A new authority, which no client trusts. Its certificate is in [`ca_file`](Self::ca_file).
    pub fn new() -> Self {
        let mut params = CertificateParams::new(Vec::<String>::new()).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name = named("test authority");
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate");
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("ca.pem"), certificate.pem()).expect("a file");
        Self { issuer: Issuer::new(params, key), certificate: certificate.der().clone(), folder }
    }

    pub fn ca_file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// A file in the authority's folder.
    pub fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).expect("a file");
        path
    }

    /// A certificate for this name and its key. If `expired` is true, the certificate has expired.
    pub fn issue(&self, name: &str, expired: bool) -> (rcgen::Certificate, KeyPair) {
        let mut params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        params.distinguished_name = named(name);
        if expired {
            params.not_before = rcgen::date_time_ymd(2019, 1, 1);
            params.not_after = rcgen::date_time_ymd(2020, 1, 1);
        }
        let key = KeyPair::generate().expect("a key");
        (params.signed_by(&key, &self.issuer).expect("a certificate"), key)
    }
}

fn named(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}

/// The properties of a server.
#[derive(Clone)]
pub struct Manner<'a> {
    /// The name in its certificate.
    pub name: &'a str,
    pub expired: bool,
    /// The protocols that the server offers.
    pub protocols: &'a [&'a [u8]],
    /// Whether clients need a certificate of the same authority.
    pub asks_for_certificate: bool,
    /// How many requests arrive before the first is answered.
    pub answers_after: usize,
    pub body: &'static [u8],
}

impl Default for Manner<'_> {
    fn default() -> Self {
        Self {
            name: "ads.example",
            expired: false,
            protocols: &[b"h2", b"http/1.1"],
            asks_for_certificate: false,
            answers_after: 1,
            body: b"<VAST/>",
        }
    }
}

/// The server and its log.
#[derive(Clone)]
pub struct TlsServer {
    pub address: SocketAddr,
    accepted: Arc<AtomicUsize>,
    /// The version and the host of every request.
    requests: Arc<Mutex<Vec<(http::Version, String)>>>,
    together: Arc<Barrier>,
    body: &'static [u8],
}

impl TlsServer {
    pub async fn start(authority: &Authority, manner: Manner<'_>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let acceptor = TlsAcceptor::from(Arc::new(server_config(authority, &manner)));
        let together = Arc::new(Barrier::new(manner.answers_after));
        let server = Self { address, accepted: Arc::default(), requests: Arc::default(), together, body: manner.body };
        let this = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (this, acceptor) = (this.clone(), acceptor.clone());
                tokio::spawn(async move {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        this.accepted.fetch_add(1, Ordering::SeqCst);
                        this.serve(stream).await;
                    }
                });
            }
        });
        server
    }

    async fn serve(&self, stream: tokio_rustls::server::TlsStream<tokio::net::TcpStream>) {
        let h2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
        let service = service_fn(|request: Request<Incoming>| {
            let host = request.uri().host().map(str::to_owned);
            let header = request.headers().get("host").and_then(|host| host.to_str().ok()).map(str::to_owned);
            let seen = (request.version(), host.or(header).unwrap_or_default());
            self.requests.lock().expect("no panic").push(seen);
            let (together, body) = (Arc::clone(&self.together), self.body);
            async move {
                together.wait().await;
                Ok::<_, Infallible>(Response::new(Full::new(Bytes::from_static(body))))
            }
        });
        let stream = TokioIo::new(stream);
        // The test does not fail if the client closes the connection.
        let _ = if h2 {
            hyper::server::conn::http2::Builder::new(TokioExecutor::new()).serve_connection(stream, service).await
        } else {
            hyper::server::conn::http1::Builder::new().serve_connection(stream, service).await
        };
    }

    pub fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    pub fn requests(&self) -> Vec<(http::Version, String)> {
        self.requests.lock().expect("no panic").clone()
    }

    pub fn url(&self, host: &str) -> String {
        format!("https://{host}:{}/v", self.address.port())
    }
}

pub fn server_config(authority: &Authority, manner: &Manner<'_>) -> ServerConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let (certificate, key) = authority.issue(manner.name, manner.expired);
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let builder = ServerConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions();
    let builder = builder.expect("versions");
    let builder = if manner.asks_for_certificate {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(authority.certificate.clone()).expect("a certificate");
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
        builder.with_client_cert_verifier(verifier.expect("a verifier"))
    } else {
        builder.with_no_client_auth()
    };
    let mut config = builder.with_single_cert(vec![certificate.der().clone()], key).expect("a certificate");
    config.alpn_protocols = manner.protocols.iter().map(|protocol| protocol.to_vec()).collect();
    config
}
