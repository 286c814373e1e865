//! The ad as RESOLVE makes it, SELECT judges it and TRACK calls it: an `InLine` and the wrappers above it.
//!
//! Nothing is copied together: every level stays as it was read, and what a level inherits is asked for when it is
//! needed, each item with the document (`hop`) it came from.

use std::sync::Arc;

use vast_xml::Text;
use vast_xml::model::{
    Ad, AdKind, AdType, Click, Creative, Event, Impression, InLine, Linear, Tracking, Vast, Wrapper,
};

use crate::transport::AddressRule;

/// What all documents of one source's tree have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    /// The name of the source.
    pub source: Arc<str>,
    /// Which addresses the documents and trackers of the tree may name.
    pub rule: AddressRule,
    /// The value of `[TRANSACTIONID]` in every URL of the tree.
    pub transaction_id: Arc<str>,
}

/// A document of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentInfo {
    /// The number of the document in its tree; 0 is the source's own.
    pub hop: u32,
    /// The number of the document that named it.
    pub parent: Option<u32>,
    /// The URL it came from, after redirects; a path or a label where there is none.
    pub url: Arc<str>,
    /// `VAST@version` as read.
    pub version: Option<Text>,
}

impl DocumentInfo {
    /// The leading `major.minor` of the version; `None` when it has no number.
    pub fn version_number(&self) -> Option<(u16, u16)> {
        Vast { version: self.version.clone(), ..Vast::default() }.version_number()
    }
}

/// A wrapper on the way from a source's own document to an `InLine`.
#[derive(Debug, Clone, PartialEq)]
pub struct WrapperLevel {
    /// The document that holds the wrapper.
    pub document: Arc<DocumentInfo>,
    /// `Ad@id` of the wrapper ad.
    pub ad_id: Option<Text>,
    /// `Ad@sequence` of the wrapper ad.
    pub sequence: Option<u32>,
    /// The wrapper as read.
    pub wrapper: Wrapper,
}

/// An `InLine` ad with the wrappers above it, outermost first.
#[derive(Debug, Clone, PartialEq)]
pub struct ResolvedAd {
    /// The tree it came from.
    pub tree: Arc<Tree>,
    /// The wrappers above, outermost first.
    pub wrappers: Vec<Arc<WrapperLevel>>,
    /// The document that holds the `InLine`.
    pub document: Arc<DocumentInfo>,
    /// `Ad@id`.
    pub id: Option<Text>,
    /// The position in a pod: that of the outermost ancestor that has one.
    pub sequence: Option<u32>,
    /// `Ad@adType`; absent means video.
    pub ad_type: Option<AdType>,
    /// The `InLine` as read.
    pub inline: Box<InLine>,
}

/// An item of one level of a resolved ad.
#[derive(Debug)]
pub struct Inherited<'a, T> {
    /// The document the item came from; 0 is the source's own.
    pub hop: u32,
    /// The item.
    pub item: &'a T,
}

impl<T> Clone for Inherited<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Inherited<'_, T> {}

/// The parts of a level that a wrapper and an `InLine` have in common.
#[derive(Debug, Clone, Copy)]
struct Level<'a> {
    hop: u32,
    impressions: &'a [Impression],
    errors: &'a [Text],
    creatives: &'a [Creative],
}

impl<'a> Level<'a> {
    fn linears(self) -> impl Iterator<Item = Inherited<'a, Linear>> {
        let hop = self.hop;
        self.creatives.iter().filter_map(|creative| creative.linear.as_ref()).map(move |item| Inherited { hop, item })
    }
}

impl WrapperLevel {
    fn level(&self) -> Level<'_> {
        let Wrapper { impressions, errors, creatives, .. } = &self.wrapper;
        Level { hop: self.document.hop, impressions, errors, creatives }
    }
}

impl ResolvedAd {
    /// The resolved ad made of `ad` and the wrappers above it; `None` when `ad` is a wrapper itself.
    pub fn new(tree: Arc<Tree>, wrappers: Vec<Arc<WrapperLevel>>, document: Arc<DocumentInfo>, ad: Ad) -> Option<Self> {
        let AdKind::InLine(inline) = ad.kind else { return None };
        let sequence = wrappers.iter().find_map(|level| level.sequence).or(ad.sequence);
        Some(Self { tree, wrappers, document, id: ad.id, sequence, ad_type: ad.ad_type, inline })
    }

    /// The document of the `InLine`.
    pub fn hop(&self) -> u32 {
        self.document.hop
    }

    /// Impressions of all levels, outermost first, none left out and equal ones kept (VAST 4.3 sections 2.3.4, 3.4.4).
    pub fn impressions(&self) -> impl Iterator<Item = Inherited<'_, Impression>> {
        self.levels().flat_map(|level| level.impressions.iter().map(move |item| Inherited { hop: level.hop, item }))
    }

    /// Error URLs of all levels, outermost first (VAST 4.3 section 2.3.6).
    pub fn errors(&self) -> impl Iterator<Item = Inherited<'_, Text>> {
        errors_of(self.levels())
    }

    /// Trackers of the `InLine`'s creative number `creative`: its own and those of every `Linear` of every wrapper above
    /// (VAST 4.3 section 3.14.2), outermost first. Empty for a creative that is not linear.
    pub fn tracking(&self, creative: usize) -> impl Iterator<Item = Inherited<'_, Tracking>> {
        self.linears(creative)
            .flat_map(|linear| linear.item.tracking_events.iter().map(move |item| Inherited { hop: linear.hop, item }))
    }

    /// Those of [`tracking`](Self::tracking) that are due at `event`.
    pub fn tracking_of<'a>(
        &'a self,
        creative: usize,
        event: &'a Event,
    ) -> impl Iterator<Item = Inherited<'a, Tracking>> {
        self.tracking(creative).filter(move |tracking| tracking.item.event == *event)
    }

    /// The page to open on a click: the `InLine`'s, else that of the nearest wrapper (VAST 4.3 section 2.3.5.2). An empty
    /// one counts as absent.
    pub fn click_through(&self, creative: usize) -> Option<Inherited<'_, Click>> {
        self.linears(creative)
            .filter_map(|linear| linear.item.click_through.as_ref().map(|item| Inherited { hop: linear.hop, item }))
            .filter(|click| !click.item.url.is_empty())
            .last()
    }

    /// Click trackers of all levels (VAST 4.3 section 3.10.2).
    pub fn click_tracking(&self, creative: usize) -> impl Iterator<Item = Inherited<'_, Click>> {
        self.linears(creative)
            .flat_map(|linear| linear.item.click_tracking.iter().map(move |item| Inherited { hop: linear.hop, item }))
    }

    /// Custom clicks of all levels (VAST 4.3 section 3.10.3).
    pub fn custom_clicks(&self, creative: usize) -> impl Iterator<Item = Inherited<'_, Click>> {
        self.linears(creative)
            .flat_map(|linear| linear.item.custom_clicks.iter().map(move |item| Inherited { hop: linear.hop, item }))
    }

    fn levels(&self) -> impl Iterator<Item = Level<'_>> {
        let InLine { impressions, errors, creatives, .. } = &*self.inline;
        let own = Level { hop: self.document.hop, impressions, errors, creatives };
        self.wrappers.iter().map(|level| level.level()).chain([own])
    }

    fn linears(&self, creative: usize) -> impl Iterator<Item = Inherited<'_, Linear>> {
        let own = self.inline.creatives.get(creative).and_then(|creative| creative.linear.as_ref());
        let own = own.map(|item| Inherited { hop: self.document.hop, item });
        let above = self.wrappers.iter().flat_map(|level| level.level().linears());
        own.is_some().then_some(above).into_iter().flatten().chain(own)
    }
}

/// Error URLs of `wrappers`, outermost first: what is owed when the path fails below them.
pub fn wrapper_errors(wrappers: &[Arc<WrapperLevel>]) -> impl Iterator<Item = Inherited<'_, Text>> {
    errors_of(wrappers.iter().map(|level| level.level()))
}

/// What the documents below `wrappers` must not be about: the codes of all levels, each once (VAST 4.3 section 3.19.2).
pub fn blocked_categories(wrappers: &[Arc<WrapperLevel>]) -> Vec<String> {
    let mut codes: Vec<String> = Vec::new();
    for blocked in wrappers.iter().flat_map(|level| &level.wrapper.blocked_ad_categories) {
        for code in &blocked.categories {
            if !codes.iter().any(|known| *known == **code) {
                codes.push(code.to_string());
            }
        }
    }
    codes
}

fn errors_of<'a>(levels: impl Iterator<Item = Level<'a>>) -> impl Iterator<Item = Inherited<'a, Text>> {
    levels.flat_map(|level| level.errors.iter().map(move |item| Inherited { hop: level.hop, item }))
}

#[cfg(test)]
impl ResolvedAd {
    /// An ad with these creatives, for tests of the stages behind RESOLVE.
    pub(crate) fn of_creatives(creatives: &str) -> Self {
        Self::read(
            0,
            &format!(
                "<VAST version='4.2'><Ad id='a'><InLine><Impression>https://t/own</Impression><Error>https://e/own</Error><Creatives>{creatives}</Creatives></InLine></Ad></VAST>"
            ),
            &[],
        )
    }

    /// The first ad of a document found below `wrappers`, documents holding a wrapper, outermost first.
    pub(crate) fn read(hop: u32, inline: &str, wrappers: &[&str]) -> Self {
        let tree = Tree { source: "s".into(), rule: AddressRule::default(), transaction_id: "t".into() };
        let read = |hop: u32, xml: &str| {
            let vast = vast_xml::parse(xml.as_bytes(), &vast_xml::ParseOptions::default()).expect("VAST").vast;
            let info = DocumentInfo { hop, parent: hop.checked_sub(1), url: "u".into(), version: vast.version };
            (Arc::new(info), vast.ads.into_iter().next().expect("an ad"))
        };
        let level = |(hop, xml): (u32, &&str)| {
            let (document, ad) = read(hop, xml);
            let Ad { id, sequence, kind: AdKind::Wrapper(wrapper), .. } = ad else { panic!("a wrapper") };
            Arc::new(WrapperLevel { document, ad_id: id, sequence, wrapper: *wrapper })
        };
        let wrappers = (0..).zip(wrappers).map(level).collect();
        let (document, ad) = read(hop, inline);
        Self::new(Arc::new(tree), wrappers, document, ad).expect("an InLine")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapper(name: &str, linear: &str) -> String {
        format!(
            "<VAST><Ad><Wrapper><VASTAdTagURI>https://next</VASTAdTagURI><Impression>https://t/{name}</Impression>
             <Error>https://e/{name}</Error><Creatives>{linear}</Creatives></Wrapper></Ad></VAST>"
        )
    }

    fn chain() -> ResolvedAd {
        let outer = wrapper(
            "outer",
            "<Creative><Linear><TrackingEvents><Tracking event='start'>https://t/outer-start</Tracking></TrackingEvents>
             <VideoClicks><ClickThrough>https://page/outer</ClickThrough><ClickTracking>https://c/outer</ClickTracking>
             </VideoClicks></Linear></Creative>",
        );
        let inner = wrapper(
            "inner",
            "<Creative><Linear><VideoClicks><ClickThrough>https://page/inner</ClickThrough></VideoClicks></Linear></Creative>
             <Creative><Linear><TrackingEvents><Tracking event='start'>https://t/inner-start</Tracking></TrackingEvents>
             </Linear></Creative>",
        );
        let inline = "<VAST><Ad><InLine><Impression>https://t/own</Impression><Impression>https://t/outer</Impression>
             <Creatives><Creative/><Creative><Linear><TrackingEvents><Tracking event='start'>https://t/own-start</Tracking>
             <Tracking event='complete'>https://t/own-end</Tracking></TrackingEvents></Linear></Creative></Creatives>
             </InLine></Ad></VAST>";
        ResolvedAd::read(2, inline, &[&outer, &inner])
    }

    fn shown<'a, T: 'a>(items: impl Iterator<Item = Inherited<'a, T>>, url: impl Fn(&T) -> &Text) -> Vec<String> {
        items.map(|inherited| format!("{} {}", inherited.hop, url(inherited.item))).collect()
    }

    #[test]
    fn r082_impressions_of_all_levels_are_kept_outermost_first_equal_ones_too() {
        let impressions = shown(chain().impressions(), |impression| &impression.url);
        assert_eq!(impressions, ["0 https://t/outer", "1 https://t/inner", "2 https://t/own", "2 https://t/outer"]);
    }

    #[test]
    fn r083_trackers_of_all_levels_come_together_per_event() {
        let ad = chain();
        let starts = shown(ad.tracking_of(1, &Event::Start), |tracking| &tracking.url);
        assert_eq!(starts, ["0 https://t/outer-start", "1 https://t/inner-start", "2 https://t/own-start"]);
        assert_eq!(ad.tracking(0).count(), 0, "a creative that is not linear has no linear trackers");
    }

    #[test]
    fn r087_r088_the_click_opens_the_page_of_the_nearest_level_that_has_one() {
        let page = chain().click_through(1).map(|click| (click.hop, click.item.url.to_string()));
        assert_eq!(page, Some((1, "https://page/inner".to_owned())));
        let inline =
            "<VAST><Ad><InLine><Creatives><Creative><Linear><VideoClicks><ClickThrough> </ClickThrough></VideoClicks>
             </Linear></Creative></Creatives></InLine></Ad></VAST>";
        let above = wrapper(
            "w",
            "<Creative><Linear><VideoClicks><ClickThrough>https://page/w</ClickThrough></VideoClicks></Linear></Creative>",
        );
        let page = ResolvedAd::read(1, inline, &[&above]).click_through(0).map(|click| click.item.url.to_string());
        assert_eq!(page.as_deref(), Some("https://page/w"));
    }

    #[test]
    fn r089_click_trackers_of_all_levels_are_kept() {
        assert_eq!(shown(chain().click_tracking(1), |click| &click.url), ["0 https://c/outer"]);
    }
}
