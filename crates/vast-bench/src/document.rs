//! The documents that are requested and parsed. They are generated here, so that their sizes are known.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use vast_xml::{Limits, ParseOptions};

/// How many ads [`many_ads`] has.
pub(crate) const MANY: usize = 60;
/// How many ads [`most_ads`] has.
const MOST: usize = 1_420;

/// A document that every library can read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Document {
    pub(crate) name: &'static str,
    pub(crate) text: &'static str,
    pub(crate) ads: usize,
    /// Whether all its ads are those of [`one_ad`]. The cost per ad must not depend on the number of ads.
    pub(crate) is_uniform: bool,
}

/// The documents, from the smallest to the largest.
pub(crate) fn all() -> [Document; 5] {
    [
        Document { name: "one ad", text: one_ad(), ads: 1, is_uniform: true },
        Document { name: "a wrapper", text: WRAPPER, ads: 1, is_uniform: false },
        Document { name: "all that 4.2 has", text: FULL, ads: 1, is_uniform: false },
        Document { name: "a pod of 60 ads", text: many_ads(), ads: MANY, is_uniform: true },
        Document { name: "4 MB of ads", text: most_ads(), ads: MOST, is_uniform: true },
    ]
}

/// Writes documents into a folder, and returns their paths.
pub(crate) fn write_all(documents: &[Document], folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let write = |(index, document): (usize, &Document)| {
        let path = folder.join(format!("{index}.xml"));
        std::fs::write(&path, document.text)?;
        Ok(path)
    };
    documents.iter().enumerate().map(write).collect()
}

/// A wrapper that leads to `uri`.
pub(crate) fn wrapper(uri: &str) -> String {
    let (before, rest) = WRAPPER.split_once(WRAPPED).unwrap_or((WRAPPER, ""));
    [before, uri, rest].concat()
}

/// A pod of `count` wrappers that all lead to `uri`.
pub(crate) fn pod_of_wrappers(wrappers: usize, uri: &str) -> String {
    let document = wrapper(uri);
    let parts = document.split_once("  <Ad ").and_then(|(head, rest)| Some((head, rest.rsplit_once("</VAST>")?)));
    let (head, (ad, _)) = parts.unwrap_or_default();
    let ads = (1..=wrappers).map(|number| format!("  <Ad sequence=\"{number}\" {ad}"));
    [head.to_owned(), ads.collect(), "</VAST>\n".to_owned()].concat()
}

/// A playlist (VMAP) of this many breaks that all lead to `uri`.
pub(crate) fn playlist(breaks: usize, uri: &str) -> String {
    let one = |number: usize| {
        format!(
            "<vmap:AdBreak breakId=\"b{number}\" timeOffset=\"00:{number:02}:00\" breakType=\"linear\"><vmap:AdSource>\
             <vmap:AdTagURI templateType=\"vast3\"><![CDATA[{uri}]]></vmap:AdTagURI></vmap:AdSource></vmap:AdBreak>"
        )
    };
    let breaks: String = (0..breaks).map(one).collect();
    format!("<vmap:VMAP xmlns:vmap=\"http://www.iab.net/videosuite/vmap\" version=\"1.0\">{breaks}</vmap:VMAP>")
}

/// The limits of the library, without the limits on numbers, which the largest document exceeds.
pub(crate) fn options() -> ParseOptions<'static> {
    let limits = Limits { ads: 10_000, elements: 1_000_000, trackers: 1_000_000, ..Limits::default() };
    ParseOptions { limits, ..ParseOptions::default() }
}

/// The URL in [`WRAPPER`].
const WRAPPED: &str = "https://buyer.example/vast?id=a532d16d&cb=[CACHEBUSTING]&pos=[BREAKPOSITION]&gdpr=[REGULATIONS]";
/// A wrapper, as ad exchanges send it.
const WRAPPER: &str = include_str!("../documents/wrapper.xml");
/// The smallest ad that a player can play, of about 1 kB.
const SMALLEST: &str = include_str!("../documents/smallest.xml");
/// An ad with elements of every chapter of VAST 4.2.
const FULL: &str = include_str!("../documents/full.xml");

/// A document of about 3 kB with one linear ad, as ad servers send it.
pub(crate) fn one_ad() -> &'static str {
    static DOCUMENT: OnceLock<String> = OnceLock::new();
    DOCUMENT.get_or_init(|| document(1, false))
}

/// One ad in a document of nearly this many bytes: its extension has as much text as is missing. A smaller document has no extension
/// and has fewer elements.
pub(crate) fn of_size(bytes: usize) -> String {
    let Some(room) = bytes.checked_sub(one_ad().len()) else { return SMALLEST.to_owned() };
    let entry = "<Entry key=\"segment\">sports, news, weather and travel</Entry>\n";
    let extension = format!(
        "<Extensions><Extension type=\"filler\">{}</Extension></Extensions>\n",
        entry.repeat(room / entry.len())
    );
    one_ad().replacen("</InLine>", &(extension + "</InLine>"), 1)
}

/// A document of about 180 kB: a pod of many such ads.
pub(crate) fn many_ads() -> &'static str {
    static DOCUMENT: OnceLock<String> = OnceLock::new();
    DOCUMENT.get_or_init(|| document(MANY, true))
}

/// A document of nearly 4 MB with such ads. Libraries with a limit of 4 MiB still accept it.
fn most_ads() -> &'static str {
    static DOCUMENT: OnceLock<String> = OnceLock::new();
    DOCUMENT.get_or_init(|| document(MOST, true))
}

fn document(ads: usize, pod: bool) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<VAST version=\"4.2\">\n");
    for number in 1..=ads {
        let sequence = if pod { format!(" sequence=\"{number}\"") } else { String::new() };
        // Writing into a String cannot fail.
        let _ = write!(text, "  <Ad id=\"ad-{number}\"{sequence}>\n{}  </Ad>\n", inline(number));
    }
    text + "</VAST>\n"
}

fn inline(number: usize) -> String {
    format!(
        "    <InLine>
      <AdSystem version=\"2.7\">Example Ad Server</AdSystem>
      <AdTitle>Running Shoes, Autumn {number}</AdTitle>
      <AdServingId>a532d16d-4d7f-4440-bd29-2ec0e693fc{number:02}</AdServingId>
      <Error><![CDATA[https://events.ads.example/error?ad={number}&code=[ERRORCODE]]]></Error>
      <Impression id=\"own\"><![CDATA[https://events.ads.example/impression?ad={number}&cb=[CACHEBUSTING]]]></Impression>
      <Impression id=\"partner\"><![CDATA[https://pixel.partner.example/i?c=31337&cb=[CACHEBUSTING]&t=[TIMESTAMP]]]></Impression>
      <Creatives>
        <Creative id=\"creative-{number}\" sequence=\"1\">
          <UniversalAdId idRegistry=\"ad-id.org\">CNPA0484{number:03}H</UniversalAdId>
          <Linear skipoffset=\"00:00:05\">
            <Duration>00:00:15</Duration>
            <TrackingEvents>
{}            </TrackingEvents>
            <VideoClicks>
              <ClickThrough><![CDATA[https://shop.example/shoes?utm_source=video&utm_campaign=autumn]]></ClickThrough>
              <ClickTracking><![CDATA[https://events.ads.example/click?ad={number}&cb=[CACHEBUSTING]]]></ClickTracking>
            </VideoClicks>
            <MediaFiles>
{}            </MediaFiles>
          </Linear>
        </Creative>
      </Creatives>
    </InLine>
",
        tracking(number),
        media_files()
    )
}

fn tracking(number: usize) -> String {
    const EVENTS: [&str; 8] =
        ["start", "firstQuartile", "midpoint", "thirdQuartile", "complete", "mute", "pause", "skip"];
    let url = format!("https://events.ads.example/event?ad={number}&cb=[CACHEBUSTING]");
    let line = |event| format!("              <Tracking event=\"{event}\"><![CDATA[{url}&e={event}]]></Tracking>\n");
    EVENTS.map(line).concat()
}

fn media_files() -> String {
    const SIZES: [(u32, u32, u32); 3] = [(1920, 1080, 4500), (1280, 720, 2000), (640, 360, 700)];
    let line = |(width, height, bitrate)| {
        format!(
            "              <MediaFile delivery=\"progressive\" type=\"video/mp4\" width=\"{width}\" height=\"{height}\" \
             bitrate=\"{bitrate}\"><![CDATA[https://cdn.example/shoes/{height}p.mp4]]></MediaFile>\n"
        )
    };
    SIZES.map(line).concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use vast_xml::parse;

    #[test]
    fn the_documents_are_valid_and_have_the_documented_sizes() {
        let sizes = [2_700..3_300, 1_900..3_300, 9_000..14_000, 160_000..200_000, 3_900_000..4 << 20];
        for (document, bytes) in all().into_iter().zip(sizes) {
            let read = parse(document.text.as_bytes(), &ParseOptions { strict: true, ..options() });
            let read = read.unwrap_or_else(|error| panic!("{}: {error}", document.name));
            assert_eq!(read.vast.ads.len(), document.ads, "{}", document.name);
            assert_eq!(read.warnings, [], "{}", document.name);
            assert!(bytes.contains(&document.text.len()), "{}: {}", document.name, document.text.len());
        }
    }

    #[test]
    fn wrappers_lead_to_the_given_url() {
        let pod = pod_of_wrappers(3, "http://h/next");
        let read = parse(pod.as_bytes(), &ParseOptions { strict: true, ..options() }).expect("a document");
        let seen: Vec<_> = read
            .vast
            .ads
            .iter()
            .map(|ad| (ad.sequence, ad.wrapper().map(|wrapper| wrapper.vast_ad_tag_uri.to_string())))
            .collect();
        assert_eq!(seen, [1, 2, 3].map(|number| (Some(number), Some("http://h/next".to_owned()))));
    }
}
