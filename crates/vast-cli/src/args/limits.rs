//! Limits on what the documents and trackers of a request may cost.

use clap::Args;
use vast_client::config::ClientConfig;

use super::value::set;

/// Limits on what the documents and trackers of a request may cost. Only `--help` shows them, and `-h` does not.
#[derive(Debug, Args)]
#[command(next_help_heading = "Limits")]
pub(crate) struct LimitArgs {
    /// The most HTTP requests for the documents of one source, with retries and redirects [default: 40].
    #[arg(long, value_name = "NUMBER", hide_short_help = true)]
    max_exchanges: Option<u32>,
    /// The most redirects of one URL of a document [default: 5].
    #[arg(long, value_name = "NUMBER", hide_short_help = true)]
    max_redirects: Option<u32>,
    /// The most bytes of all documents of one source, decompressed [default: 8388608].
    #[arg(long, value_name = "BYTES", hide_short_help = true)]
    max_source_bytes: Option<u64>,
    /// The most bytes of all documents of the request, decompressed [default: 16777216].
    #[arg(long, value_name = "BYTES", hide_short_help = true)]
    max_request_bytes: Option<u64>,
    /// The most breaks of a playlist (VMAP) that are run; the others are skipped [default: 50].
    #[arg(long, value_name = "NUMBER", hide_short_help = true)]
    max_breaks: Option<usize>,
    /// The most trackers that are called with the answer; impressions come first [default: 1000].
    #[arg(long, value_name = "NUMBER", hide_short_help = true)]
    max_beacons: Option<usize>,
    /// Whether a document that a wrapper leads to may give more than one ad [default: what `allowMultipleAds` of the wrapper
    /// says].
    #[arg(long, value_name = "true|false", hide_possible_values = true, hide_short_help = true)]
    allow_multiple_ads: Option<bool>,
}

impl LimitArgs {
    /// Overrides the settings of `file` by the arguments that are present.
    pub(super) fn apply(&self, file: &mut ClientConfig) {
        let strategy = &mut file.fetch.strategy;
        set(&mut strategy.cost.max_exchanges, self.max_exchanges);
        set(&mut strategy.cost.max_redirects, self.max_redirects);
        set(&mut strategy.cost.max_source_bytes, self.max_source_bytes);
        set(&mut strategy.cost.max_request_bytes, self.max_request_bytes);
        set(&mut strategy.cost.max_breaks, self.max_breaks);
        set(&mut strategy.allow_multiple_ads, self.allow_multiple_ads.map(Some));
        set(&mut file.fetch.max_beacons, self.max_beacons);
    }
}
