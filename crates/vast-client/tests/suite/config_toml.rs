//! Configurations that are written as TOML.

use vast_client::{ClientConfig, ConfigKey};

/// A file that sets every key to something else than its default.
const EVERYTHING: &str = include_str!("../../../../fixtures/configuration.toml");

#[test]
fn a_configuration_is_written_and_read_again() {
    let config = ClientConfig::try_from(EVERYTHING).expect("a configuration");
    let written = config.to_toml();
    let again = ClientConfig::try_from(&*written).unwrap_or_else(|error| panic!("{error}\n{written}"));
    assert_eq!(again, config, "{written}");
    let missing = |key: &&ConfigKey| !written.contains(key.as_str());
    // The length of a break is written as `max` of its table.
    let missing: Vec<_> = ConfigKey::ALL.iter().filter(missing).map(|key| key.as_str()).collect();
    assert_eq!(missing, ["break_duration"]);
    assert_eq!(ClientConfig::default().to_toml(), "");
}
