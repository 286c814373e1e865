//! Reading configuration files.

use std::path::Path;

use vast_client::ClientConfig;
use vast_gateway::config::GatewayConfig;

/// The examples of the repository.
const INPUTS: [&str; 3] = [
    include_str!("../../vast-client/examples/servers.toml"),
    include_str!("../../../fixtures/configuration.toml"),
    GATEWAY,
];
const GATEWAY: &str = r#"
[server]
listen = "127.0.0.1:8080"
header_timeout = "2s"
[tenant.acme]
rate = 100
[placement.preroll]
tenant = "acme"
version = "4.2"
accept = ["shop"]
source = [{ name = "own", xml = "<VAST/>" }, { url = "https://a.example/v?s=[shop]" }]
"#;

/// A file is read or refused with a message. What was read and written again is the same configuration.
///
/// # Panics
/// If that does not hold.
pub fn config(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let nowhere = Path::new("/nowhere");
    if let Err(error) = GatewayConfig::parse(&text, nowhere) {
        assert!(!error.to_string().is_empty());
    }
    match ClientConfig::parse(&text, nowhere) {
        Err(error) => assert!(!error.to_string().is_empty()),
        Ok(config) => {
            let written = config.to_toml();
            let read = ClientConfig::parse(&written, nowhere);
            let read = read.unwrap_or_else(|error| panic!("{written:?} cannot be read: {error}"));
            assert_eq!(read.to_toml(), written, "of {text:?}");
        }
    }
}

/// The files that are mutated.
pub(crate) fn inputs() -> Vec<Vec<u8>> {
    INPUTS.map(|text| text.as_bytes().to_vec()).to_vec()
}
