//! The caller's conditions on an ad.

use std::time::Duration;

use clap::Args;
use vast_client::MediaType;
use vast_client::config::ConfigFile;

use super::choice;
use super::value::{self, set};

/// The caller's conditions on an ad.
#[derive(Debug, Args)]
#[command(next_help_heading = "Conditions on an ad")]
pub(crate) struct FilterArgs {
    /// Which media are wanted; may be repeated [default: all].
    #[arg(long, value_name = "TYPE", value_parser = choice::media_type())]
    media_type: Vec<MediaType>,
    /// The shortest ad wanted, with unit.
    #[arg(long, value_name = "TIME", value_parser = value::duration)]
    min_duration: Option<Duration>,
    /// The longest ad wanted, with unit.
    #[arg(long, value_name = "TIME", value_parser = value::duration)]
    max_duration: Option<Duration>,
    /// The least bitrate wanted, in kbit/s.
    #[arg(long, value_name = "KBIT/S")]
    min_bitrate: Option<u32>,
    /// The highest bitrate wanted, in kbit/s.
    #[arg(long, value_name = "KBIT/S")]
    max_bitrate: Option<u32>,
    /// The exact size wanted, in pixels.
    #[arg(long, value_name = "WxH", value_parser = value::dimensions)]
    dimensions: Option<(u32, u32)>,
    /// Let a condition count as met where the document does not say.
    #[arg(long)]
    accept_unknown: bool,
    /// Refuse ads that do not say what they are about.
    #[arg(long)]
    require_category: bool,
    /// How many wrappers may stand above an ad [default: 5].
    #[arg(long, value_name = "NUMBER")]
    max_wrapper_depth: Option<u32>,
    /// Follow no wrappers.
    #[arg(long)]
    no_wrappers: bool,
}

impl FilterArgs {
    /// Takes what is given over what stands in `file`.
    pub(super) fn apply(&self, file: &mut ConfigFile) {
        let filter = &mut file.fetch.parse_filter;
        if !self.media_type.is_empty() {
            filter.media_types.clone_from(&self.media_type);
        }
        set(&mut filter.min_duration, self.min_duration.map(Some));
        set(&mut filter.max_duration, self.max_duration.map(Some));
        set(&mut filter.min_bitrate, self.min_bitrate.map(Some));
        set(&mut filter.max_bitrate, self.max_bitrate.map(Some));
        set(&mut filter.required_dimensions, self.dimensions.map(Some));
        set(&mut filter.max_wrapper_depth, self.max_wrapper_depth);
        filter.accept_unknown |= self.accept_unknown;
        filter.require_category |= self.require_category;
        filter.accept_wrappers &= !self.no_wrappers;
    }
}

#[cfg(test)]
mod tests {
    use super::super::definition;

    #[test]
    fn the_help_names_the_default_that_holds() {
        let help = definition().find_subcommand_mut("request").expect("the command").render_long_help().to_string();
        let depth = vast_client::ParseFilter::default().max_wrapper_depth;
        assert!(help.contains(&format!("How many wrappers may stand above an ad [default: {depth}]")), "{help}");
    }
}
