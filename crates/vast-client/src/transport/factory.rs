//! Makes the transports of a client: the shared one, and one for each source that has a client certificate.

use std::path::Path;
use std::sync::Arc;

use super::{EgressProxy, Resolver, Transport};
use crate::error::{ConfigError, ConfigKey, ConfigTable};

/// Makes transports that share the client's resolver and certificate authorities.
pub(crate) struct TransportFactory {
    #[cfg(feature = "http")]
    resolver: Resolver,
    #[cfg(feature = "http")]
    tls: super::TlsSettings,
    #[cfg(feature = "http")]
    proxy: Option<EgressProxy>,
}

#[cfg(feature = "http")]
impl TransportFactory {
    pub(crate) fn new(
        resolver: &Resolver,
        ca_file: Option<&Path>,
        insecure: bool,
        proxy: Option<&EgressProxy>,
    ) -> Self {
        let tls = super::TlsSettings { ca_file: ca_file.map(Path::to_owned), identity: None, insecure };
        Self { resolver: resolver.clone(), tls, proxy: proxy.cloned() }
    }

    /// The transport of all sources without a client certificate.
    pub(crate) fn shared(&self) -> Result<Arc<dyn Transport>, ConfigError> {
        self.make(None)
    }

    /// The transport of a source with a client certificate, `None` for a source without. `table` is the table of the
    /// source, for error messages.
    pub(crate) fn with_certificate(
        &self,
        certificate: Option<&Path>,
        private_key: Option<&Path>,
        table: ConfigTable,
    ) -> Result<Option<Arc<dyn Transport>>, ConfigError> {
        let missing = |missing: ConfigKey, other: ConfigKey| {
            ConfigError::new(table.key(missing), format!("is required together with `{other}`"))
        };
        match (certificate, private_key) {
            (None, None) => Ok(None),
            (Some(_), None) => Err(missing(ConfigKey::ClientKey, ConfigKey::ClientCertificate)),
            (None, Some(_)) => Err(missing(ConfigKey::ClientCertificate, ConfigKey::ClientKey)),
            (Some(certificate), Some(private_key)) => {
                let (certificate, key) = (certificate.to_owned(), private_key.to_owned());
                let made = self.make(Some(super::ClientIdentity { certificate, key }));
                made.map(Some).map_err(|error| match error.path.key {
                    Some(name @ (ConfigKey::ClientCertificate | ConfigKey::ClientKey)) => {
                        ConfigError::new(table.key(name), error.problem)
                    }
                    _ => error,
                })
            }
        }
    }

    fn make(&self, identity: Option<super::ClientIdentity>) -> Result<Arc<dyn Transport>, ConfigError> {
        let tls = super::TlsSettings { identity, ..self.tls.clone() };
        Ok(Arc::new(super::HttpTransport::with_proxy(self.resolver.clone(), &tls, self.proxy.clone())?))
    }
}

/// Without the feature `http` there is only the transport that the builder was given.
#[cfg(not(feature = "http"))]
impl TransportFactory {
    pub(crate) fn new(
        _resolver: &Resolver,
        _ca_file: Option<&Path>,
        _insecure: bool,
        _proxy: Option<&EgressProxy>,
    ) -> Self {
        Self {}
    }

    pub(crate) fn shared(&self) -> Result<Arc<dyn Transport>, ConfigError> {
        Err(ConfigError::general("this build has no HTTP transport; give the builder one"))
    }

    pub(crate) fn with_certificate(
        &self,
        certificate: Option<&Path>,
        private_key: Option<&Path>,
        table: ConfigTable,
    ) -> Result<Option<Arc<dyn Transport>>, ConfigError> {
        match certificate.or(private_key) {
            None => Ok(None),
            Some(_) => Err(ConfigError::new(table.key(ConfigKey::ClientCertificate), "needs the HTTP transport")),
        }
    }
}
