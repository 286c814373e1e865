//! The transports of a client: one for everybody, and one for each source that shows a certificate.

use std::path::Path;
use std::sync::Arc;

use crate::error::{ConfigError, ConfigKey, ConfigTable};
use crate::transport::{Resolver, Transport};

/// Makes transports with the client's resolver and trust.
pub(crate) struct Transports {
    #[cfg(feature = "http")]
    resolver: Resolver,
    #[cfg(feature = "http")]
    tls: crate::transport::TlsSettings,
}

#[cfg(feature = "http")]
impl Transports {
    pub(crate) fn new(resolver: &Resolver, ca_file: Option<&Path>, insecure: bool) -> Self {
        let tls = crate::transport::TlsSettings { ca_file: ca_file.map(Path::to_owned), identity: None, insecure };
        Self { resolver: resolver.clone(), tls }
    }

    /// The transport of everybody.
    pub(crate) fn anonymous(&self) -> Result<Arc<dyn Transport>, ConfigError> {
        self.make(None)
    }

    /// The transport of a source that shows `certificate`; `None` for a source without one. `table` is the table of the
    /// source, for error messages.
    pub(crate) fn identified(
        &self,
        certificate: Option<&Path>,
        private_key: Option<&Path>,
        table: ConfigTable,
    ) -> Result<Option<Arc<dyn Transport>>, ConfigError> {
        let missing = |missing: ConfigKey, other: ConfigKey| {
            ConfigError::new(table.key(missing), format!("is needed with `{other}`: a certificate has a key"))
        };
        match (certificate, private_key) {
            (None, None) => Ok(None),
            (Some(_), None) => Err(missing(ConfigKey::ClientKey, ConfigKey::ClientCertificate)),
            (None, Some(_)) => Err(missing(ConfigKey::ClientCertificate, ConfigKey::ClientKey)),
            (Some(certificate), Some(private_key)) => {
                let (certificate, key) = (certificate.to_owned(), private_key.to_owned());
                self.make(Some(crate::transport::ClientIdentity { certificate, key })).map(Some)
            }
        }
    }

    fn make(&self, identity: Option<crate::transport::ClientIdentity>) -> Result<Arc<dyn Transport>, ConfigError> {
        let tls = crate::transport::TlsSettings { identity, ..self.tls.clone() };
        Ok(Arc::new(crate::transport::HttpTransport::new(self.resolver.clone(), &tls)?))
    }
}

/// Without the HTTP transport only what the builder was given can be used.
#[cfg(not(feature = "http"))]
impl Transports {
    pub(crate) fn new(_resolver: &Resolver, _ca_file: Option<&Path>, _insecure: bool) -> Self {
        Self {}
    }

    pub(crate) fn anonymous(&self) -> Result<Arc<dyn Transport>, ConfigError> {
        Err(ConfigError::general("this build has no HTTP transport: give one to the builder"))
    }

    pub(crate) fn identified(
        &self,
        certificate: Option<&Path>,
        _private_key: Option<&Path>,
        table: ConfigTable,
    ) -> Result<Option<Arc<dyn Transport>>, ConfigError> {
        match certificate {
            None => Ok(None),
            Some(_) => Err(ConfigError::new(table.key(ConfigKey::ClientCertificate), "needs the HTTP transport")),
        }
    }
}
