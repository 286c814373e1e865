//! TLS for the HTTP transport: whom to trust and who we are.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};

use crate::error::{ConfigError, ConfigKey};

/// Whom to trust, and who we are. By default the certificate authorities that Mozilla trusts, and nobody.
///
/// They are built in: a container without certificates works, and so does a machine with odd ones.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TlsSettings {
    /// A PEM file with certificate authorities to be trusted as well, for house ad servers.
    pub ca_file: Option<PathBuf>,
    /// A client certificate, which some ad servers ask of server-side callers.
    pub identity: Option<ClientIdentity>,
    /// Trust whoever answers. Default `false`; for debugging a tag from the command line only.
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
    /// Reads the files and gives the configuration of a client that offers HTTP/2 and HTTP/1.1.
    ///
    /// # Errors
    /// A [`ConfigError`] naming `ca_file`, `client_certificate` or `client_key`.
    pub(super) fn client_config(&self) -> Result<ClientConfig, ConfigError> {
        // Named here, because the process-wide default is the application's to choose, not a library's.
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(|error| ConfigError::general(format!("TLS: {error}")))?;
        let builder = if self.insecure {
            builder.dangerous().with_custom_certificate_verifier(Arc::new(TrustAll(provider)))
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
                    ConfigError::new(ConfigKey::ClientKey, format!("does not fit the certificate: {error}"))
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
        PrivateKeyDer::from_pem_file(&self.key).map_err(|error| unreadable(ConfigKey::ClientKey, &self.key, &error))
    }
}

fn certificates(key: ConfigKey, path: &Path) -> Result<Vec<CertificateDer<'static>>, ConfigError> {
    let certificates = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    match certificates {
        Ok(certificates) if certificates.is_empty() => {
            Err(ConfigError::new(key, format!("{} holds no certificate in PEM form", path.display())))
        }
        Ok(certificates) => Ok(certificates),
        Err(error) => Err(unreadable(key, path, &error)),
    }
}

fn unreadable(key: ConfigKey, path: &Path, error: &rustls_pki_types::pem::Error) -> ConfigError {
    ConfigError::new(key, format!("{} cannot be read: {error}", path.display()))
}

/// Accepts every certificate; the handshake's signatures are still checked.
struct TrustAll(Arc<CryptoProvider>);

impl fmt::Debug for TrustAll {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TrustAll")
    }
}

impl ServerCertVerifier for TrustAll {
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
