//! The moment of an event: the macro values that only the trackers of this event get.

use std::time::{Duration, SystemTime};

use vast_xml::Text;
use vast_xml::macros::{Macro, Value, Values, timecode};
use vast_xml::model::Creative;

use super::ad_event::AdEvent;
use crate::ad::ResolvedAd;
use crate::env::{self, Draws};

/// The moment of an event of an ad. The macros of values that are not set are filled in as unknown; values are never
/// guessed.
#[derive(Debug, Clone, PartialEq)]
pub struct Moment {
    /// The time of the wall clock: `[TIMESTAMP]`.
    pub at: SystemTime,
    /// The seed of the random numbers in the URLs, `[CACHEBUSTING]`. Use a different seed for each moment; the same
    /// seed gives the same URLs.
    pub seed: u64,
    /// The number of the creative that plays. Default: the first linear one, else the first of all.
    pub creative: Option<usize>,
    /// The position in the ad: `[ADPLAYHEAD]`.
    pub ad_playhead: Option<Duration>,
    /// The position in the content: `[MEDIAPLAYHEAD]` and `[CONTENTPLAYHEAD]`.
    pub content_playhead: Option<Duration>,
    /// The number of the ad among the played ads of its source tree, from 1: `[ADCOUNT]`.
    pub ad_count: Option<u32>,
    /// The URL of the file that plays: `[ASSETURI]`.
    pub asset: Option<Text>,
    /// The party that calls the trackers, and the reason: `[SERVERSIDE]`. Default: as in the ad request.
    pub server_side: Option<ServerSide>,
    /// The position of the click, in pixels from the left and top of the player: `[CLICKPOS]`.
    pub click_position: Option<(u32, u32)>,
    /// Other macros of the IAB registry by name, such as `PLAYERSTATE`. They override those of the ad request. Names that are
    /// not in the registry are ignored.
    pub macros: Vec<(String, String)>,
}

/// The party that calls the trackers, and the reason: the value of `[SERVERSIDE]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ServerSide {
    /// 0: this program is the player and calls them itself.
    Player,
    /// 1: this server calls them after a report of the player.
    Client,
    /// 2: this server calls them according to the media that it sent, without a report of the player.
    Server,
}

impl ServerSide {
    /// The value of `[SERVERSIDE]`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Player => "0",
            Self::Client => "1",
            Self::Server => "2",
        }
    }
}

/// The time of an answer, and the randomness of its request: the macro values of the beacons that are due at the answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AnswerMoment<'a> {
    /// The wall clock at the answer. It is computed from the journal, so that a replay gives the same URLs.
    pub(crate) at: SystemTime,
    pub(crate) draws: &'a Draws,
}

impl Moment {
    /// A moment with only a time and a seed.
    pub fn new(at: SystemTime, seed: u64) -> Self {
        Self {
            at,
            seed,
            creative: None,
            ad_playhead: None,
            content_playhead: None,
            ad_count: None,
            asset: None,
            server_side: None,
            click_position: None,
            macros: Vec::new(),
        }
    }

    /// The number of the creative that plays.
    pub(in crate::track) fn playing(&self, ad: &ResolvedAd) -> Option<usize> {
        self.creative.or_else(|| ad.inline.creatives.iter().position(|creative| creative.linear.is_some()))
    }

    /// The macro values of the URLs at this moment, which override those of the whole tree. The random number is set
    /// for each URL.
    pub(super) fn values(&self, ad: &ResolvedAd, event: &AdEvent) -> Values {
        let mut values = of_tree(&ad.tree, self.at);
        self.set_ad(ad, &mut values);
        self.set_moment(&mut values);
        match event {
            AdEvent::Error(code) => drop(values.set(Macro::ErrorCode, Value::text(code.to_string()))),
            AdEvent::VerificationNotExecuted(_, reason) => {
                values.set(Macro::Reason, Value::text(reason.code().to_string()));
            }
            _ => {}
        }
        values
    }

    /// The macro values of this moment, except its time, for URLs that get the time later.
    pub(super) fn values_of_answer(&self, ad: &ResolvedAd) -> Values {
        let mut values = without_time(&ad.tree);
        self.set_ad(ad, &mut values);
        self.set_moment(&mut values);
        values
    }

    /// The macro values of the trackers of a break of a playlist of `tree`.
    pub(super) fn of_break(&self, tree: &crate::ad::SourceTree) -> Values {
        let mut values = of_tree(tree, self.at);
        self.set_moment(&mut values);
        values
    }

    /// Sets the values that come from the ad itself. The trackers of its wrappers get them too.
    fn set_ad(&self, ad: &ResolvedAd, values: &mut Values) {
        values.set(Macro::AdType, Value::text(ad.ad_type.clone().unwrap_or_default().as_str().to_owned()));
        if let Some(id) = &ad.inline.ad_serving_id {
            values.set(Macro::AdServingId, Value::text(id.to_string()));
        }
        if let Some(sequence) = ad.sequence {
            values.set(Macro::PodSequence, Value::text(sequence.to_string()));
        }
        let creatives = &ad.inline.creatives;
        if let Some(creative) = self.playing(ad).map_or(creatives.first(), |playing| creatives.get(playing)) {
            values.set(Macro::UniversalAdId, Value::list(universal_ad_ids(creative)));
        }
    }

    fn set_moment(&self, values: &mut Values) {
        let number = |number: u32| number.to_string();
        let texts = [
            (Macro::AdPlayhead, self.ad_playhead.map(timecode)),
            (Macro::MediaPlayhead, self.content_playhead.map(timecode)),
            (Macro::AdCount, self.ad_count.map(number)),
            (Macro::AssetUri, self.asset.as_ref().map(Text::to_string)),
            (Macro::ServerSide, self.server_side.map(|server_side| server_side.code().to_owned())),
        ];
        for (name, value) in texts {
            if let Some(value) = value {
                values.set(name, Value::text(value));
            }
        }
        if let Some((x, y)) = self.click_position {
            values.set(Macro::ClickPos, Value::separated(format!("{x},{y}")));
        }
        for (name, value) in &self.macros {
            if let Some(name) = Macro::from_name(name) {
                values.set_text(name, value);
            }
        }
    }
}

/// The macro values of URLs of `tree` at this time, except the random number.
pub(super) fn of_tree(tree: &crate::ad::SourceTree, at: SystemTime) -> Values {
    let mut values = without_time(tree);
    values.set(Macro::Timestamp, Value::text(env::timestamp(at)));
    values
}

fn without_time(tree: &crate::ad::SourceTree) -> Values {
    let mut values = Values::over(tree.disclosure.values());
    values.set(Macro::TransactionId, Value::text(tree.transaction_id.to_string()));
    values
}

/// Pairs of registry and id; unknown ids are left out.
fn universal_ad_ids(creative: &Creative) -> impl Iterator<Item = String> {
    let known = creative.universal_ad_ids.iter().filter(|id| !id.is_unknown());
    known.map(|id| format!("{} {}", id.registry.as_deref().unwrap_or("unknown"), &*id.value))
}
