//! Macros in URLs.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;
use vast_xml::macros::{Context, Macro, Scope, Support, Value, Values, encode, expand, expand_own_tag, timecode};

fn values() -> Values {
    let mut values = Values::new();
    values.set_moment(42, "2026-01-17T08:15:07.127+00:00");
    values.set(Macro::DeviceIp, Value::text("2001:db8::1"));
    values.set(Macro::ErrorCode, Value::text("402"));
    values.set(Macro::Reason, Value::text("2"));
    values.set(Macro::ClickPos, Value::separated("10,20"));
    values.set(Macro::MediaMime, Value::list(["video/mp4", "audio/mp4"]));
    values.set(Macro::PlayerState, Value::list(["muted", "y=z"]));
    values.set(Macro::Ifa, Value::Withheld);
    values.set(Macro::AssetUri, Value::Raw("https://raw.example/a?b=c".into()));
    values.set(Macro::UniversalAdId, Value::list(["ad-id.org CNPA0484000H", "foo 1,2"]));
    values
}

fn tracking(template: &str) -> String {
    expand(template, Context::Tracking, &values()).into_owned()
}

#[test]
fn the_registry_has_sixty_names_and_each_is_found() {
    assert_eq!(Macro::ALL.len(), 60);
    for name in Macro::ALL {
        assert_eq!(Macro::from_name(name.name()), Some(*name));
    }
    assert_eq!(Macro::from_name("timestamp"), None, "names are upper case");
    let count = |scope: Scope| Macro::ALL.iter().filter(|name| name.scope() == scope).count();
    assert_eq!(
        [Scope::Request, Scope::Tracking, Scope::Click, Scope::Error, Scope::Verification].map(count),
        [11, 6, 1, 1, 1]
    );
    let required: Vec<&str> =
        Macro::ALL.iter().filter(|name| name.support() == Support::Required).map(|name| name.name()).collect();
    assert_eq!(required, ["TIMESTAMP", "CACHEBUSTING", "ERRORCODE", "REASON", "LIMITADTRACKING"]);
}

#[test]
fn r004_cache_busting_is_eight_digits() {
    assert_eq!(tracking("[CACHEBUSTING]"), "00000042");
    let mut values = Values::new();
    values.set_moment(u32::MAX, "t");
    assert_eq!(expand("[CACHEBUSTING]", Context::AdRequest, &values), "94967295");
}

#[test]
fn r005_the_timestamp_is_encoded() {
    assert_eq!(tracking("t=[TIMESTAMP]"), "t=2026-01-17T08%3A15%3A07.127%2B00%3A00");
}

#[test]
fn the_four_spellings() {
    assert_eq!(tracking("[ADTYPE] %5BADTYPE%5D %5bADTYPE%5d %%ADTYPE%% ${ADTYPE}"), "-1 -1 -1 -1 ${ADTYPE}");
    assert_eq!(tracking("%%CACHEBUSTER%% %%CACHEBUSTING%%"), "%%CACHEBUSTER%% 00000042");
    assert_eq!(tracking("%%ADTYPE%%CACHEBUSTING%%"), "-1CACHEBUSTING%%", "the closing signs open nothing");
}

#[test]
fn r164_optional_macros_without_value_are_minus_one_and_withheld_ones_minus_two() {
    assert_eq!(tracking("[PODSEQUENCE]&[IFA]&[PAGEURL]&[CONTENTPLAYHEAD]"), "-1&-2&-1&-1");
    assert_eq!(
        expand("[LIMITADTRACKING][TIMESTAMP]", Context::Tracking, &Values::new()),
        "[LIMITADTRACKING][TIMESTAMP]"
    );
    let mut empty = Values::new();
    empty.set(Macro::PlayerState, Value::List(Vec::new()));
    assert_eq!(expand("[PLAYERSTATE]", Context::Tracking, &empty), "-1");
}

#[test]
fn r165_unknown_names_stay() {
    for template in [
        "[THEIRS]",
        "[timestamp]",
        "[random]",
        "%5BTHEIRS%5D",
        "%%THEIRS%%",
        "${AUCTION_PRICE}",
        "[]",
        "[ADTYPE",
        "{{x}}",
    ] {
        let expanded = expand(template, Context::Tracking, &values()).into_owned();
        assert_eq!(expanded, template);
    }
    let template = "https://t.example/[THEIRS]";
    assert!(matches!(expand(template, Context::Tracking, &values()), Cow::Borrowed(_)), "and cost nothing");
}

#[test]
fn r166_lists_are_encoded_one_by_one_and_joined_with_plain_commas() {
    assert_eq!(tracking("[PLAYERSTATE]"), "muted,y%3Dz");
    assert_eq!(expand("[MEDIAMIME]", Context::AdRequest, &values()), "video%2Fmp4,audio%2Fmp4");
    let mut place = Values::new();
    place.set(Macro::LatLong, Value::separated("51.004703,-114.1"));
    assert_eq!(expand("[LATLONG]", Context::Tracking, &place), "51.004703,-114.1");
}

#[test]
fn r167_values_are_encoded_and_never_scanned_again() {
    assert_eq!(encode("az09-_.!~*'() /?&=%é[]"), "az09-_.!~*'()%20%2F%3F%26%3D%25%C3%A9%5B%5D");
    let mut hostile = Values::new();
    hostile.set(Macro::PageUrl, Value::text("[IFA]"));
    hostile.set(Macro::AssetUri, Value::Raw("[IFA]".into()));
    hostile.set(Macro::Ifa, Value::text("secret"));
    assert_eq!(expand("[PAGEURL]", Context::Tracking, &hostile), "%5BIFA%5D");
    assert_eq!(expand("[ASSETURI]", Context::Tracking, &hostile), "[IFA]");
    assert_eq!(expand("[[ASSETURI]]", Context::Tracking, &hostile), "[[IFA]]");
}

#[test]
fn r168_hosts_and_queries_with_brackets_stay() {
    for template in
        ["http://[2001:db8::1]:8080/?a[]=1&b[0]=2&c[ADTYPES]=3", "100%25", "100%", "%5", "[", "%%", "%%%%", "$", "${"]
    {
        assert_eq!(tracking(template), template);
    }
    assert_eq!(tracking("http://[2001:db8::1]/?ip=[DEVICEIP]"), "http://[2001:db8::1]/?ip=2001%3Adb8%3A%3A1");
}

#[test]
fn macros_of_another_context() {
    let template = "[ERRORCODE]|[REASON]|[CLICKPOS]|[MEDIAMIME]|[PODSEQUENCE]";
    let expanded = [Context::AdRequest, Context::Tracking, Context::Click, Context::Error, Context::Verification]
        .map(|context| expand(template, context, &values()).into_owned());
    assert_eq!(
        expanded,
        [
            "[ERRORCODE]|[REASON]|[CLICKPOS]|video%2Fmp4,audio%2Fmp4|-1",
            "[ERRORCODE]|[REASON]|[CLICKPOS]|-1|-1",
            "[ERRORCODE]|[REASON]|10,20|-1|-1",
            "402|[REASON]|[CLICKPOS]|-1|-1",
            "[ERRORCODE]|2|[CLICKPOS]|-1|-1",
        ]
    );
}

#[test]
fn r170_playheads() {
    assert_eq!(timecode(Duration::from_millis(3_723_004)), "01:02:03.004");
    let mut values = Values::new();
    values.set(Macro::MediaPlayhead, Value::text(timecode(Duration::from_secs(5))));
    assert_eq!(expand("[MEDIAPLAYHEAD]", Context::Tracking, &values), "00%3A00%3A05.000");
    assert_eq!(expand("[CONTENTPLAYHEAD]", Context::Tracking, &values), "00%3A00%3A05.000", "the old name");
}

#[test]
fn r172_universal_ad_ids_are_pairs() {
    assert_eq!(tracking("[UNIVERSALADID]"), "ad-id.org%20CNPA0484000H,foo%201%2C2");
}

#[test]
fn raw_values_are_whole_urls() {
    assert_eq!(tracking("[ASSETURI]"), "https://raw.example/a?b=c");
}

#[test]
fn layers_are_cheap_and_the_uppermost_wins() {
    let mut request = Values::new();
    request.set(Macro::AdType, Value::text("video")).set(Macro::PodSequence, Value::text("1"));
    let mut call = Values::over(&Arc::new(request));
    call.set(Macro::PodSequence, Value::text("2"));
    assert_eq!(expand("[ADTYPE][PODSEQUENCE]", Context::Tracking, &call), "video2");
}

#[test]
fn declared_names_count_in_the_operators_own_tag_only() {
    let mut values = values();
    values.declare("random", "r 1").declare("AUCTION_PRICE", "1.5").declare("ADTYPE", "declared");
    let template = "[random] ${AUCTION_PRICE} %%random%% %5Brandom%5D [ADTYPE] [CACHEBUSTING] ${CACHEBUSTING} [THEIRS]";
    assert_eq!(expand_own_tag(template, &values), "r%201 1.5 r%201 r%201 declared 00000042 ${CACHEBUSTING} [THEIRS]");
    assert_eq!(
        expand(template, Context::AdRequest, &values),
        "[random] ${AUCTION_PRICE} %%random%% %5Brandom%5D -1 00000042 ${CACHEBUSTING} [THEIRS]"
    );
    let above = Values::over(&Arc::new(values));
    assert_eq!(above.declared("random"), Some("r 1"));
}
