//! The MIME types of files.

use vast_xml::model::is_placeholder;

use crate::drafts::{Drafts, clipped};
use crate::outline::Outline;
use crate::rule::Rule;

/// Endings of URLs, each with the MIME types that servers use for such files.
const ENDINGS: [(&str, &[&str]); 26] = [
    ("mp4", &["video/mp4", "audio/mp4"]),
    ("m4v", &["video/mp4", "video/x-m4v"]),
    ("m4a", &["audio/mp4", "audio/x-m4a"]),
    ("webm", &["video/webm", "audio/webm"]),
    ("mov", &["video/quicktime"]),
    ("flv", &["video/x-flv", "video/flv"]),
    ("ogv", &["video/ogg"]),
    ("ogg", &["audio/ogg", "video/ogg"]),
    ("ts", &["video/mp2t"]),
    ("3gp", &["video/3gpp", "audio/3gpp"]),
    ("mpd", &["application/dash+xml"]),
    ("m3u8", &["application/x-mpegurl", "application/vnd.apple.mpegurl", "audio/mpegurl", "audio/x-mpegurl"]),
    ("mp3", &["audio/mpeg", "audio/mp3"]),
    ("aac", &["audio/aac", "audio/x-aac"]),
    ("wav", &["audio/wav", "audio/x-wav", "audio/wave"]),
    ("js", &["application/javascript", "text/javascript", "application/x-javascript"]),
    ("swf", &["application/x-shockwave-flash"]),
    ("html", &["text/html"]),
    ("htm", &["text/html"]),
    ("png", &["image/png"]),
    ("jpg", &["image/jpeg", "image/jpg"]),
    ("jpeg", &["image/jpeg", "image/jpg"]),
    ("gif", &["image/gif"]),
    ("svg", &["image/svg+xml"]),
    ("webp", &["image/webp"]),
    ("vtt", &["text/vtt"]),
];

/// The elements that name a file, each with the attribute that gives the MIME type.
const FILES: [(&str, &str); 5] = [
    ("MediaFile", "type"),
    ("Mezzanine", "type"),
    ("InteractiveCreativeFile", "type"),
    ("ClosedCaptionFile", "type"),
    ("StaticResource", "creativeType"),
];

/// Reports a MIME type that contradicts the ending of the URL. Types and endings that are not in the table are ignored.
pub(super) fn contradicting_endings(outline: &Outline<'_>, drafts: &mut Drafts) {
    for (element_name, attribute_name) in FILES {
        for (_, element) in outline.named(element_name) {
            let Some(attribute) = element.attribute(attribute_name) else { continue };
            let url = element.text(outline.text);
            let Some((ending, types)) = known(&url).filter(|_| !is_placeholder(&url)) else { continue };
            // Remove parameters such as `; codecs=avc1`: the table has types without parameters.
            let mime_type = attribute.value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
            let is_known = ENDINGS.iter().any(|(_, types)| types.contains(&&*mime_type));
            if is_known && !types.contains(&&*mime_type) {
                let message =
                    format!("{attribute_name} {} contradicts the ending .{ending} of the URL", clipped(&mime_type));
                drafts.add(Rule::MimeContradictsEnding, attribute.range.clone(), message);
            }
        }
    }
}

/// The ending of a URL's path, if it is in the table.
fn known(url: &str) -> Option<&'static (&'static str, &'static [&'static str])> {
    let path = url.split(['?', '#']).next()?;
    let (_, file) = path.split_once("//").map_or(("", path), |(_, behind)| behind.rsplit_once('/').unwrap_or_default());
    let (_, ending) = file.rsplit_once('.')?;
    ENDINGS.iter().find(|(known, _)| ending.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_is_that_of_the_path() {
        let cases = [
            ("https://c.example/a.mp4?x=b.webm", Some("mp4")),
            ("https://c.example/a.MP4#t", Some("mp4")),
            ("//c.example/v/a.m3u8", Some("m3u8")),
            ("a.webm", Some("webm")),
            ("https://site.js", None),
            ("https://c.example/mp4", None),
            ("https://c.example/a.mp4/file", None),
        ];
        for (url, ending) in cases {
            assert_eq!(known(url).map(|(ending, _)| *ending), ending, "{url}");
        }
    }
}
