//! Macros in URLs.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;
use vast_xml::macros::{
    Context, ForeignMacroError, ForeignMacros, Macro, Scope, Support, Value, Values, encode, expand, expand_own_tag,
    expand_within, timecode,
};

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

fn foreign(macros: &[(&str, &str)]) -> Values {
    let mut values = values();
    values.set_foreign(Arc::new(ForeignMacros::new(macros.iter().copied()).expect("macros that can be declared")));
    values
}

#[test]
fn foreign_macros_are_literal_tokens_in_every_url() {
    let values = foreign(&[
        ("${AUCTION_PRICE}", "1.20"),
        ("%%CACHEBUSTER%%", "a b"),
        ("{cb}", "[CACHEBUSTING]{cbx}"),
        ("{cbx}", "long"),
        ("{cb", "short"),
        ("[price]", "1&2"),
        ("ü", "u"),
        ("[", "bracket"),
    ]);
    let cases = [
        ("p=${AUCTION_PRICE}&c=%%CACHEBUSTER%%", "p=1.20&c=a%20b"),
        ("{cb}|{cbx}|{cb|{c", "%5BCACHEBUSTING%5D%7Bcbx%7D|long|short|{c"),
        ("[price] [CACHEBUSTING] [x", "1%262 00000042 bracketx"),
        (
            "%7Bcb%7D ${auction_price} %%OTHER%% {{cb}}",
            "%7Bcb%7D ${auction_price} %%OTHER%% {%5BCACHEBUSTING%5D%7Bcbx%7D}",
        ),
        ("für", "fur"),
        ("nothing", "nothing"),
    ];
    let above = Values::over(&Arc::new(values));
    for (template, expected) in cases {
        assert_eq!(expand(template, Context::Tracking, &above), expected, "{template}");
        assert_eq!(expand_own_tag(template, &above), expected, "{template} as an own tag");
        assert_eq!(above.may_replace(template), template != "nothing", "{template}");
    }
    assert_eq!(expand_within("{cbx}", Context::Tracking, &above, 4).as_deref(), Ok("long"));
    assert_eq!(expand_within("{cbx}", Context::Tracking, &above, 3).map_err(|error| error.limit), Err(3));
}

#[test]
fn a_foreign_macro_is_declared_within_limits_and_never_hides_one_of_the_standard() {
    let long = |length: usize| "x".repeat(length);
    let cases = [
        (String::new(), 1, Err(ForeignMacroError::EmptyToken)),
        (long(ForeignMacros::MAX_TOKEN_BYTES), ForeignMacros::MAX_VALUE_BYTES, Ok(())),
        (long(ForeignMacros::MAX_TOKEN_BYTES + 1), 1, Err(ForeignMacroError::TokenTooLong)),
        ("{a}".to_owned(), ForeignMacros::MAX_VALUE_BYTES + 1, Err(ForeignMacroError::ValueTooLong)),
        ("[TIMESTAMP]".to_owned(), 1, Err(ForeignMacroError::Standard(Macro::Timestamp))),
        ("%%IFA%%".to_owned(), 1, Err(ForeignMacroError::Standard(Macro::Ifa))),
        ("%5BIFA%5d".to_owned(), 1, Err(ForeignMacroError::Standard(Macro::Ifa))),
        ("[timestamp]".to_owned(), 1, Ok(())),
        ("[IFA]x".to_owned(), 1, Ok(())),
        ("${IFA}".to_owned(), 1, Ok(())),
    ];
    for (token, value, expected) in cases {
        let declared = ForeignMacros::default().declare(&token, &long(value)).map(|_| ());
        assert_eq!(declared, expected, "{token}");
    }
    let many = |number: usize| ForeignMacros::new((0..number).map(|index| (format!("{{{index}}}"), "1")));
    assert_eq!(many(ForeignMacros::MAX_MACROS + 1).err(), Some(ForeignMacroError::TooMany));
    let mut full = many(ForeignMacros::MAX_MACROS).expect("as many as can be");
    assert!(full.declare("{0}", "2").is_ok(), "another value for a token that is declared");
    let both = full.or(&ForeignMacros::new([("{0}", "3"), ("{x}", "4")]).expect("two"));
    let values: Vec<_> = both.iter().filter(|(token, _)| ["{0}", "{x}"].contains(token)).collect();
    assert_eq!(values, [("{0}", "2"), ("{x}", "4")]);
}
