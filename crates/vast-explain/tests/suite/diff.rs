//! What `diff` finds between two documents: each case changes one thing in the first document.

use vast_explain::{DiffOptions, DiffRow, diff};
use vast_xml::{AnyDocument, ParseOptions, parse_any};

/// An ad with every part that is compared, and values that change with each request.
const AD: &str = r#"<VAST version="4.2"><Error>https://a.example/no-ad?cb=[CACHEBUSTING]</Error>
<Ad id="1001"><InLine><AdSystem>house</AdSystem><AdTitle>Shoes</AdTitle><AdServingId>serving-1</AdServingId>
<Error>https://a.example/error?cb=11111111</Error>
<Impression>https://a.example/impression?cb=11111111&amp;campaign=77</Impression>
<Pricing model="CPM" currency="USD">2.50</Pricing>
<AdVerifications><Verification vendor="measure.example-omid"><JavaScriptResource apiFramework="omid">https://measure.example/omid.js</JavaScriptResource>
<VerificationParameters>a=1</VerificationParameters></Verification></AdVerifications>
<Creatives><Creative id="c1"><UniversalAdId idRegistry="ad-id.org">SHOE0001</UniversalAdId><Linear><Duration>00:00:15</Duration>
<TrackingEvents><Tracking event="start">https://a.example/start?ts=1764259200</Tracking>
<Tracking event="progress" offset="00:00:05">https://a.example/five</Tracking></TrackingEvents>
<MediaFiles><MediaFile delivery="progressive" type="video/mp4" width="640" height="360" bitrate="500">https://cdn.example/shoes.mp4?token=abc</MediaFile></MediaFiles>
<VideoClicks><ClickThrough>https://shoes.example/</ClickThrough><ClickTracking>https://a.example/click</ClickTracking></VideoClicks></Linear></Creative>
<Creative><CompanionAds><Companion width="300" height="250"><StaticResource creativeType="image/png">https://cdn.example/shoes.png</StaticResource>
<CompanionClickThrough>https://shoes.example/c</CompanionClickThrough></Companion></CompanionAds></Creative></Creatives></InLine></Ad></VAST>"#;

const WRAPPER: &str = r#"<VAST version="4.2"><Ad id="w"><Wrapper><AdSystem>west</AdSystem><VASTAdTagURI>https://west.example/vast?ord=1&amp;zone=5</VASTAdTagURI></Wrapper></Ad></VAST>"#;

const PLAYLIST: &str = r#"<vmap:VMAP xmlns:vmap="http://www.iab.net/videosuite/vmap" version="1.0">
<vmap:AdBreak timeOffset="start" breakType="linear" breakId="pre"><vmap:AdSource><vmap:AdTagURI templateType="vast4">https://a.example/pre?cb=1</vmap:AdTagURI></vmap:AdSource></vmap:AdBreak>
<vmap:AdBreak timeOffset="00:10:00" breakType="linear" breakId="mid"><vmap:AdSource><vmap:VASTAdData><VAST version="4.2"><Ad id="1"><InLine><AdTitle>Cars</AdTitle></InLine></Ad></VAST></vmap:VASTAdData></vmap:AdSource></vmap:AdBreak>
</vmap:VMAP>"#;

fn read(text: &str) -> AnyDocument {
    parse_any(text.as_bytes(), &ParseOptions::default()).expect("a document")
}

/// A difference in one line: `ad | part name | a -> b`.
fn line(difference: &DiffRow) -> String {
    let DiffRow { ad, part, name, a, b, .. } = difference;
    let value = |value: &Option<String>| value.as_deref().unwrap_or("nothing").to_owned();
    format!("{} | {part} {name} | {} -> {}", ad.as_deref().unwrap_or("document"), value(a), value(b))
}

fn lines(a: &str, b: &str) -> Vec<String> {
    diff(&read(a), &read(b), DiffOptions::default()).iter().map(line).collect()
}

/// A document, what is replaced in it, by what, and the differences.
type Case = (&'static str, &'static str, &'static str, &'static [&'static str]);

const CASES: &[Case] = &[
    (AD, "<AdTitle>Shoes", "<AdTitle>Shoes", &[]),
    (AD, "cb=11111111", "cb=22222222", &[]),
    (AD, "serving-1", "serving-2", &[]),
    (AD, "token=abc", "token=def", &[]),
    (AD, "1764259200", "1764345600", &[]),
    (AD, "<AdTitle>Shoes", "<AdTitle>Boots", &["Shoes | ad title | Shoes -> Boots"]),
    (AD, ">2.50<", ">3<", &["Shoes | ad price | 2.50 USD CPM -> 3 USD CPM"]),
    (AD, "00:00:15", "00:00:30", &["Shoes | ad duration | 00:00:15 -> 00:00:30"]),
    (
        AD,
        "campaign=77",
        "campaign=78",
        &[
            "Shoes | tracker impression | https://a.example/impression?cb=11111111&campaign=77 -> https://a.example/impression?cb=11111111&campaign=78",
        ],
    ),
    (
        AD,
        "<Tracking event=\"progress\" offset=\"00:00:05\">https://a.example/five</Tracking>",
        "",
        &["Shoes | tracker progress at 00:00:05 | https://a.example/five -> nothing"],
    ),
    (
        AD,
        "bitrate=\"500\"",
        "bitrate=\"800\"",
        &[
            "Shoes | media media file | video/mp4 640x360 500 kbit/s progressive https://cdn.example/shoes.mp4?token=abc -> video/mp4 640x360 800 kbit/s progressive https://cdn.example/shoes.mp4?token=abc",
        ],
    ),
    (
        AD,
        "<ClickThrough>https://shoes.example/",
        "<ClickThrough>https://boots.example/",
        &["Shoes | click click-through | https://shoes.example/ -> https://boots.example/"],
    ),
    (
        AD,
        "https://shoes.example/c",
        "https://shoes.example/d",
        &["Shoes | click companion 300x250 click-through | https://shoes.example/c -> https://shoes.example/d"],
    ),
    (
        AD,
        "https://measure.example/omid.js",
        "https://measure.example/omid-2.js",
        &[
            "Shoes | verification measure.example-omid | JavaScript omid https://measure.example/omid.js -> JavaScript omid https://measure.example/omid-2.js",
        ],
    ),
    (
        AD,
        "https://a.example/no-ad",
        "https://b.example/no-ad",
        &[
            "document | tracker error | https://a.example/no-ad?cb=[CACHEBUSTING] -> https://b.example/no-ad?cb=[CACHEBUSTING]",
        ],
    ),
    (
        AD,
        "</VAST>",
        "<Ad id=\"2\"><InLine><AdSystem>house</AdSystem><AdTitle>Cars</AdTitle></InLine></Ad></VAST>",
        &["Cars | ad ad | nothing -> InLine Cars of house"],
    ),
    (WRAPPER, "ord=1", "ord=2", &[]),
    (
        WRAPPER,
        "zone=5",
        "zone=6",
        &["w | ad VASTAdTagURI | https://west.example/vast?ord=1&zone=5 -> https://west.example/vast?ord=1&zone=6"],
    ),
    (PLAYLIST, "cb=1", "cb=2", &[]),
    (
        PLAYLIST,
        "https://a.example/pre",
        "https://b.example/pre",
        &["break pre | ad AdTagURI | https://a.example/pre?cb=1 -> https://b.example/pre?cb=1"],
    ),
    (PLAYLIST, "Cars", "Boats", &["break mid: Cars | ad title | Cars -> Boats"]),
    (PLAYLIST, "00:10:00", "00:12:00", &["break mid | ad timeOffset | 00:10:00 -> 00:12:00"]),
    (PLAYLIST, "breakId=\"pre\"", "breakId=\"pre\" repeatAfter=\"00:05:00\"", &[]),
];

#[test]
fn each_change_is_one_row_and_what_changes_with_each_request_is_none() {
    for (document, old, new, expected) in CASES {
        let changed = document.replace(old, new);
        assert_eq!(lines(document, &changed), *expected, "{old} became {new}");
        assert_eq!(lines(&changed, document).len(), expected.len(), "{new} became {old}");
    }
}

#[test]
fn the_order_of_ads_does_not_count_and_ads_are_found_by_what_identifies_them() {
    let ad = |id: &str, title: &str, file: &str| {
        format!(
            "<Ad id='{id}'><InLine><AdTitle>{title}</AdTitle><Creatives><Creative><Linear><MediaFiles><MediaFile>https://cdn.example/{file}\
             </MediaFile></MediaFiles></Linear></Creative></Creatives></InLine></Ad>"
        )
    };
    let document = |ads: &[String]| format!("<VAST version='3.0'>{}</VAST>", ads.concat());
    let (one, two) = (ad("1", "Shoes", "shoes.mp4"), ad("2", "Cars", "cars.mp4"));
    assert_eq!(lines(&document(&[one.clone(), two.clone()]), &document(&[two.clone(), one.clone()])), [""; 0]);
    // The id of the first ad is another one; the title still identifies it.
    let renumbered = document(&[two.clone(), ad("9", "Shoes", "shoes.mp4")]);
    assert_eq!(lines(&document(&[one.clone(), two.clone()]), &renumbered), ["Shoes | ad id | 1 -> 9"]);
    let retitled = document(&[two.clone(), ad("9", "Boots", "shoes.mp4")]);
    assert_eq!(
        lines(&document(&[one.clone(), two.clone()]), &retitled),
        ["Shoes | ad id | 1 -> 9", "Shoes | ad title | Shoes -> Boots"]
    );
    assert_eq!(lines(&document(&[one, two.clone()]), &document(&[two])), ["Shoes | ad ad | InLine Shoes -> nothing"]);
}

#[test]
fn exact_compares_the_values_that_change_with_each_request() {
    let changed = AD.replace("cb=11111111", "cb=22222222");
    let found = diff(&read(AD), &read(&changed), DiffOptions::default().with_exact(true));
    let names: Vec<_> = found.iter().map(|difference| difference.name.as_str()).collect();
    assert_eq!(names, ["impression", "error"]);
}

#[test]
fn a_document_and_a_playlist_differ() {
    assert_eq!(lines(AD, PLAYLIST), ["document | ad document | VAST -> VMAP"]);
}

/// A hostile document must not make the comparison slow: the work grows with the number of trackers, not with its square.
#[test]
fn thousands_of_trackers_are_compared() {
    let document = |host: &str| {
        let trackers: String =
            (0..1_900).map(|number| format!("<Impression>https://{host}/{number}</Impression>")).collect();
        format!("<VAST version='3.0'><Ad><InLine><AdTitle>t</AdTitle>{trackers}</InLine></Ad></VAST>")
    };
    assert_eq!(lines(&document("a.example"), &document("b.example")).len(), 1_900);
}
