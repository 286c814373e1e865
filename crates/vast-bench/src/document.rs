//! The documents that are asked for and read, made here so that the sizes are what they are said to be.

use std::fmt::Write;
use std::sync::OnceLock;

/// How many ads [`many_ads`] has.
const MANY: usize = 60;

/// A document of about 3 kB with one linear ad, as ad servers send it.
pub(crate) fn one_ad() -> &'static str {
    static DOCUMENT: OnceLock<String> = OnceLock::new();
    DOCUMENT.get_or_init(|| document(1, false))
}

/// A document of about 180 kB: a pod of many such ads.
pub(crate) fn many_ads() -> &'static str {
    static DOCUMENT: OnceLock<String> = OnceLock::new();
    DOCUMENT.get_or_init(|| document(MANY, true))
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
    use vast_xml::{ParseOptions, parse};

    #[test]
    fn the_documents_are_faultless_and_of_the_sizes_they_are_said_to_be() {
        for (text, ads, bytes) in [(one_ad(), 1, 2_700..3_300), (many_ads(), MANY, 160_000..200_000)] {
            let document = parse(text.as_bytes(), &ParseOptions { strict: true, ..ParseOptions::default() });
            let document = document.expect("a document without deviations");
            assert_eq!(document.vast.ads.len(), ads);
            assert_eq!(document.warnings, []);
            assert!(bytes.contains(&text.len()), "{}", text.len());
        }
    }
}
