//! The ad slot and the conditions on an ad.

use std::time::Duration;

use clap::Args;
use vast_client::MediaType;
use vast_client::config::ClientConfig;

use super::value::{self, set};
use crate::error::CommandError;

/// The ad slot.
#[derive(Debug, Args)]
#[command(next_help_heading = "Ad slot")]
pub(crate) struct SlotArgs {
    /// The highest number of ads in the answer [default: all ads of the winning source].
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..))]
    max_ads: Option<u16>,
    /// Fill an ad break of this length, such as 30s. Usually with --mode collect.
    #[arg(long, value_name = "TIME", value_parser = value::duration)]
    break_duration: Option<Duration>,
    /// The shortest running time of all ads of a break together, such as 15s. If they are shorter, there is no ad.
    #[arg(long, value_name = "TIME", value_parser = value::duration)]
    break_min: Option<Duration>,
    /// An API framework that the player supports, such as VPAID; may be repeated [default: none].
    #[arg(long, value_name = "NAME", value_parser = value::word)]
    api_framework: Vec<String>,
    /// Accept media files of this MIME type, besides video, audio, HLS and MPEG-DASH; may be repeated.
    #[arg(long, value_name = "TYPE", value_parser = value::mime_type)]
    mime_type: Vec<String>,
    /// Rank the media files for this device: `web`, `ctv-1080p`, `ctv-4k`, `mobile`, `audio`, or a profile that the file of
    /// --config defines as `[profile.NAME]` [default: no restriction].
    #[arg(long, value_name = "NAME", value_parser = value::word)]
    profile: Option<String>,
}

impl SlotArgs {
    /// Overrides the settings of `file` by the arguments that are present.
    ///
    /// # Errors
    /// There is no profile of the given name.
    pub(super) fn apply(&self, file: &mut ClientConfig) -> Result<(), CommandError> {
        if let Some(name) = &self.profile {
            let chosen = file.choose_profile(name);
            chosen.map_err(|error| CommandError::usage(format!("--profile: {}", error.problem)))?;
        }
        let slot = &mut file.request.slot;
        set(&mut slot.max_ads, self.max_ads.map(|most| Some(usize::from(most))));
        set(&mut slot.break_duration, self.break_duration.map(Some));
        set(&mut slot.break_min, self.break_min.map(Some));
        if !self.api_framework.is_empty() {
            slot.api_frameworks.clone_from(&self.api_framework);
        }
        if !self.mime_type.is_empty() {
            slot.mime_types.clone_from(&self.mime_type);
        }
        Ok(())
    }
}

/// The conditions on an ad.
#[derive(Debug, Args)]
#[command(next_help_heading = "Conditions on an ad")]
pub(crate) struct FilterArgs {
    /// The media type of the ad; may be repeated [default: all].
    #[arg(long, value_name = "TYPE", value_parser = value::media_type())]
    media_type: Vec<MediaType>,
    /// The lowest duration of an ad, such as 5s.
    #[arg(long, value_name = "TIME", value_parser = value::duration)]
    min_duration: Option<Duration>,
    /// The highest duration of an ad, such as 30s.
    #[arg(long, value_name = "TIME", value_parser = value::duration)]
    max_duration: Option<Duration>,
    /// The lowest bitrate of a media file, in kbit/s.
    #[arg(long, value_name = "KBIT/S")]
    min_bitrate: Option<u32>,
    /// The highest bitrate of a media file, in kbit/s.
    #[arg(long, value_name = "KBIT/S")]
    max_bitrate: Option<u32>,
    /// The exact size of a media file, in pixels.
    #[arg(long, value_name = "WxH", value_parser = value::dimensions)]
    dimensions: Option<(u32, u32)>,
    /// Treat a condition as met when the document does not give the value.
    #[arg(long)]
    accept_unknown: bool,
    /// Reject ads without a category.
    #[arg(long)]
    require_category: bool,
    /// The highest number of wrappers above an ad [default: 5].
    #[arg(long, value_name = "NUMBER")]
    max_wrapper_depth: Option<u32>,
    /// Do not follow wrappers.
    #[arg(long)]
    no_wrappers: bool,
}

impl FilterArgs {
    /// Overrides the settings of `file` by the arguments that are present.
    pub(super) fn apply(&self, file: &mut ClientConfig) {
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
    fn the_help_names_the_real_default_and_the_built_in_profiles() {
        let help = definition().find_subcommand_mut("request").expect("the command").render_long_help().to_string();
        let depth = vast_client::ParseFilter::default().max_wrapper_depth;
        assert!(help.contains(&format!("The highest number of wrappers above an ad [default: {depth}]")), "{help}");
        for name in vast_client::request::DeviceProfile::BUILT_IN {
            assert!(help.contains(&format!("`{name}`")), "{name}: {help}");
        }
    }
}
