//! Judging ads.

use std::time::Duration;

use vast_client::request::Slot;
use vast_client::select::{self, Candidate, ParseFilter, Verdict};

/// The verdict is the same each time, and an ad that passes a filter passes each filter that has a part of its conditions.
///
/// # Panics
/// If that does not hold.
pub fn verdict(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let slot = Slot::default();
    let Some(candidate) = Candidate::from_document(0, &text, &slot) else { return };
    let usable = |filter: &ParseFilter| {
        let verdict = select::verdict(&candidate.ad, &slot, filter);
        assert_eq!(verdict, select::verdict(&candidate.ad, &slot, filter), "two verdicts on one ad");
        matches!(verdict, Verdict::Usable(_))
    };
    let (all, parts) = filters();
    if usable(&all) {
        let refused = parts.iter().find(|part| !usable(part));
        assert!(refused.is_none(), "a part of the conditions refuses the ad: {refused:?}");
    }
}

/// A filter with many conditions, and filters with one of them each.
fn filters() -> (ParseFilter, [ParseFilter; 4]) {
    let mut filters: [ParseFilter; 5] = std::array::from_fn(|_| ParseFilter::default());
    let [all, bitrates, durations, hosts, depth] = &mut filters;
    for filter in [&mut *all, bitrates] {
        *filter = std::mem::take(filter).with_bitrates(Some(500), Some(4000));
    }
    for filter in [&mut *all, durations] {
        (filter.min_duration, filter.max_duration) = (Some(Duration::from_secs(5)), Some(Duration::from_secs(60)));
    }
    for filter in [&mut *all, hosts] {
        filter.blocked.media_hosts = vec!["c.example".into()];
    }
    for filter in [&mut *all, depth] {
        filter.max_wrapper_depth = 0;
    }
    let [all, parts @ ..] = filters;
    (all, parts)
}
