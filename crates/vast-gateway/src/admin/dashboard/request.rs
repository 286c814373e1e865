//! The page `/requests/ID`: the story of a request, and what the gateway knows of it.

use maud::{Markup, html};
use url::Url;
use vast_client::select::Candidate;
use vast_explain::units;

use super::blocked::block;
use super::figures::name;
use super::figures::safe;
use super::frame::table;
use super::requests::{time, tone};
use crate::admin::requests::{ExplainedRequest, RequestBeacons};
use crate::generation::BlockKind;
use crate::recent::{KeptRecording, RecentRequest, ServedAs};

/// The largest number of creatives of an ad by which it can be blocked.
const MOST_CREATIVES: usize = 4;
/// The longest text of a beacon that is shown, in bytes.
const LONGEST: usize = 300;

/// What the gateway knows of a request. `explained` is its replay.
pub(super) fn section(
    request: &RecentRequest,
    served: &ServedAs,
    beacons: &RequestBeacons,
    explained: Option<&ExplainedRequest>,
) -> Markup {
    let has_file = matches!(request.recording.get(), Some(KeptRecording::Whole(_)));
    html! {
        section id="gateway" {
            h2 { "In the gateway" }
            p {
                a href="/requests" { "All requests" }
                " · " a href={ "/api/requests/" (request.id) } { "This request as JSON" }
                @if has_file { " · " a href={ "/requests/" (request.id) "/recording" } { "Its recording" } }
            }
            dl.facts {
                div { dt { "Time (UTC)" } dd { (time(request)) } }
                div { dt { "Placement" } dd { bdi { (name(&served.placement)) } } }
                div { dt { "Outcome" } dd { span data-tone=(tone(served.outcome).as_str()) { (served.outcome.as_str().replace('_', " ")) } } }
                @if let Some(winner) = &request.winner { div { dt { "Winner" } dd { bdi { (name(winner)) } } } }
                div { dt { "Duration" } dd { (units::elapsed(request.elapsed)) } }
                @if let Some(session) = served.session { div { dt { "Group of its beacons" } dd { code { (session) } } } }
            }
            @if let Some(difference) = explained.and_then(|explained| explained.difference.as_deref()) { p.note { "The replay differs from the request: " (safe(difference, LONGEST)) } }
            @if has_file {
                h3 { "Replay as" }
                p { code { "vast explain " (request.id) ".vastrec" } }
                p { code { "vast replay " (request.id) ".vastrec --timeout 2s" } }
                p.note { "Personal values are placeholders, for example the address of the viewer." }
            }
            h3 { "Beacons" }
            (ledger(served, beacons))
            @if let Some(candidate) = explained.and_then(|explained| explained.result.ads.first()) {
                h3 { "Block this ad in all placements" }
                @for (kind, value) in block_values(candidate) { (block(kind, &value)) }
            }
        }
    }
}

fn ledger(served: &ServedAs, beacons: &RequestBeacons) -> Markup {
    let columns = [
        ("Event", "name"),
        ("Source", "name"),
        ("State", "name"),
        ("Attempts", "num"),
        ("Status", "num"),
        ("Age", "num"),
        ("URL", "wide"),
    ];
    match beacons {
        Err(problem) => html! { p.note { "The beacons cannot be read: " (safe(problem, LONGEST)) } },
        Ok(_) if served.session.is_none() => html! { p.note { "The player calls the trackers, not the gateway." } },
        Ok(rows) if rows.is_empty() => html! { p.note { "No event of this request has been reported yet." } },
        Ok(rows) => table(
            "Beacons of this request",
            &columns,
            &html! {
                @for row in rows {
                    tr {
                        th scope="row" { bdi { (safe(&row.event, LONGEST)) } }
                        td { bdi { (safe(&row.source, LONGEST)) } }
                        td { (row.state.replace('_', " ")) @if let Some(reason) = row.reason { ": " (reason.replace('_', " ")) } }
                        td.num { (row.attempts) }
                        td.num { (row.last_status.map_or_else(String::new, |status| status.to_string())) }
                        td.num { (row.age_seconds) " s" }
                        td.wide { bdi { (safe(&row.url, LONGEST)) } }
                    }
                }
            },
        ),
    }
}

/// The values by which an operator can block the ad.
fn block_values(candidate: &Candidate) -> Vec<(BlockKind, String)> {
    let inline = &candidate.ad.inline;
    let mut values = Vec::new();
    for creative in inline.creatives.iter().take(MOST_CREATIVES) {
        let ids = [&creative.id, &creative.ad_id].into_iter().flatten();
        values.extend(ids.map(|id| (BlockKind::CreativeId, id.to_string())));
        let universal = creative.universal_ad_ids.iter().filter(|id| !id.is_unknown()).take(MOST_CREATIVES);
        values.extend(universal.map(|id| (BlockKind::UniversalAdId, id.value.to_string())));
    }
    values.extend(inline.advertiser.iter().map(|advertiser| (BlockKind::Advertiser, advertiser.name.to_string())));
    let url = candidate.media_file().and_then(|file| Url::parse(file.url.trim()).ok());
    values.extend(url.and_then(|url| Some((BlockKind::MediaHost, url.host_str()?.to_owned()))));
    values.dedup();
    values
}

/// What is shown of a request without a replay.
pub(super) fn without_story(section: &Markup, problem: &str) -> Markup {
    html! {
        p.note { "Why this request got its ad, or none, is not known: " (safe(problem, LONGEST)) "." }
        (section)
    }
}
