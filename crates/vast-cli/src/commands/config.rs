//! `vast config`.

use std::path::Path;

use vast_client::VastClient;
#[cfg(feature = "serve")]
use vast_gateway::config::GatewayConfig;

use super::configuration;
use crate::args::{ConfigAction, ConfigArgs};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::{render, stdio};

pub(super) fn run(arguments: &ConfigArgs) -> Result<Exit, CommandError> {
    let ConfigAction::Check { file } = &arguments.action;
    check(file)
}

fn check(path: &Path) -> Result<Exit, CommandError> {
    let shown = path.display();
    let text = configuration::text(path, "FILE")?;
    if is_gateway_file(&text) {
        return check_gateway(path);
    }
    let config = configuration::parse(&text, path, "FILE")?;
    configuration::check_ca_file(config.fetch.ca_file.as_deref(), "ca_file")?;
    // A check makes no folder for recordings.
    let mut checked = config.clone();
    let recording = checked.record.take().map_or(Ok(()), |record| record.check());
    let client = recording.and_then(|()| VastClient::from_config(checked));
    let client = client.map_err(|error| CommandError::usage(format!("FILE: `{shown}`: {error}")))?;
    stdio::print(&render::configuration(&config, client.plan(), &shown.to_string()))?;
    Ok(Exit::Done)
}

/// Whether the text is the configuration of a gateway.
fn is_gateway_file(text: &str) -> bool {
    #[cfg(feature = "serve")]
    return GatewayConfig::is_gateway_file(text);
    // Without the gateway, the message only has to say why the file cannot be checked.
    #[cfg(not(feature = "serve"))]
    text.lines()
        .any(|line| ["[server", "[tenant", "[placement"].iter().any(|table| line.trim_start().starts_with(table)))
}

/// Checks the file of a gateway.
#[cfg(feature = "serve")]
fn check_gateway(path: &Path) -> Result<Exit, CommandError> {
    let shown = path.display();
    let checked = GatewayConfig::load(path).and_then(|loaded| {
        vast_gateway::check_config(&loaded.config)?;
        Ok(loaded.config)
    });
    let config = checked.map_err(|error| CommandError::usage(format!("FILE: `{shown}`: {error}")))?;
    stdio::print(&render::gateway(&config, &shown.to_string()))?;
    Ok(Exit::Done)
}

#[cfg(not(feature = "serve"))]
fn check_gateway(_: &Path) -> Result<Exit, CommandError> {
    Err(CommandError::no_gateway())
}
