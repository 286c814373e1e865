//! The cost of choosing: the ads of a break, and the media file of an ad.

use std::hint::black_box;
use std::time::Duration;

use vast_client::request::{BreakRules, DeviceProfile, RankKey, Separation};
use vast_client::select::{Candidate, DefaultSelector, Selection, Selector, Verdict, verdict};
use vast_client::{ParseFilter, Slot};

use crate::effort::{Effort, Failure};
use crate::instructions;
use crate::repeat::repeat;
use crate::table::Table;
use crate::units::{Cost, Spread};

/// The argument that makes this binary rank the media files of an ad many times.
pub(crate) const ARGUMENT: &str = "--rank";

/// How many ads there are for the break.
const CANDIDATES: usize = 64;
/// The running times of the ads, in seconds.
const LENGTHS: [u32; 5] = [6, 10, 15, 20, 30];
/// How many media files the ad has.
const FILES: usize = 20;
/// The goal for a break, in microseconds.
const GOAL: f64 = 100.0;

pub(crate) fn breaks(effort: Effort) -> Result<Table, Failure> {
    let note = format!(
        "CPU time of `DefaultSelector::select` for {CANDIDATES} ads of {LENGTHS:?} s, of which every eighth repeats a creative. \
         The answer has a reason against each of the other ads. One thread. Goal: {GOAL} us."
    );
    let columns = &["break", "rank", "ads taken", "exact", "us"];
    let mut table = Table::new("Filling a break", note, columns);
    for seconds in [60, 180] {
        for (name, rules) in rules() {
            let slot = Slot { break_rules: rules, ..Slot::break_(Duration::from_secs(seconds)) };
            let mut ads = candidates(&slot)?;
            let selection = DefaultSelector.select(ads.clone(), &slot);
            let mut round = || repeat(effort.round / 4, || fill(&mut ads, &slot));
            let rounds: Result<Vec<Cost>, Failure> = (0..effort.rounds).map(|_| round()).collect();
            let micros = Spread::of(rounds?.into_iter().map(Cost::micros)).to_string();
            let exact = if selection.is_approximate { "no" } else { "yes" };
            let cells = [format!("{seconds} s"), name.to_owned(), selection.chosen.len().to_string(), exact.to_owned()];
            table.row(cells.into_iter().chain([micros]));
        }
    }
    Ok(table)
}

pub(crate) fn ranking(_effort: Effort) -> Result<Table, Failure> {
    let note = format!(
        "Instructions (callgrind) of `select::verdict` for an ad with {FILES} media files of four types: each file is checked, and \
         those that fit are ranked."
    );
    let mut table = Table::new("Ranking media files", note, &["profile", "instructions", "per file"]);
    for name in ["none", "web", "ctv-4k"] {
        let count = instructions::per_unit(ARGUMENT, name)?;
        let each = count.map_or_else(String::new, |count| format!("{:.0}", count / FILES as f64));
        let count = count.map_or_else(|| "skipped: valgrind".to_owned(), |count| format!("{count:.0}"));
        table.row([name.to_owned(), count, each]);
    }
    Ok(table)
}

/// Ranks the files of an ad many times. Example of arguments: `ctv-4k 1000`.
pub(crate) fn rank(arguments: &[String]) -> Result<(), Failure> {
    let [name, units] = arguments else { return Err("a profile and a number".into()) };
    let slot = Slot { profile: DeviceProfile::built_in(name).unwrap_or_default(), ..Slot::linear() };
    let ad = Candidate::from_document(0, &many_files(), &slot).ok_or("no usable ad")?.ad;
    let filter = ParseFilter::default();
    for _ in 0..units.parse::<u64>()? {
        let Verdict::Usable(choice) = verdict(black_box(&ad), &slot, &filter) else { return Err("not usable".into()) };
        black_box(choice);
    }
    Ok(())
}

/// The rules that are measured, each with a name.
fn rules() -> [(&'static str, BreakRules); 3] {
    let valued = BreakRules {
        rank: vec![RankKey::Price, RankKey::Fit, RankKey::Order],
        currency: Some("USD".to_owned()),
        ..BreakRules::default()
    };
    let separated = BreakRules { separate: vec![Separation::Advertiser], ..valued.clone() };
    [
        ("order", BreakRules::default()),
        ("price, fit, order", valued),
        ("price, fit, order; 16 advertisers separated", separated),
    ]
}

/// One unit of the work. The ads are put back for the next one.
fn fill(ads: &mut Vec<Candidate>, slot: &Slot) -> Result<usize, Failure> {
    let Selection { chosen, passed_over, .. } = DefaultSelector.select(std::mem::take(ads), slot);
    let taken = chosen.len();
    ads.extend(chosen.into_iter().chain(passed_over.into_iter().map(|(ad, _)| ad)));
    ads.sort_unstable_by_key(|ad| ad.lane);
    Ok(taken)
}

fn candidates(slot: &Slot) -> Result<Vec<Candidate>, Failure> {
    let ads = (0..CANDIDATES).map(|number| {
        let (length, price) = (LENGTHS[number * 7 % LENGTHS.len()], number * 37 % 19 + 1);
        let (creative, advertiser) = (if number % 8 == 7 { number - 7 } else { number }, number * 5 % 16);
        let document = format!(
            "<VAST version='4.2'><Ad id='{number}'><InLine><Advertiser>{advertiser}.example</Advertiser>
             <Pricing model='CPM' currency='USD'>{price}</Pricing><Creatives><Creative>
             <UniversalAdId idRegistry='ad-id.org'>{creative}</UniversalAdId><Linear><Duration>00:00:{length:02}</Duration>
             <MediaFiles><MediaFile type='video/mp4' width='640' height='360' bitrate='900'>https://cdn.example/{creative}.mp4
             </MediaFile></MediaFiles></Linear></Creative></Creatives></InLine></Ad></VAST>"
        );
        Candidate::from_document(number, &document, slot).ok_or_else(|| "no usable ad".into())
    });
    ads.collect()
}

/// An ad with media files of four types in five sizes.
fn many_files() -> String {
    const TYPES: [&str; 4] =
        ["video/mp4; codecs=\"avc1.64001F\"", "video/webm", "application/x-mpegURL", "application/dash+xml"];
    let file = |number: usize| {
        let (mime_type, step) = (TYPES[number % TYPES.len()], number / TYPES.len() + 1);
        let (width, height, bitrate) = (step * 640, step * 360, step * 1_500);
        format!(
            "<MediaFile delivery='progressive' type='{mime_type}' width='{width}' height='{height}' bitrate='{bitrate}'>\
             https://cdn.example/{number}</MediaFile>"
        )
    };
    let files: String = (0..FILES).map(file).collect();
    format!(
        "<VAST version='4.2'><Ad><InLine><Creatives><Creative><Linear><Duration>00:00:15</Duration><MediaFiles>{files}</MediaFiles>
         </Linear></Creative></Creatives></InLine></Ad></VAST>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ads_of_a_break_are_the_same_in_each_round() {
        let (_, rules) = rules().into_iter().last().expect("rules");
        let slot = Slot { break_rules: rules, ..Slot::break_(Duration::from_secs(60)) };
        let mut ads = candidates(&slot).expect("usable ads");
        let before = ads.clone();
        assert_eq!(fill(&mut ads, &slot).expect("a break"), fill(&mut ads, &slot).expect("a break"));
        assert_eq!(ads, before);
    }

    #[test]
    fn the_ad_has_as_many_files_as_the_note_says_and_a_profile_refuses_some() {
        let files = |profile: DeviceProfile| {
            let slot = Slot { profile, ..Slot::linear() };
            Candidate::from_document(0, &many_files(), &slot).expect("a usable ad").media.files.len()
        };
        assert_eq!(files(DeviceProfile::default()), FILES);
        assert_eq!(files(DeviceProfile::built_in("web").expect("a profile")), FILES / 2);
    }
}
