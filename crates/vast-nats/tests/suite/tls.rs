//! TLS with a real server: its certificate is checked, and that of the client where the server asks for one.

use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tempfile::TempDir;
use vast_nats::{Credentials, NatsError, NatsServer};

use super::server::TestServer;

/// An authority, with the files of what it has signed.
struct Authority {
    folder: TempDir,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        let (mut params, key) = (CertificateParams::default(), KeyPair::generate().expect("a key"));
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).expect("a certificate");
        std::fs::write(folder.path().join("ca.pem"), certificate.pem()).expect("the folder can be written");
        Self { folder, issuer: Issuer::new(params, key) }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// The files of a certificate for this name and of its key.
    fn issue(&self, name: &str) -> (PathBuf, PathBuf) {
        let params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        let files = [format!("{name}.pem"), format!("{name}.key")].map(|file| self.folder.path().join(file));
        for (path, text) in files.iter().zip([certificate.pem(), key.serialize_pem()]) {
            std::fs::write(path, text).expect("the folder can be written");
        }
        let [certificate, key] = files;
        (certificate, key)
    }
}

fn quoted(path: &Path) -> String {
    format!("{:?}", path.display().to_string())
}

#[tokio::test]
async fn certificates_of_both_sides_are_checked() {
    let (authority, other) = (Authority::new(), Authority::new());
    let (certificate, key) = authority.issue("localhost");
    for asks_client in [false, true] {
        let client =
            if asks_client { format!("ca_file: {}, verify: true", quoted(&authority.file())) } else { String::new() };
        let lines = format!(
            "tls {{ cert_file: {}, key_file: {}, {client} }}\njetstream {{}}",
            quoted(&certificate),
            quoted(&key)
        );
        let Some(server) = TestServer::with_tls(&lines, Credentials::None).await else { return };
        let mut settings = server.settings();
        settings.servers = vec![format!("tls://localhost:{}", server.port)];
        let mut outcomes = Vec::new();
        for (authority_file, client) in [
            (Some(authority.file()), Some(authority.issue("gateway"))),
            (Some(authority.file()), None),
            (Some(authority.file()), Some(other.issue("stranger"))),
            (Some(other.file()), Some(authority.issue("gateway"))),
            (None, None),
        ] {
            (settings.tls.authority, settings.tls.client) = (authority_file, client);
            outcomes.push(match NatsServer::connect(settings.clone()).await {
                Ok(_) => "connected",
                Err(NatsError::Tls { .. }) => "TLS fails",
                // The server says why it does not accept a client, or only closes the connection.
                Err(_) => "refused",
            });
        }
        let connected: Vec<_> = outcomes[..3].iter().map(|outcome| *outcome == "connected").collect();
        assert_eq!(connected, [true, !asks_client, !asks_client], "the server asks for a certificate: {asks_client}");
        assert_eq!(outcomes[3..], ["TLS fails"; 2], "the server is not that of the authority");
    }
}
