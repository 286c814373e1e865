//! What the ad is wanted for.

use std::time::Duration;

use clap::Args;
use vast_client::config::ConfigFile;

use super::value::{self, set};

/// What the ad is wanted for.
#[derive(Debug, Args)]
#[command(next_help_heading = "The place to fill")]
pub(crate) struct SlotArgs {
    /// The most ads the answer may hold [default: as many as the winning source offers].
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..))]
    max_ads: Option<u16>,
    /// Fill a break of this length, with unit; mostly with --mode collect.
    #[arg(long, value_name = "TIME", value_parser = value::duration)]
    break_duration: Option<Duration>,
    /// An interface that the player can run, such as VPAID; may be repeated [default: none].
    #[arg(long, value_name = "NAME")]
    api_framework: Vec<String>,
}

impl SlotArgs {
    /// Takes what is given over what stands in `file`.
    pub(super) fn apply(&self, file: &mut ConfigFile) {
        let slot = &mut file.request.slot;
        set(&mut slot.max_ads, self.max_ads.map(|most| Some(usize::from(most))));
        set(&mut slot.break_duration, self.break_duration.map(Some));
        if !self.api_framework.is_empty() {
            slot.api_frameworks.clone_from(&self.api_framework);
        }
    }
}
