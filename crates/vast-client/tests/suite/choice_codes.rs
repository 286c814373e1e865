//! The error codes that are reported for an ad that is not usable, through the whole pipeline. A usable ad
//! that is not chosen gets no error code.

use crate::choice::{ad, answer, source};
use vast_client::FetchResult;

/// The URLs of the trackers that are called.
fn called(result: &FetchResult) -> Vec<String> {
    result.tracked.iter().map(|beacon| beacon.url.to_string()).collect()
}

/// An ad with the id `x` with these parts, of 15 seconds.
fn x(parts: &str) -> String {
    ad("x", "", 15, parts)
}

/// An ad without a linear creative, with this creative instead.
fn with_creatives(creatives: &str) -> String {
    format!("<Ad id='x'><InLine><Error>https://t.example/x?code=[ERRORCODE]</Error>{creatives}</InLine></Ad>")
}

fn wrapper() -> String {
    "<Ad id='x'><Wrapper><Error>https://t.example/x?code=[ERRORCODE]</Error><VASTAdTagURI>https://never.invalid/</VASTAdTagURI>
     </Wrapper></Ad>"
        .to_owned()
}

/// Each row: the error code, the settings that do not accept the ad, and the ad.
fn refused() -> Vec<(u16, &'static str, String)> {
    let companion = "<Creative><CompanionAds required='all'><Companion width='300' height='250'>
                     <IFrameResource>https://cdn.example/c</IFrameResource></Companion></CompanionAds></Creative></Creatives>";
    let non_linear = "<Creatives><Creative><NonLinearAds><NonLinear width='300' height='50'>
                      <IFrameResource>https://cdn.example/n</IFrameResource></NonLinear></NonLinearAds></Creative></Creatives>";
    let simid = "</MediaFiles><InteractiveCreativeFile apiFramework='SIMID' type='text/html' variableDuration='true'>
                 https://cdn.example/s.html</InteractiveCreativeFile></MediaFiles>"
        .replacen("</MediaFiles>", "", 1);
    let skippable = x("").replace("<Linear>", "<Linear skipoffset='00:00:05'>");
    let of_http = x("").replace("https://cdn", "http://cdn");
    vec![
        (101, "", with_creatives("")),
        (102, "[filter]\nversions = [\"3\"]", x("")),
        (200, "[filter]\nmedia_types = [\"audio\"]", x("")),
        (200, "[filter]\nskippable = \"refused\"", skippable),
        (200, "[filter]\nskippable = \"required\"", x("")),
        (201, "", with_creatives(non_linear)),
        (202, "[filter]\nmin_duration = \"16s\"", x("")),
        (202, "[filter]\nmax_duration = \"14s\"", x("")),
        (203, "[filter]\nrequired_dimensions = \"1280x720\"", x("")),
        (204, "[filter]\nrequire_category = true", x("")),
        (205, "[filter]\nblocked_categories = [\"IAB18\"]", x("<Category authority='iabtechlab.com'>IAB18</Category>")),
        (300, "[filter]\naccept_wrappers = false", wrapper()),
        (302, "[filter]\nmax_wrapper_depth = 0", wrapper()),
        (403, "[filter]\nmin_bitrate = 500", x("").replace("<MediaFile ", "<MediaFile bitrate='499' ")),
        (403, "[filter]\nmax_bitrate = 500", x("").replace("<MediaFile ", "<MediaFile bitrate='501' ")),
        (403, "[filter]\nrequire_secure = true", of_http),
        (403, "[filter]\nblocked = { media_hosts = [\"cdn.example\"] }", x("")),
        (403, "device_profile = \"audio\"", x("")),
        (403, "", x("").replace("video/mp4", "image/png")),
        (403, "", x("").replace("<MediaFile ", "<MediaFile apiFramework='VPAID' ")),
        (403, "", x("").replace("https://cdn", "rtmp://cdn")),
        (406, "[filter]\nrequire_mezzanine = true", x("")),
        (408, "[filter]\naccept_conditional = false", ad("x", "conditionalAd='true'", 15, "")),
        (409, "api_frameworks = [\"SIMID\"]", x("").replace("</MediaFiles>", &simid)),
        (602, "companion_sizes = [\"100x100\"]", x("").replace("</Creatives>", companion)),
        (900, "[filter]\nblocked = { advertisers = [\"shoes\"] }", x("<Advertiser>Shoes</Advertiser>")),
    ]
}

#[tokio::test]
async fn each_ad_that_is_not_usable_owes_its_code_to_its_error_urls() {
    for (code, settings, ad) in refused() {
        // TOML needs the keys outside of tables before the sources. Tables follow the sources.
        let (keys, tables) = if settings.starts_with('[') { ("", settings) } else { (settings, "") };
        let sources = source("s", std::slice::from_ref(&ad));
        let result = answer(&format!("{keys}\n{sources}{tables}\n")).await;
        assert!(!result.success, "{code} {settings}");
        assert_eq!(
            called(&result),
            [format!("https://t.example/x?code={code}")],
            "{code} {settings}: {:?}",
            result.errors
        );
        let silent = answer(&format!("report_errors = false\n{keys}\n{sources}{tables}\n")).await;
        assert!(called(&silent).is_empty(), "{code} {settings}: errors are not reported");
    }
}

#[tokio::test]
async fn an_ad_that_meets_the_conditions_owes_nothing() {
    let settings = "[filter]\nmedia_types = [\"video\"]\nmin_duration = \"15s\"\nmax_duration = \"15s\"\nrequired_dimensions = \"1x1\"\n\
                    require_category = true\nblocked_categories = [\"IAB2\"]\nrequire_secure = true\nversions = [\"4.2\"]\n\
                    skippable = \"refused\"\naccept_conditional = false\naccept_wrappers = false\n";
    let good = x("<Category authority='iabtechlab.com'>IAB18</Category>");
    let result = answer(&format!("{}{settings}", source("s", &[good]))).await;
    assert_eq!((result.success, called(&result)), (true, vec![]), "{:?}", result.candidates);
}

#[tokio::test]
async fn a_preference_among_usable_ads_owes_nothing() {
    let shoes = "<Advertiser>shoes.example</Advertiser>";
    let price = |amount: u32| format!("<Pricing model='CPM' currency='USD'>{amount}</Pricing>{shoes}");
    let two = [source("a", &[ad("one", "", 15, &price(1))]), source("b", &[ad("two", "", 20, &price(2))])].concat();
    let copies = [source("a", &[ad("same", "", 15, "")]), source("b", &[ad("same", "", 15, "")])].concat();
    let large = two.replace("<MediaFile ", "<MediaFile bitrate='900' ");
    let cases = [
        ("duplicate", copies, "[break]\nmax = \"60s\""),
        ("competitor", two.clone(), "[break]\nmax = \"60s\"\nseparate = [\"advertiser\"]"),
        ("price", two.clone(), "[break]\nmax = \"20s\"\nrank = [\"price\"]\ncurrency = \"USD\""),
        ("price of no break", two.clone(), "[break]\nrank = [\"price\"]\ncurrency = \"USD\""),
        ("fit", two.clone(), "[break]\nmax = \"20s\"\nrank = [\"fit\"]"),
        ("quality", large, "[break]\nmax = \"20s\"\nrank = [\"quality\"]"),
        ("room", two.clone(), "[break]\nmax = \"30s\""),
        ("number", two.clone(), "[break]\nmax = \"60s\"\nmax_ads = 1"),
        ("weight", two.replace("name = \"b\"", "name = \"b\"\nweight = 9"), "[break]\nmax = \"20s\""),
    ];
    for (what, sources, rules) in cases {
        let order = if what == "weight" { "order = \"weighted\"\n" } else { "" };
        let result = answer(&format!("mode = \"collect\"\n{order}{sources}{rules}\n")).await;
        assert_eq!((result.ads.len(), result.passed_over.len()), (1, 1), "{what}: {:?}", result.candidates);
        assert!(called(&result).is_empty(), "{what}: {:?}", called(&result));
    }
}
