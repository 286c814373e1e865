//! Draws a break: a bar with its ads by their running times, the source of each ad, and the reason why every other ad
//! is left out.

use std::time::Duration;

use vast_client::FetchResult;
use vast_client::report::CandidateVerdict;
use vast_client::select::Candidate;
use vast_explain::StorySection;

use super::{media, story, units};
use crate::render::layout::{Align, Page, StyledText, TextStyle, TextTable};

/// The mark at the beginning of an ad.
const BEGIN: char = '┣';
const AD: char = '━';
/// The mark at the end of the last ad.
const END: char = '┫';
const EMPTY: char = '·';
/// The mark at the end of the break.
const BREAK_END: char = '┃';
/// The largest width of the bar. A wider bar is not easier to read.
const MOST_COLUMNS: usize = 72;

/// Writes the break of the request, if the request is for a break.
pub(super) fn write(page: &mut Page, result: &FetchResult) {
    let Some(length) = result.request.slot.break_duration else { return };
    let filled: Duration = result.ads.iter().filter_map(Candidate::duration).sum();
    page.blank();
    page.line(&StyledText::new(&heading(result, length, filled), TextStyle::Heading));
    let columns = page.width().min(MOST_COLUMNS);
    if let Some(bar) = bar(&result.ads, length.max(filled), columns) {
        page.line(&StyledText::new(
            &bar,
            if result.ads.is_empty() { TextStyle::Secondary } else { TextStyle::Success },
        ));
    }
    page.rows(ads(&result.ads));
    if result.metadata.is_approximate {
        let text = "there were more ads than can be compared exactly, so a better break may exist";
        page.line(&StyledText::new(text, TextStyle::Warning));
    }
    let left_out = result.candidates.iter().filter(|candidate| candidate.verdict != CandidateVerdict::Kept);
    page.section("left out", story::table(&StorySection::judged(left_out)));
}

/// The heading, for example `break of 60 s: 2 ads, 44 s; 16 s empty`.
fn heading(result: &FetchResult, length: Duration, filled: Duration) -> String {
    let ads = units::count(result.ads.len(), "ad");
    let empty = length.saturating_sub(filled);
    let rest = if empty.is_zero() { "full".to_owned() } else { format!("{} empty", units::length(empty)) };
    format!("break of {}: {ads}, {}; {rest}", units::length(length), units::length(filled))
}

/// The bar, for example `┣1━━━━━━━┣2━━━━┫········┃`, with at least one column for each ad. `None` if there are too many
/// ads.
fn bar(ads: &[Candidate], total: Duration, columns: usize) -> Option<String> {
    // The last column is the end of the break.
    let room = columns.saturating_sub(1);
    if ads.len() >= room || total.is_zero() {
        return None;
    }
    let column = |at: Duration| {
        let share = at.as_nanos().saturating_mul(room as u128) / total.as_nanos();
        usize::try_from(share).unwrap_or(room)
    };
    let mut bar: Vec<char> = Vec::with_capacity(columns);
    let mut at = Duration::ZERO;
    for (index, ad) in ads.iter().enumerate() {
        at += ad.duration().unwrap_or_default();
        let after = ads.len() - index - 1;
        let end = column(at).clamp(bar.len() + 1, room - after);
        let number = (index + 1).to_string();
        bar.push(BEGIN);
        if bar.len() + number.len() <= end {
            bar.extend(number.chars());
        }
        bar.resize(end, AD);
    }
    if bar.len() < room {
        bar.push(if ads.is_empty() { EMPTY } else { END });
        bar.resize(room, EMPTY);
    }
    bar.push(BREAK_END);
    Some(bar.into_iter().collect())
}

/// A row per ad: number, source, id, running time, price, title.
fn ads(ads: &[Candidate]) -> TextTable {
    let columns = [("", Align::Right), ("source", Align::Left), ("ad", Align::Left), ("time", Align::Right)];
    let [number, source, id, time] = columns;
    let mut table = TextTable::new([number, source, id, time, ("price", Align::Right), ("title", Align::Left)]);
    for (index, candidate) in ads.iter().enumerate() {
        let inline = &candidate.ad.inline;
        table.row([
            StyledText::plain(&(index + 1).to_string()),
            StyledText::plain(&candidate.ad.tree.source),
            StyledText::plain(candidate.ad.id.as_deref().unwrap_or("no id")),
            StyledText::plain(&candidate.duration().map_or_else(String::new, units::length)),
            StyledText::plain(&inline.pricing.as_ref().map_or_else(String::new, media::price)),
            StyledText::plain(media::title(inline)),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use vast_client::Slot;

    use super::*;

    fn ad(seconds: u32) -> Candidate {
        let document = format!(
            "<VAST><Ad><InLine><Creatives><Creative><Linear><Duration>00:00:{seconds:02}</Duration><MediaFiles>
             <MediaFile type='video/mp4'>https://a.example/a.mp4</MediaFile></MediaFiles></Linear></Creative></Creatives>
             </InLine></Ad></VAST>"
        );
        Candidate::from_document(0, &document, &Slot::linear()).expect("a usable ad")
    }

    #[test]
    fn each_ad_has_its_share_of_the_bar_and_a_column_at_least() {
        let cases: [(&[u32], u64, usize, Option<&str>); 8] = [
            (&[15, 15], 60, 21, Some("┣1━━━┣2━━━┫·········┃")),
            (&[30, 30], 60, 21, Some("┣1━━━━━━━━┣2━━━━━━━━┃")),
            (&[1, 1, 1], 60, 21, Some("┣┣┣┫················┃")),
            (&[58, 1, 1], 60, 11, Some("┣1━━━━━━┣┣┃")),
            (&[0, 0], 60, 11, Some("┣┣┫·······┃")),
            (&[], 60, 5, Some("····┃")),
            (&[1, 1, 1], 3, 4, None),
            (&[], 0, 9, None),
        ];
        for (seconds, total, columns, expected) in cases {
            let ads: Vec<Candidate> = seconds.iter().map(|seconds| ad(*seconds)).collect();
            let found = bar(&ads, Duration::from_secs(total), columns);
            assert_eq!(found.as_deref(), expected, "{seconds:?} of {total} s in {columns} columns");
        }
    }
}
