//! Which sources are asked for an ad, and how: the arguments that `request` and `explain` share, and those of them that `replay` has too.

use std::path::PathBuf;

use clap::Args;
use vast_client::config::ClientConfig;

use super::conditions::{FilterArgs, SlotArgs};
use super::consent::ConsentArgs;
use super::device::DeviceArgs;
use super::limits::LimitArgs;
use super::source::{NetworkArgs, SourceArgument};
use super::strategy::StrategyArgs;
use crate::error::CommandError;

/// How sources are asked, and which ads are usable.
#[derive(Debug, Args)]
pub(crate) struct RuleArgs {
    #[command(flatten)]
    strategy: StrategyArgs,
    #[command(flatten)]
    filter: FilterArgs,
    #[command(flatten)]
    slot: SlotArgs,
    #[command(flatten)]
    limits: LimitArgs,
}

impl RuleArgs {
    /// Overrides the settings of `config` by the arguments that are present.
    ///
    /// # Errors
    /// There is no profile of the given name.
    pub(crate) fn apply(&self, config: &mut ClientConfig) -> Result<(), CommandError> {
        self.strategy.apply(config);
        self.filter.apply(config);
        self.slot.apply(config)?;
        self.limits.apply(config);
        Ok(())
    }
}

/// Which sources are asked for an ad, and how.
#[derive(Debug, Args)]
pub(crate) struct AskArgs {
    /// The sources, best first: a URL, a path, or `-` for standard input, each with or without NAME= before it.
    #[arg(value_name = "SOURCE", value_parser = SourceArgument::parse)]
    pub(crate) sources: Vec<SourceArgument>,
    /// A source that is asked when none of the sources has a usable ad; may be repeated.
    #[arg(long = "fallback", value_name = "SOURCE", value_parser = SourceArgument::parse)]
    pub(crate) fallbacks: Vec<SourceArgument>,
    /// Read settings from this TOML file. Arguments override it.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    #[command(flatten)]
    rules: RuleArgs,
    #[command(flatten)]
    device: DeviceArgs,
    #[command(flatten)]
    consent: ConsentArgs,
    /// Of a playlist (VMAP) run only the breaks with this id.
    #[arg(long = "break", value_name = "ID", help_heading = "Break")]
    break_id: Option<String>,
    #[command(flatten)]
    pub(crate) network: NetworkArgs,
    /// Allow redirects, wrappers and trackers at private addresses and on any port.
    #[arg(long, help_heading = "Network")]
    pub(crate) allow_private: bool,
}

impl AskArgs {
    /// Overrides the settings of `file` by the arguments that are present, except the sources.
    ///
    /// # Errors
    /// There is no profile of the given name, or there are too many foreign macros.
    pub(crate) fn apply(&self, file: &mut ClientConfig) -> Result<(), CommandError> {
        self.rules.apply(file)?;
        self.device.apply(file)?;
        self.consent.apply(file);
        if let Some(id) = &self.break_id {
            file.request.break_id = Some(id.clone());
        }
        if let Some(ca_file) = &self.network.ca_file {
            file.fetch.ca_file = Some(ca_file.clone());
        }
        if let Some(proxy) = &self.network.proxy {
            file.fetch.proxy = Some(proxy.clone());
        }
        Ok(())
    }
}
