//! A usable ad.

use std::time::Duration;

use vast_xml::model::{Creative, Linear, MediaFile};

use super::media::MediaChoice;
use super::mime;
use crate::ad::ResolvedAd;
use crate::journal::TreeWarning;

/// A usable ad.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The index of its source in the order in which the sources are asked, fallbacks after sources.
    pub lane: usize,
    /// The ad.
    pub ad: ResolvedAd,
    /// Its media files that fit, best first.
    pub media: MediaChoice,
}

impl Candidate {
    /// The creative that would be played.
    pub fn creative(&self) -> Option<&Creative> {
        self.ad.inline.creatives.get(self.media.creative)
    }

    /// The linear creative that would be played.
    pub fn linear(&self) -> Option<&Linear> {
        self.creative()?.linear.as_ref()
    }

    /// The media file that would be played.
    pub fn media_file(&self) -> Option<&MediaFile> {
        self.linear()?.media_files.get(self.media.best())
    }

    /// Warnings about the creative and the media file that would be played: what the document should say about them and does
    /// not.
    pub(crate) fn warnings(&self) -> impl Iterator<Item = (TreeWarning, &'static str)> {
        let no_duration = self.linear().is_some_and(|linear| linear.duration.is_none());
        let no_type = self.media_file().is_some_and(|file| mime::of_file(file).is_none());
        let no_duration = no_duration.then_some((TreeWarning::NoDuration, "the linear creative has no Duration"));
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
