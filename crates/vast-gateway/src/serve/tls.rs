//! TLS: the certificate and key of a server, which are read again when the files change.

use std::convert::Infallible;
use std::error::Error as _;
use std::io;
use std::mem;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustls::client::verify_server_cert_signed_by_trust_anchor;
use rustls::crypto::{CryptoProvider, ring};
use rustls::server::{ClientHello, ParsedCertificate, ResolvesServerCert, ServerConfig};
use rustls::sign::CertifiedKey;
use rustls::{CertificateError, RootCertStore};
use rustls_pki_types::pem::{self, PemObject as _};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use tokio::task::spawn_blocking;
use tokio::time::sleep;
use vast_client::env::Env;
use vast_client::read_regular_file;

use crate::config::TlsFiles;

/// How often the files are read.
const READ_EVERY: Duration = Duration::from_secs(2);
/// The largest file that is read: a chain of certificates has some kilobytes.
const MAX_FILE: u64 = 1 << 20;

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    #[error("cannot read {}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{} has no {what} in PEM form", path.display())]
    NotPem { path: PathBuf, what: &'static str, source: pem::Error },
    #[error("the certificate in {} does not fit the key in {}", certificate.display(), key.display())]
    Mismatch { certificate: PathBuf, key: PathBuf, source: rustls::Error },
    #[error("certificate {number} in {} cannot be read", path.display())]
    BadCertificate { path: PathBuf, number: usize, source: rustls::Error },
    #[error("TLS cannot be set up")]
    Setup(#[from] rustls::Error),
}

/// The certificate that new connections get.
#[derive(Debug)]
pub(super) struct ServerCertificate {
    files: TlsFiles,
    current: RwLock<Arc<CertifiedKey>>,
}

/// The bytes of both files.
#[derive(Debug, PartialEq, Eq)]
struct TlsBytes {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl ServerCertificate {
    /// Reads the files. The second value are the rules of TLS for a server with this certificate.
    pub(super) fn load(files: &TlsFiles) -> Result<(Arc<Self>, Arc<ServerConfig>), TlsError> {
        let provider = Arc::new(ring::default_provider());
        let current = RwLock::new(certified_key(files, &read_both(files)?, &provider)?);
        let certificate = Arc::new(Self { files: files.clone(), current });
        certificate.warn_of_times();
        let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        let mut rules = builder.with_no_client_auth().with_cert_resolver(Arc::clone(&certificate) as _);
        rules.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        // Sessions are kept by the clients, so that they need no memory here.
        rules.ticketer = ring::Ticketer::new()?;
        Ok((certificate, Arc::new(rules)))
    }

    /// Reads the files again and again until it is dropped.
    pub(super) async fn watch(&self) -> Infallible {
        let mut last = None;
        loop {
            sleep(READ_EVERY).await;
            let files = self.files.clone();
            if let Ok(read) = spawn_blocking(move || read_both(&files)).await {
                self.update(read.map_err(|error| error.with_cause()), &mut last);
            }
        }
    }

    /// Uses what was read if it is new and valid; otherwise the certificate stays. Each mistake is reported once.
    fn update(&self, read: Result<TlsBytes, String>, last: &mut Option<Result<TlsBytes, String>>) {
        if last.as_ref() == Some(&read) {
            return;
        }
        let new = read.as_ref().map_err(String::clone).and_then(|bytes| {
            certified_key(&self.files, bytes, &ring::default_provider()).map_err(|error| error.with_cause())
        });
        let file = self.files.certificate.display();
        match new {
            Ok(new) => {
                let old = mem::replace(&mut *self.current.write().unwrap_or_else(PoisonError::into_inner), new);
                if last.is_some() || old.cert != self.current().cert {
                    tracing::info!(%file, "new TLS certificate");
                    self.warn_of_times();
                }
            }
            Err(error) => tracing::warn!(%file, error, "the TLS certificate stays the old one"),
        }
        *last = Some(read);
    }

    /// Warns if clients refuse the certificate because of its times. It is used all the same: the clock of this machine may be wrong.
    fn warn_of_times(&self) {
        let problem =
            self.current().cert.first().and_then(|certificate| times_problem(certificate, Env::system().wall()));
        if let Some(problem) = problem {
            tracing::warn!(file = %self.files.certificate.display(), "the TLS certificate {problem}: clients refuse it");
        }
    }

    fn current(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl TlsError {
    /// The text with that of its cause.
    pub(crate) fn with_cause(&self) -> String {
        match self {
            Self::NotPem { source: pem::Error::MissingSectionEnd { end_marker }, .. } => {
                format!("{self}: the line `-----END {}-----` is missing", String::from_utf8_lossy(end_marker))
            }
            _ => self.source().map_or_else(|| self.to_string(), |cause| format!("{self}: {cause}")),
        }
    }
}

impl ResolvesServerCert for ServerCertificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current())
    }
}

/// Checks that there is a certificate with its key.
///
/// # Errors
/// What is wrong with the files.
pub(crate) fn check_tls(files: &TlsFiles) -> Result<(), TlsError> {
    certified_key(files, &read_both(files)?, &ring::default_provider()).map(drop)
}

fn certified_key(files: &TlsFiles, bytes: &TlsBytes, provider: &CryptoProvider) -> Result<Arc<CertifiedKey>, TlsError> {
    let not_pem = |path: &Path, what| {
        let path = path.to_owned();
        move |source| TlsError::NotPem { path, what, source }
    };
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes.certificate).collect();
    let chain = chain.and_then(|chain| if chain.is_empty() { Err(pem::Error::NoItemsFound) } else { Ok(chain) });
    let chain = chain.map_err(not_pem(&files.certificate, "certificate"))?;
    check_chain(&files.certificate, &chain)?;
    let key = PrivateKeyDer::from_pem_slice(&bytes.key).map_err(not_pem(&files.key, "private key"))?;
    let mismatch =
        |source| TlsError::Mismatch { certificate: files.certificate.clone(), key: files.key.clone(), source };
    CertifiedKey::from_der(chain, key, provider).map(Arc::new).map_err(mismatch)
}

fn read_both(files: &TlsFiles) -> Result<TlsBytes, TlsError> {
    Ok(TlsBytes { certificate: read_file(&files.certificate)?, key: read_file(&files.key)? })
}

fn read_file(path: &Path) -> Result<Vec<u8>, TlsError> {
    read_regular_file(path, MAX_FILE).map_err(|source| TlsError::Unreadable { path: path.to_owned(), source })
}

/// Every certificate is sent to the clients, and one that none of them can read would end all of their handshakes.
fn check_chain(path: &Path, chain: &[CertificateDer<'_>]) -> Result<(), TlsError> {
    let bad = (1..).zip(chain).find_map(|(number, certificate)| match ParsedCertificate::try_from(certificate) {
        Err(source @ rustls::Error::InvalidCertificate(CertificateError::BadEncoding)) => Some((number, source)),
        // Clients may ignore other faults in the certificate of an authority, for example an old version.
        _ => None,
    });
    bad.map_or(Ok(()), |(number, source)| Err(TlsError::BadCertificate { path: path.to_owned(), number, source }))
}

/// What is wrong with the times of a certificate.
fn times_problem(certificate: &CertificateDer<'_>, now: SystemTime) -> Option<&'static str> {
    let now = UnixTime::since_unix_epoch(now.duration_since(UNIX_EPOCH).ok()?);
    let certificate = ParsedCertificate::try_from(certificate).ok()?;
    let algorithms = ring::default_provider().signature_verification_algorithms.all;
    // It fails in any case, because no authority is known. The times are compared before that.
    let failure =
        verify_server_cert_signed_by_trust_anchor(&certificate, &RootCertStore::empty(), &[], now, algorithms).err()?;
    match failure {
        rustls::Error::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
            Some("has expired")
        }
        rustls::Error::InvalidCertificate(
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. },
        ) => Some("is not valid yet"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// A certificate for `name` and its key.
    fn issued(name: &str) -> (String, String) {
        let issued = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
        (issued.cert.pem(), issued.signing_key.serialize_pem())
    }

    #[test]
    fn a_new_certificate_is_used_only_with_its_key() {
        let folder = tempfile::tempdir().unwrap();
        let files = TlsFiles { certificate: folder.path().join("tls.crt"), key: folder.path().join("tls.key") };
        let (old, new) = (issued("old.example"), issued("new.example"));
        let write = |certificate: &str, key: &str| {
            fs::write(&files.certificate, certificate).unwrap();
            fs::write(&files.key, key).unwrap();
        };
        write(&old.0, &old.1);
        let (certificate, _) = ServerCertificate::load(&files).unwrap();
        let first = certificate.current();
        let mut last = None;
        // The files of each step, and whether the certificate is the new one after it.
        let damaged = format!("{}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", new.0);
        let half = format!("{}{}", new.0, &old.0[..old.0.len() / 2]);
        let steps = [
            (&old.0, &old.1, false),
            (&new.0, &old.1, false),
            (&String::new(), &new.1, false),
            (&half, &new.1, false),
            (&damaged, &new.1, false),
            (&new.0, &new.1, true),
        ];
        for (chain, key, is_new) in steps {
            write(chain, key);
            certificate.update(read_both(&files).map_err(|error| error.with_cause()), &mut last);
            assert_eq!(certificate.current().cert != first.cert, is_new);
        }
        fs::remove_file(&files.key).unwrap();
        certificate.update(read_both(&files).map_err(|error| error.with_cause()), &mut last);
        assert_ne!(certificate.current().cert, first.cert, "the new certificate stays");
    }

    #[test]
    fn a_certificate_has_its_times() {
        let mut parameters = rcgen::CertificateParams::new(["one.example".to_owned()]).unwrap();
        parameters.not_before = rcgen::date_time_ymd(2020, 1, 1);
        parameters.not_after = rcgen::date_time_ymd(2021, 1, 1);
        let certificate = parameters.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap();
        let day = |number: u64| UNIX_EPOCH + Duration::from_secs(number * 24 * 3600);
        // 2019-12-22, 2020-06-28, 2021-01-12.
        for (now, expected) in
            [(day(18_252), Some("is not valid yet")), (day(18_441), None), (day(18_639), Some("has expired"))]
        {
            assert_eq!(times_problem(certificate.der(), now), expected, "{now:?}");
        }
    }

    #[test]
    fn mistakes_name_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let files = TlsFiles { certificate: folder.path().join("tls.crt"), key: folder.path().join("tls.key") };
        let message = || ServerCertificate::load(&files).unwrap_err().with_cause();
        assert!(message().contains("tls.crt"), "{}", message());
        fs::write(&files.certificate, issued("one.example").0).unwrap();
        fs::write(&files.key, "no key").unwrap();
        assert!(message().contains("tls.key has no private key in PEM form"), "{}", message());
        fs::write(&files.key, issued("other.example").1).unwrap();
        assert!(message().contains("does not fit the key"), "{}", message());
        let damaged = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        fs::write(&files.certificate, issued("one.example").0 + damaged).unwrap();
        assert!(message().contains("certificate 2 in "), "{}", message());
        fs::write(&files.certificate, "-----BEGIN CERTIFICATE-----\nAAAA\n").unwrap();
        assert!(message().ends_with("the line `-----END CERTIFICATE-----` is missing"), "{}", message());
    }

    /// Opening a pipe waits for a process that writes into it, and the certificate would never be read again.
    #[cfg(unix)]
    #[test]
    fn only_a_regular_file_is_read() {
        let files = TlsFiles { certificate: "/dev/zero".into(), key: "/dev/null".into() };
        let message = ServerCertificate::load(&files).unwrap_err().with_cause();
        assert!(message.ends_with("a device, not a regular file"), "{message}");
    }
}
