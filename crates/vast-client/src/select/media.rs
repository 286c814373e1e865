//! The order of preference among the media files that fit.

use std::borrow::Cow;
use std::cmp::Reverse;

use vast_xml::model::{ClosedCaptionFile, Linear, MediaFile};

use super::filter::mean_bitrate;
use super::mime;
use crate::error::{Rejection, RejectionReason};
use crate::request::{Codec, DeviceProfile, Slot};

/// The media files of an ad that fit, best first, so that a player can use the next file if one fails. Files are ranked
/// by their attributes and never by their order in the document (VAST 4.3 section 3.9).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MediaChoice {
    /// The index of the creative in the `InLine`.
    pub creative: usize,
    /// The indices of the creative's interactive files that the player can run. The first of them is tried before any
    /// media file; if it cannot run, the media files are used (VAST 4.3 section 3.9.3).
    pub interactive: Vec<usize>,
    /// The indices of its media files that fit, best first. Empty only for a nonlinear creative or one
    /// that has only companions, which a [`Slot`] must accept.
    pub files: Vec<usize>,
    /// The media files that do not fit, by index, each with the reason.
    pub rejected: Vec<(usize, Rejection)>,
    /// The indices of the creative's caption files, the preferred language first (VAST 4.3 section 3.9.4).
    pub captions: Vec<usize>,
}

/// A file of an ad and its place in the ranking.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MediaRank<'a> {
    /// The URL.
    pub url: &'a str,
    /// The position in the ranking, from 1; `None` if the file cannot be used.
    pub rank: Option<usize>,
    /// The reason for this position, for people.
    pub reason: String,
}

impl MediaChoice {
    /// A choice of one creative of an ad, and of these media files of it: `files` has their indices, best first.
    pub fn new(creative: usize, files: impl IntoIterator<Item = usize>) -> Self {
        Self { creative, files: files.into_iter().collect(), ..Self::default() }
    }

    /// The index of the file to play.
    pub fn best(&self) -> usize {
        self.files.first().copied().unwrap_or_default()
    }

    /// Every interactive and every media file of `linear`, the creative of this choice: first the usable files, in order of
    /// preference for the device of `slot`, then the others.
    pub fn ranking<'a>(&self, linear: &'a Linear, slot: &Slot) -> Vec<MediaRank<'a>> {
        let interactive = self.interactive.iter().filter_map(|index| linear.interactive_creative_files.get(*index));
        let interactive = interactive.map(|file| {
            let api = file.api_framework.as_deref().unwrap_or_default();
            (&*file.url, format!("an interactive file for {api}, which is tried before media files"))
        });
        let files = self.files.iter().filter_map(|index| linear.media_files.get(*index));
        let files = files.map(|file| (&*file.url, FileStanding::of(file, linear, slot).reason(file, &slot.profile)));
        let usable = interactive.chain(files).zip(1..);
        let usable = usable.map(|((url, reason), rank)| MediaRank { url, rank: Some(rank), reason });
        let rejected = self.rejected.iter().filter_map(|(index, rejection)| {
            let url = &*linear.media_files.get(*index)?.url;
            Some(MediaRank { url, rank: None, reason: rejection.message.to_string() })
        });
        usable.chain(rejected).collect()
    }
}

/// Ranks the `passing` files of a linear creative for the device of `slot`.
pub(super) fn choose(
    creative: usize,
    linear: &Linear,
    mut passing: Vec<usize>,
    rejected: Vec<(usize, Rejection)>,
    slot: &Slot,
) -> MediaChoice {
    if passing.len() > 1 {
        let standing = |index: &usize| linear.media_files.get(*index).map(|file| FileStanding::of(file, linear, slot));
        passing.sort_by_cached_key(standing);
    }
    let files = linear.interactive_creative_files.iter().enumerate();
    let can_run = |api: Option<&str>| api.is_some_and(|api| !api.trim().is_empty()) && slot.lists_api(api);
    let interactive = files.filter(|(_, file)| !file.url.is_empty() && can_run(file.api_framework.as_deref()));
    MediaChoice {
        creative,
        interactive: interactive.map(|(index, _)| index).collect(),
        files: passing,
        rejected,
        captions: captions(&linear.closed_caption_files, &slot.profile.languages),
    }
}

/// The captions by language: an equal tag, then one with the same primary language, then the others in document order.
fn captions(files: &[ClosedCaptionFile], languages: &[String]) -> Vec<usize> {
    let primary = |tag: &str| tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    let place = |index: &usize| {
        let own = files[*index].language.as_deref().unwrap_or_default().trim();
        let exact = languages.iter().position(|language| language.eq_ignore_ascii_case(own));
        let near = languages.iter().position(|language| primary(language) == primary(own));
        (exact.or(near).unwrap_or(usize::MAX), exact.is_none())
    };
    let mut captions: Vec<usize> = (0..files.len()).filter(|index| !files[*index].url.is_empty()).collect();
    captions.sort_by_key(place);
    captions
}

/// Checks that the device of `slot` plays the type, the codecs and the delivery of a file.
pub(super) fn check_profile(file: &MediaFile, slot: &Slot) -> Result<(), Rejection> {
    let profile = &slot.profile;
    let reject =
        |reason, what: String| Err(Rejection::new(reason, format!("{what} is not one of profile {}", profile.name)));
    // Code for an API runs in the player and not on the device's decoder.
    if type_place(file, profile).is_none() && !slot.lists_api(file.api_framework.as_deref()) {
        return reject(RejectionReason::MimeType, format!("type {}", mime::of_file(file).unwrap_or_default()));
    }
    if !profile.codecs.is_empty() {
        let parameter = file.mime_type.as_deref().and_then(|kind| kind.split_once("codecs=")).map(|(_, list)| list);
        let mut named = [file.codec.as_deref(), parameter].into_iter().flatten().flat_map(|list| list.split(','));
        let is_foreign = |name: &str| Codec::of(name).filter(|codec| !profile.codecs.contains(codec));
        if let Some(codec) = named.find_map(is_foreign) {
            return reject(RejectionReason::Codec, format!("codec {}", codec.as_str()));
        }
    }
    match &file.delivery {
        Some(own) if !profile.delivery.is_empty() => {
            let is_played = profile.delivery.iter().any(|kind| kind.as_str().eq_ignore_ascii_case(own.as_str()));
            if is_played { Ok(()) } else { reject(RejectionReason::Delivery, format!("delivery {}", own.as_str())) }
        }
        _ => Ok(()),
    }
}

/// The position of the file's type in the list of the profile; the last position for a file without a type. `None` if the
/// profile does not list the type.
fn type_place(file: &MediaFile, profile: &DeviceProfile) -> Option<usize> {
    let types = &profile.mime_types;
    if types.is_empty() {
        return Some(0);
    }
    match mime::of_file(file) {
        Some(own) => types.iter().position(|one| mime::is_same(&own, one)),
        None => Some(types.len()),
    }
}

/// The rank of a file; a lower value is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct FileStanding {
    /// A file for an API that the player runs, such as VPAID, comes before files without an API (VAST 4.3 section 1.8).
    runs_api: Reverse<bool>,
    /// Whether the file is larger than the screen or needs more than the bandwidth.
    is_too_much: bool,
    type_place: usize,
    /// Formats that play everywhere come first.
    format: Reverse<u8>,
    /// The bitrate and the area of a file that fits the screen and the bandwidth: the highest first.
    quality: Reverse<(u64, u64)>,
    /// The bitrate and the area of a file that does not fit the screen or the bandwidth: the lowest first.
    excess: (u64, u64),
}

impl FileStanding {
    fn of(file: &MediaFile, linear: &Linear, slot: &Slot) -> Self {
        let profile = &slot.profile;
        let kilobits = mean_bitrate(file, linear.duration);
        let above = |own: Option<u32>, most: Option<u32>| most.is_some_and(|most| own.is_some_and(|own| own > most));
        let is_too_large = above(file.width, profile.max_width) || above(file.height, profile.max_height);
        // An adaptive file only needs its lowest bitrate.
        let needed = file.min_bitrate.filter(|_| file.bitrate.is_none()).map_or(kilobits, u64::from);
        let is_too_much = is_too_large || profile.max_bitrate.is_some_and(|most| needed > u64::from(most));
        let area = u64::from(file.width.unwrap_or(0)) * u64::from(file.height.unwrap_or(0));
        let (quality, excess) = if is_too_much { ((0, 0), (kilobits, area)) } else { ((kilobits, area), (0, 0)) };
        Self {
            runs_api: Reverse(slot.lists_api(file.api_framework.as_deref())),
            is_too_much,
            type_place: type_place(file, profile).unwrap_or(profile.mime_types.len()),
            format: Reverse(mime::rank(mime::declared(file).as_deref())),
            quality: Reverse(quality),
            excess,
        }
    }

    /// The reason for the rank, as text.
    fn reason(&self, file: &MediaFile, profile: &DeviceProfile) -> String {
        let kind = mime::of_file(file).map_or_else(|| "no type".to_owned(), Cow::into_owned);
        let place = self.type_place + 1;
        let is_listed = self.type_place < profile.mime_types.len();
        let mut words =
            vec![if is_listed { format!("{kind}, type {place} of profile {}", profile.name) } else { kind }];
        let kilobits = self.quality.0.0.max(self.excess.0);
        if kilobits > 0 {
            words.push(format!("{kilobits} kbit/s"));
        }
        if let (Some(width), Some(height)) = (file.width, file.height) {
            words.push(format!("{width}x{height}"));
        }
        if self.runs_api.0 {
            let api = file.api_framework.as_deref().unwrap_or_default();
            words.push(format!("for {api}, before files without an API"));
        }
        if self.is_too_much {
            words.push(format!("more than profile {} asks for, after the files that fit", profile.name));
        }
        words.join("; ")
    }
}

#[cfg(test)]
mod tests;
