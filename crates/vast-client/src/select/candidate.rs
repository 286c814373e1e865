//! A usable ad.

use std::sync::Arc;
use std::time::Duration;

use vast_xml::model::{AdKind, Creative, Linear, MediaFile};
use vast_xml::vmap::BreakType;

use super::ParseFilter;
use super::media::MediaChoice;
use super::mime;
use super::verdict::{Verdict, verdict};
use crate::ad::ResolvedAd;
use crate::journal::{DocumentInfo, TreeWarning};
use crate::request::{Disclosure, Slot, SourceTree};
use crate::transport::AddressRule;

/// A usable ad.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Candidate {
    /// The index of the ad's source in the configuration, where fallbacks come after the primary sources.
    pub lane: usize,
    /// The ad.
    pub ad: ResolvedAd,
    /// The media files of the ad that fit, best first.
    pub media: MediaChoice,
}

impl Candidate {
    /// The first `InLine` of `document` as the usable ad of the source with this index, for tests of a
    /// [`Selector`](super::Selector). `None` when the document cannot be read, has no `InLine`, or its first `InLine` does not fit
    /// `slot`.
    ///
    /// ```
    /// use vast_client::select::{Candidate, HighestPrice, Selector, TierProgress, TierStep};
    /// use vast_client::{Slot, TierKind};
    ///
    /// let slot = Slot::linear();
    /// let ad = |lane, price: &str| {
    ///     let document = format!(r#"<VAST version="4.2"><Ad><InLine><Pricing model="CPM" currency="USD">{price}</Pricing>
    ///         <Creatives><Creative><Linear><Duration>00:00:15</Duration><MediaFiles><MediaFile type="video/mp4" width="1" height="1">
    ///         https://a.example/a.mp4</MediaFile></MediaFiles></Linear></Creative></Creatives></InLine></Ad></VAST>"#);
    ///     Candidate::from_document(lane, &document, &slot).expect("a usable ad")
    /// };
    /// let (cheap, dear) = (ad(0, "2.50"), ad(1, "10.00"));
    ///
    /// let selector = HighestPrice::in_currency("USD");
    /// let enough = |step| selector.enough(&[&cheap], TierProgress::new(TierKind::Primary, step), &slot);
    /// assert!(!enough(TierStep::Running));
    /// assert!(enough(TierStep::Over));
    /// assert_eq!(selector.select(vec![cheap.clone(), dear.clone()], &slot).chosen, [dear]);
    /// ```
    pub fn from_document(lane: usize, document: &str, slot: &Slot) -> Option<Self> {
        let vast = vast_xml::parse(document.as_bytes(), &vast_xml::ParseOptions::default()).ok()?.vast;
        let inline = vast.ads.into_iter().find(|ad| matches!(ad.kind, AdKind::InLine(_)))?;
        let tree = SourceTree {
            source: "test".into(),
            rule: AddressRule::default(),
            transaction_id: "test".into(),
            disclosure: Disclosure::default(),
        };
        let info = DocumentInfo { version: vast.version, ..DocumentInfo::new(0, None, "test") };
        let ad = ResolvedAd::new(Arc::new(tree), Vec::new(), Arc::new(info), inline)?;
        match verdict(&ad, slot, &ParseFilter::default()) {
            Verdict::Usable(media) => Some(Self { lane, ad, media }),
            Verdict::Rejected(_) => None,
        }
    }

    /// The creative that would be played.
    pub fn creative(&self) -> Option<&Creative> {
        self.ad.inline.creatives.get(self.media.creative)
    }

    /// Whether the creative that would be played is linear, nonlinear, or shown beside the player (display).
    pub fn kind(&self) -> &'static BreakType {
        match self.creative() {
            Some(creative) if creative.linear.is_some() => &BreakType::Linear,
            Some(creative) if creative.non_linear_ads.is_some() => &BreakType::NonLinear,
            _ => &BreakType::Display,
        }
    }

    /// The linear creative that would be played.
    pub fn linear(&self) -> Option<&Linear> {
        self.creative()?.linear.as_ref()
    }

    /// The media file that would be played.
    pub fn media_file(&self) -> Option<&MediaFile> {
        self.linear()?.media_files.get(self.media.best())
    }

    /// Warnings about values that the document should give for the creative and the media file that would be played, but does
    /// not give.
    pub(crate) fn warnings(&self) -> impl Iterator<Item = (TreeWarning, &'static str)> {
        let no_duration = self.linear().and_then(|linear| match linear.duration {
            None => Some("the linear creative has no Duration"),
            Some(Duration::ZERO) => Some("the linear creative has a Duration of zero"),
            Some(_) => None,
        });
        let no_type = self.media_file().is_some_and(|file| mime::of_file(file).is_none());
        let no_duration = no_duration.map(|message| (TreeWarning::NoDuration, message));
        let message = "the media file has no type, and its URL has no known ending";
        let no_type = no_type.then_some((TreeWarning::NoMediaType, message));
        no_duration.into_iter().chain(no_type)
    }

    /// The running time of the creative that would be played.
    pub fn duration(&self) -> Option<Duration> {
        self.linear()?.duration
    }

    /// Whether both are ads of one pod of one document.
    pub(crate) fn is_of_same_pod(&self, other: &Self) -> bool {
        self.lane == other.lane && self.ad.pod.is_some() && self.ad.pod == other.ad.pod
    }
}
