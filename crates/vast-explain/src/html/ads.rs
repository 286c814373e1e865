//! The verdicts on the ads, and the ads of the answer with their media files.

use maud::{Markup, html};
use vast_client::FetchResult;
use vast_client::report::{CandidateReport, CandidateVerdict};
use vast_client::select::Candidate;
use vast_xml::model::MediaFile;

use super::part::PagePart;
use super::shown::shown;
use super::table::{MOST_ROWS, rest, table};
use crate::statement::Tone;
use crate::story::Story;
use crate::units;

/// The largest number of ads that are shown with their files.
const MOST_ADS: usize = 50;

pub(super) fn section(story: &Story<'_>, part: &PagePart) -> Markup {
    let result = story.result;
    if result.candidates.is_empty() {
        return html! {};
    }
    let content = html! {
        @for (index, ad) in result.ads.iter().enumerate().take(MOST_ADS) { (chosen(result, index, ad, part)) }
        (rest(result.ads.len(), MOST_ADS))
        (part.heading(&html! { "Every ad that was judged" }))
        (verdicts(&result.candidates))
    };
    part.section("ads", "Ads and verdicts", &content)
}

fn verdicts(candidates: &[CandidateReport]) -> Markup {
    let columns =
        [("Verdict", ""), ("Source", ""), ("Ad", ""), ("Document", "num"), ("VAST error", "num"), ("Reason", "wide")];
    html! {
        (table("Verdicts", &columns, &html! {
            @for candidate in candidates.iter().take(MOST_ROWS) {
                @let tone = verdict_tone(candidate.verdict).as_str();
                tr {
                    td { span class={ "dot " (tone) } {} (candidate.verdict.as_str().replace('_', " ")) }
                    td { (shown(&candidate.source)) }
                    td { (shown(candidate.ad_id.as_deref().unwrap_or("no id"))) }
                    td.num { (candidate.hop) }
                    td.num { (candidate.vast_error_code.map_or_else(String::new, |code| code.to_string())) }
                    td { (shown(candidate.rejection.as_ref().map_or("", |rejection| &rejection.message))) }
                }
            }
        }))
        (rest(candidates.len(), MOST_ROWS))
    }
}

fn verdict_tone(verdict: CandidateVerdict) -> Tone {
    match verdict {
        CandidateVerdict::Kept => Tone::Good,
        CandidateVerdict::PassedOver => Tone::Quiet,
        CandidateVerdict::Rejected => Tone::Warning,
    }
}

/// An ad of the answer: its identity and the ranking of its files.
fn chosen(result: &FetchResult, index: usize, candidate: &Candidate, part: &PagePart) -> Markup {
    let (ad, inline) = (&candidate.ad, &candidate.ad.inline);
    let title = inline.ad_title.as_deref().filter(|title| !title.trim().is_empty()).unwrap_or("untitled ad");
    let facts = [
        ("Source", Some(ad.tree.source.to_string())),
        ("Id", ad.id.as_ref().map(ToString::to_string)),
        ("Ad system", inline.ad_system.as_ref().map(|system| system.name.to_string())),
        ("Advertiser", inline.advertiser.as_ref().map(|advertiser| advertiser.name.to_string())),
        ("Duration", candidate.duration().map(units::length)),
        ("Click", ad.click_through(candidate.media.creative).map(|click| click.item.url.to_string())),
        ("Wrappers", Some(ad.wrappers.len().to_string())),
    ];
    html! {
        article.ad {
            (part.heading(&html! { @if result.ads.len() > 1 { (index + 1) ". " } bdi { (shown(title)) } }))
            dl.facts {
                @for (name, value) in &facts {
                    @if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
                        div { dt { (name) } dd { bdi { (shown(value)) } } }
                    }
                }
            }
            (files(result, candidate))
        }
    }
}

fn files(result: &FetchResult, candidate: &Candidate) -> Markup {
    let Some(linear) = candidate.linear() else { return html! {} };
    let ranking = candidate.media.ranking(linear, &result.request.slot);
    let file = |url: &str| linear.media_files.iter().find(|file| &*file.url == url);
    let columns =
        [("Rank", "num"), ("Type", ""), ("Size", "num"), ("Bitrate", "num"), ("Why", "wide"), ("URL", "wide")];
    html! {
        (table("Media files", &columns, &html! {
            @for ranked in ranking.iter().take(MOST_ROWS) {
                @let known = file(ranked.url);
                tr class=(if ranked.rank == Some(1) { "chosen" } else { "" }) {
                    td.num { (ranked.rank.map_or_else(|| "-".to_owned(), |rank| rank.to_string())) }
                    td { (shown(known.and_then(|file| file.mime_type.as_deref()).unwrap_or_default())) }
                    td.num { (known.and_then(|file| units::size(file.width, file.height)).unwrap_or_default()) }
                    td.num { (known.and_then(bitrate).unwrap_or_default()) }
                    td { (shown(&ranked.reason)) }
                    td.url { (shown(ranked.url)) }
                }
            }
        }))
        (rest(ranking.len(), MOST_ROWS))
    }
}

fn bitrate(file: &MediaFile) -> Option<String> {
    units::bitrate(file.bitrate, file.min_bitrate, file.max_bitrate)
}
