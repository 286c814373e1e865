//! TLS settings of the HTTP transport: certificate authorities and client certificates.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};

use crate::error::{ConfigError, ConfigKey};
use crate::regular_file::read_regular_file;

/// The size limit of a file with certificates or a key, in bytes. All public certificate authorities together have less than
/// 1 MiB.
const MAX_PEM_FILE: u64 = 16 * 1024 * 1024;

/// The trusted certificate authorities and the client certificate. By default, the authorities that Mozilla trusts, and
/// no client certificate.
///
/// The certificate authorities are built in, so the client works in a container without certificates.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TlsSettings {
    /// A PEM file with more certificate authorities to trust, for example that of a house ad server.
    pub ca_file: Option<PathBuf>,
    /// A client certificate. Some ad servers require one from server-side callers.
    pub identity: Option<ClientIdentity>,
    /// Whether every certificate is accepted. Default `false`. Only for debugging an ad tag from the command line.
    pub insecure: bool,
}

/// A client certificate and its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientIdentity {
    /// A PEM file with the certificate, followed by its chain.
    pub certificate: PathBuf,
    /// A PEM file with the private key.
    pub key: PathBuf,
}

impl TlsSettings {
    /// Reads the files. Returns the configuration of a TLS client that offers HTTP/2 and HTTP/1.1.
    ///
    /// # Errors
    /// A [`ConfigError`] naming `ca_file`, `client_certificate` or `client_key`.
    pub(super) fn client_config(&self) -> Result<ClientConfig, ConfigError> {
        // The process-wide default belongs to the application, so the provider is named here.
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(|error| ConfigError::general(format!("TLS: {error}")))?;
        let builder = if self.insecure {
            builder.dangerous().with_custom_certificate_verifier(Arc::new(AcceptAnyCertificate(provider)))
        } else {
            builder.with_root_certificates(self.roots()?)
        };
        let mut config = match &self.identity {
            None => builder.with_no_client_auth(),
            Some(identity) => builder
                .with_client_auth_cert(
                    certificates(ConfigKey::ClientCertificate, &identity.certificate)?,
                    identity.key()?,
                )
                .map_err(|error| {
                    ConfigError::new(ConfigKey::ClientKey, format!("does not match the certificate: {error}"))
                })?,
        };
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(config)
    }

    fn roots(&self) -> Result<RootCertStore, ConfigError> {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        for certificate in self.ca_file.iter().map(|path| certificates(ConfigKey::CaFile, path)) {
            for certificate in certificate? {
                roots.add(certificate).map_err(|error| ConfigError::new(ConfigKey::CaFile, error.to_string()))?;
            }
        }
        Ok(roots)
    }
}

impl ClientIdentity {
    fn key(&self) -> Result<PrivateKeyDer<'static>, ConfigError> {
        let pem = read(ConfigKey::ClientKey, &self.key)?;
        PrivateKeyDer::from_pem_slice(&pem).map_err(|error| unreadable(ConfigKey::ClientKey, &self.key, &error))
    }
}

fn certificates(key: ConfigKey, path: &Path) -> Result<Vec<CertificateDer<'static>>, ConfigError> {
    let pem = read(key, path)?;
    match CertificateDer::pem_slice_iter(&pem).collect::<Result<Vec<_>, _>>() {
        Ok(certificates) if certificates.is_empty() => {
            Err(ConfigError::new(key, format!("{} has no certificate in PEM format", path.display())))
        }
        Ok(certificates) => Ok(certificates),
        Err(error) => Err(unreadable(key, path, &error)),
    }
}

fn read(key: ConfigKey, path: &Path) -> Result<Vec<u8>, ConfigError> {
    read_regular_file(path, MAX_PEM_FILE).map_err(|error| unreadable(key, path, &error))
}

fn unreadable(key: ConfigKey, path: &Path, error: &dyn fmt::Display) -> ConfigError {
    ConfigError::new(key, format!("{} cannot be read: {error}", path.display()))
}

/// Accepts every certificate. The signatures of the handshake are still checked.
struct AcceptAnyCertificate(Arc<CryptoProvider>);

impl fmt::Debug for AcceptAnyCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AcceptAnyCertificate")
    }
}

impl ServerCertVerifier for AcceptAnyCertificate {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
