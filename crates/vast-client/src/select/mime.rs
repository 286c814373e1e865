//! The closed tables of MIME types that players can play, and of URL endings for files without a type.

use std::borrow::Cow;

use vast_xml::model::{AdType, MediaFile};

/// How a file is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MediaKind {
    /// `video/*` without Flash.
    Video,
    /// `audio/*` without Flash and playlists.
    Audio,
    /// A manifest of HLS or MPEG-DASH.
    Manifest,
    /// Code, a page, Flash, an image or anything else. Only a player that lists the API or the type of such a file can
    /// use it.
    Other,
}

/// The types of manifests (RFC 8216 section 4, ISO/IEC 23009-1 annex C) and the spellings in use.
const MANIFESTS: [&str; 8] = [
    "application/vnd.apple.mpegurl",
    "vnd.apple.mpegurl",
    "application/x-mpegurl",
    "application/mpegurl",
    "audio/mpegurl",
    "audio/x-mpegurl",
    "application/dash+xml",
    "video/vnd.mpeg.dash.mpd",
];

/// The MIME types of Flash that start with `video/` or `audio/`. No current player can play them.
const FLASH: [&str; 8] =
    ["video/flv", "video/x-flv", "video/f4v", "video/x-f4v", "audio/flv", "audio/x-flv", "audio/f4a", "audio/x-f4a"];

/// The type of a file by the ending of its URL's path.
const ENDINGS: [(&str, &str); 27] = [
    ("mp4", "video/mp4"),
    ("m4v", "video/mp4"),
    ("mov", "video/quicktime"),
    ("webm", "video/webm"),
    ("ogv", "video/ogg"),
    ("3gp", "video/3gpp"),
    ("ts", "video/mp2t"),
    ("m3u8", "application/vnd.apple.mpegurl"),
    ("mpd", "application/dash+xml"),
    ("mp3", "audio/mpeg"),
    ("m4a", "audio/mp4"),
    ("aac", "audio/mp4"),
    ("ogg", "audio/ogg"),
    ("oga", "audio/ogg"),
    ("wav", "audio/wav"),
    ("flv", "video/x-flv"),
    ("f4v", "video/x-f4v"),
    ("swf", "application/x-shockwave-flash"),
    ("js", "application/javascript"),
    ("html", "text/html"),
    ("htm", "text/html"),
    ("xml", "application/xml"),
    ("json", "application/json"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("png", "image/png"),
    ("gif", "image/gif"),
];

/// A MIME type without its parameters, in lower case: `Video/MP4; codecs="avc1"` is `video/mp4`. `None` for a text that
/// is not a MIME type, such as an empty text or `mp4`.
pub(super) fn essence(mime_type: &str) -> Option<Cow<'_, str>> {
    // The types of most files, which need no search.
    if matches!(mime_type, "video/mp4" | "video/webm" | "application/javascript" | "audio/mpeg" | "audio/mp4") {
        return Some(Cow::Borrowed(mime_type));
    }
    // Most documents write types in lower case and without parameters.
    let is_plain = mime_type.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'/' | b'-' | b'+' | b'.'));
    if is_plain && mime_type.bytes().any(|byte| byte == b'/') {
        return Some(Cow::Borrowed(mime_type));
    }
    let essence = mime_type.split(';').next().unwrap_or_default().trim();
    let has_upper_case = essence.bytes().any(|byte| byte.is_ascii_uppercase());
    let essence = if has_upper_case { Cow::Owned(essence.to_ascii_lowercase()) } else { Cow::Borrowed(essence) };
    let is_type = essence.contains('/') || MANIFESTS.contains(&&*essence);
    is_type.then_some(essence)
}

/// The type that the document gives the file, normalized.
pub(super) fn declared(file: &MediaFile) -> Option<Cow<'_, str>> {
    essence(file.mime_type.as_deref()?)
}

/// The type of the file: the declared type, else the type for the ending of its URL. `None` if both are unknown.
pub(super) fn of_file(file: &MediaFile) -> Option<Cow<'_, str>> {
    declared(file).or_else(|| of_ending(&file.url).map(Cow::Borrowed))
}

fn of_ending(url: &str) -> Option<&'static str> {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    let (_, ending) = path.rsplit('/').next()?.rsplit_once('.')?;
    ENDINGS.iter().find(|(known, _)| ending.eq_ignore_ascii_case(known)).map(|(_, mime_type)| *mime_type)
}

/// How a file of the type `essence` is played.
pub(super) fn kind(essence: &str) -> MediaKind {
    if MANIFESTS.contains(&essence) {
        MediaKind::Manifest
    } else if FLASH.contains(&essence) {
        MediaKind::Other
    } else if essence.starts_with("video/") {
        MediaKind::Video
    } else if essence.starts_with("audio/") {
        MediaKind::Audio
    } else {
        MediaKind::Other
    }
}

/// Whether the file is audio for the filter of the caller. For a manifest the type of its ad decides.
pub(super) fn is_audio(kind: MediaKind, ad_type: Option<&AdType>) -> Option<bool> {
    match kind {
        MediaKind::Video => Some(false),
        MediaKind::Audio => Some(true),
        MediaKind::Manifest => Some(ad_type == Some(&AdType::Audio)),
        MediaKind::Other => None,
    }
}

/// Whether a normalized type equals `listed`, a type in a list of the user. Some types, such as HLS, have several names.
pub(super) fn is_same(normalized: &str, listed: &str) -> bool {
    essence(listed).is_some_and(|listed| name(normalized) == name(&listed))
}

/// One name for types that mean the same.
fn name(essence: &str) -> &str {
    match essence {
        "application/dash+xml" | "video/vnd.mpeg.dash.mpd" => "dash",
        "audio/mp3" => "audio/mpeg",
        "video/x-mp4" | "video/x-m4v" => "video/mp4",
        manifest if MANIFESTS.contains(&manifest) => "hls",
        other => other,
    }
}

/// The rank of a type, higher is better: formats that play everywhere, other media and scripts, no type, Flash.
pub(super) fn rank(declared: Option<&str>) -> u8 {
    match declared {
        Some("video/mp4" | "audio/mp4" | "audio/mpeg" | "audio/mp3") => 3,
        Some(essence) if FLASH.contains(&essence) || essence == "application/x-shockwave-flash" => 0,
        Some(_) => 2,
        None => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_and_case_do_not_change_a_type() {
        let cases = [
            ("video/mp4", Some("video/mp4")),
            (" Video/MP4 ; codecs=\"avc1.42E01E\"", Some("video/mp4")),
            ("vnd.apple.mpegURL", Some("vnd.apple.mpegurl")),
            ("mp4", None),
            ("", None),
            ("; codecs=avc1", None),
        ];
        for (text, expected) in cases {
            assert_eq!(essence(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn each_type_has_one_kind() {
        let cases = [
            (
                MediaKind::Video,
                &["video/mp4", "video/webm", "video/quicktime", "video/x-ms-wmv", "video/unheard-of"][..],
            ),
            (MediaKind::Audio, &["audio/mpeg", "audio/mp4", "audio/ogg", "audio/unheard-of"]),
            (MediaKind::Manifest, &MANIFESTS),
            (MediaKind::Other, &FLASH),
            (
                MediaKind::Other,
                &[
                    "application/x-shockwave-flash",
                    "audio/x-flv",
                    "application/javascript",
                    "text/javascript",
                    "text/html",
                    "image/jpeg",
                    "application/xml",
                    "application/octet-stream",
                    "application/video",
                ],
            ),
        ];
        for (expected, types) in cases {
            for mime_type in types {
                assert_eq!(kind(mime_type), expected, "{mime_type}");
            }
        }
    }

    #[test]
    fn the_ending_of_the_path_says_the_type_of_a_file_without_one() {
        let cases = [
            ("https://cdn.example/a.MP4?x=.js#.png", Some("video/mp4")),
            ("https://cdn.example/v.js", Some("application/javascript")),
            ("https://cdn.mp4/a", None),
            ("https://cdn.example/a.mp4/", None),
            ("https://cdn.example/a.unheard-of", None),
        ];
        for (url, expected) in cases {
            let mut file = MediaFile::default();
            file.url = url.into();
            assert_eq!(of_file(&file).as_deref(), expected, "{url}");
            file.mime_type = Some("mp4".into());
            assert_eq!(of_file(&file).as_deref(), expected, "{url} with a type that is none");
        }
    }
}
