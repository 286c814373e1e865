//! An ad of an answer.

use vast_client::ad::ResolvedAd;
use vast_client::select::Candidate;
use vast_client::track::trackers;

use super::tracker_counts::TrackerCounts;
use super::{chain, media, units};
use crate::render::layout::{Align, Page, StyledText, TextStyle, TextTable};

/// The ad: title, identity, media file, trackers, and the documents of its chain.
pub(super) fn write(page: &mut Page, candidate: &Candidate, number: Option<usize>) {
    let (ad, inline) = (&candidate.ad, &candidate.ad.inline);
    let title = media::title(inline);
    page.blank();
    let title = number.map_or_else(|| title.to_owned(), |number| format!("{number}. {title}"));
    page.line(&StyledText::new(&title, TextStyle::Heading));
    page.field("ad", &media::identity(ad.id.as_ref(), ad.sequence, inline, candidate.duration()));
    played(page, candidate);
    if let Some(click) = ad.click_through(candidate.media.creative) {
        page.field("click", &click.item.url);
    }
    page.field("trackers", &tally(candidate).shown());
    if page.is_verbose() {
        page.table("", tracker_urls(&candidate.ad));
    }
    if ad.wrappers.is_empty() {
        page.field("from", &ad.document.url);
    } else {
        page.table("through", chain::table(ad));
    }
}

fn played(page: &mut Page, candidate: &Candidate) {
    let Some(file) = candidate.media_file() else { return };
    let others = candidate.media.files.len().saturating_sub(1);
    let others = (others > 0).then(|| format!("{} also usable", units::count(others, "other file")));
    page.field("plays", &media::joined([Some(media::described(file)), others]));
    page.field("", &file.url);
}

/// The trackers of all documents of the chain.
fn tally(candidate: &Candidate) -> TrackerCounts {
    let (ad, creative) = (&candidate.ad, candidate.media.creative);
    TrackerCounts::default()
        .impressions(ad.impressions().map(|impression| impression.item))
        .events(ad.tracking(creative).map(|tracking| tracking.item))
        .clicks(ad.click_tracking(creative).count(), ad.custom_clicks(creative).count())
        .errors(ad.errors().count())
}

/// A row per tracker of the ad: event with offset, part of the ad, document, URL.
fn tracker_urls(ad: &ResolvedAd) -> TextTable {
    let mut table = TextTable::new([("", Align::Left), ("", Align::Left), ("", Align::Left), ("", Align::Left)]);
    for tracker in trackers(ad) {
        let offset = tracker.offset.map_or_else(String::new, |offset| format!(" {offset}"));
        table.row([
            StyledText::new(&format!("{}{offset}", tracker.event.as_str()), TextStyle::Secondary),
            StyledText::new(tracker.part.as_str(), TextStyle::Secondary),
            StyledText::new(&format!("hop {}", tracker.hop), TextStyle::Secondary),
            StyledText::plain(tracker.url),
        ]);
    }
    table
}
