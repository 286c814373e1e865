//! The configuration of one arm of a split (A/B test).

use std::time::Duration;

use crate::policy::{FetchMode, SourceOrder};
use crate::select::ParseFilter;

/// An arm: a share of the requests that has its own sources, order, mode, filter or time limit.
///
/// The key of a request ([`AdRequest::split_key`](crate::AdRequest::split_key)) decides its arm: the same key always gives the same
/// arm. When shares change, a key moves only out of an arm that shrinks or into an arm that grows; of two arms exactly as many keys
/// move as the shares differ. Without a key the arm is drawn by share.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ArmConfig {
    /// The name in results, metrics and logs. It is part of the hash that assigns keys to arms, so keys move if it changes.
    pub name: String,
    /// The share of the keys in percent, from 0 to 100. The shares of all arms must be 100 together. An arm of 0 gets no request.
    pub share: f64,
    /// The names of the primary sources that this arm asks, best first. The fallbacks are the same for all arms.
    pub sources: Vec<String>,
    /// The order of its sources. Default: that of the configuration, and `listed` if that is `split`.
    pub order: Option<SourceOrder>,
    /// The mode. Default: that of the configuration.
    pub mode: Option<FetchMode>,
    /// The conditions that an ad must meet; they replace those of the configuration as a whole. Default: those of the configuration.
    pub parse_filter: Option<ParseFilter>,
    /// The time limit of the whole request. Default: that of the configuration.
    pub timeout: Option<Duration>,
}

impl ArmConfig {
    /// An arm with this share in percent, which asks these sources.
    pub fn new<S: Into<String>>(name: impl Into<String>, share: f64, sources: impl IntoIterator<Item = S>) -> Self {
        Self {
            name: name.into(),
            share,
            sources: sources.into_iter().map(Into::into).collect(),
            order: None,
            mode: None,
            parse_filter: None,
            timeout: None,
        }
    }
}
