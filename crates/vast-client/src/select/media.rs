//! The order of preference among the media files that fit.

use std::cmp::Reverse;

use vast_xml::model::{Linear, MediaFile};

use super::filter::mean_bitrate;
use super::mime;

/// The media files of an ad that fit, best first, so that a player can fall back to the next one. They are ranked by their
/// attributes and never by their order in the document (VAST 4.3 section 3.9).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MediaChoice {
    /// The index of the creative in the `InLine`.
    pub creative: usize,
    /// The indices of its media files that fit, best first. Empty only for a nonlinear creative, which a
    /// [`Slot`](crate::request::Slot) has to allow.
    pub files: Vec<usize>,
}

impl MediaChoice {
    /// These media files of this creative, best first, as indices.
    pub fn new(creative: usize, files: impl IntoIterator<Item = usize>) -> Self {
        Self { creative, files: files.into_iter().collect() }
    }

    /// The index of the file to play.
    pub fn best(&self) -> usize {
        self.files.first().copied().unwrap_or_default()
    }
}

/// Ranks the `passing` files of a linear creative; `None` when there is none.
pub(super) fn choose(creative: usize, linear: &Linear, passing: Vec<usize>) -> Option<MediaChoice> {
    let mut files = passing;
    if files.len() > 1 {
        files.sort_by_cached_key(|index| linear.media_files.get(*index).map(|file| Reverse(rank(file, linear))));
    }
    (!files.is_empty()).then_some(MediaChoice { creative, files })
}

/// Higher is better: formats that play everywhere, then the bitrate, then the area; equal files keep their order.
fn rank(file: &MediaFile, linear: &Linear) -> (u8, u64, u64) {
    let format = mime::rank(mime::declared(file).as_deref());
    let kilobits = mean_bitrate(file, linear.duration);
    (format, kilobits, u64::from(file.width.unwrap_or(0)) * u64::from(file.height.unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(mime_type: &str, bitrate: u32, width: u32) -> MediaFile {
        MediaFile {
            mime_type: Some(mime_type.into()),
            bitrate: Some(bitrate),
            width: Some(width),
            height: Some(100),
            ..MediaFile::default()
        }
    }

    #[test]
    fn parameters_and_case_of_a_type_do_not_change_its_rank_and_flash_comes_last() {
        let types = [
            "application/x-shockwave-flash",
            "video/x-flv",
            "",
            "application/javascript",
            "video/webm; codecs=vp9",
            "Video/MP4; codecs=\"avc1.42E01E\"",
        ];
        let media_files: Vec<_> = types.iter().map(|mime_type| file(mime_type, 500, 640)).collect();
        let linear = Linear { media_files, ..Linear::default() };
        let choice = choose(0, &linear, (0..types.len()).collect()).expect("some file");
        assert_eq!(choice.files, [5, 3, 4, 2, 0, 1]);
    }

    #[test]
    fn the_best_file_is_found_wherever_it_stands() {
        let linear = Linear {
            media_files: vec![
                file("video/webm", 9000, 1920),
                file("video/mp4", 500, 640),
                file("video/mp4", 2000, 1280),
                file("video/mp4", 2000, 1920),
                file("video/mp4", 2000, 1920),
            ],
            ..Linear::default()
        };
        let choice = choose(0, &linear, vec![0, 1, 2, 3, 4]).expect("some file");
        assert_eq!(choice.files, [3, 4, 2, 1, 0]);
        assert_eq!(choose(0, &linear, vec![1, 0]).map(|choice| choice.best()), Some(1));
        assert_eq!(choose(0, &linear, vec![]), None);
    }
}
