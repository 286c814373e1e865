//! Fails if a value was added in one place and is missing in another: see CONTRIBUTING.md, "How to add".

#[cfg(feature = "http")]
use std::time::{Duration, SystemTime};

use vast_client::select::Blocked;
use vast_client::track::DeliveryOutcome;
use vast_client::{ConfigKey, ErrorType, Failure, ParseFilter};

/// The expected outcome of a beacon for each error type of its attempt. A new error type needs a line here.
const OUTCOMES: &[(&str, &str)] = &[
    ("dns", "NotSent"),
    ("connect", "NotSent"),
    ("tls", "NotSent"),
    ("timeout", "InDoubt"),
    ("reset", "InDoubt"),
    ("http_status", "Rejected(Refused)"),
    ("redirect", "Rejected(Refused)"),
    ("blocked_address", "Rejected(Uncallable)"),
    ("too_large", "InDoubt"),
    ("encoding", "InDoubt"),
    ("internal", "Rejected(Uncallable)"),
];

/// Error types that cannot occur in an attempt at a beacon.
const NO_BEACON: &[&str] = &[
    "not_xml",
    "not_vast",
    "limit",
    "no_ad",
    "wrapper_uri",
    "wrapper_limit",
    "wrapper_no_ad",
    "filtered",
    "break_invalid",
    "nested_playlist",
    "unknown_break",
    "not_recorded",
    "overloaded",
];

#[test]
fn every_error_type_has_a_delivery_outcome() {
    for error_type in ErrorType::ALL {
        let name = error_type.as_str();
        let expected = OUTCOMES.iter().find(|(known, _)| *known == name);
        assert!(expected.is_some() != NO_BEACON.contains(&name), "say for `{name}` what an attempt at a beacon means");
        if let Some((_, expected)) = expected {
            let outcome = DeliveryOutcome::of(&Err(Failure::new(*error_type, "x")));
            assert_eq!(format!("{outcome:?}"), *expected, "{name}");
        }
    }
    assert_eq!(OUTCOMES.len() + NO_BEACON.len(), ErrorType::ALL.len(), "a name that is no error type");
}

#[test]
fn every_filter_is_a_configuration_key() {
    // The keys of `blocked` are in a separate table.
    let blocked = format!("{:?}", Blocked::default());
    let filter = format!("{:?}", ParseFilter::default()).replace(&blocked, "Blocked");
    let (_, fields) = filter.split_once("{ ").expect("the form of a derived Debug");
    let names: Vec<&str> = fields.split(", ").filter_map(|field| Some(field.split_once(": ")?.0)).collect();
    assert!(names.len() >= 11, "{names:?}");
    for name in names {
        assert!(ConfigKey::from_name(name).is_some(), "`{name}` of ParseFilter is no key of [filter]");
    }
}

/// The value of each macro of the registry, if the host gives every field of a request and of a moment, but no macros.
/// The columns are: macro, value in an ad request, value in a tracker in which the macro has a meaning. `*` is a value
/// that differs from call to call. A new macro needs a row. Its `ValueSource` in the registry names the code that fills
/// it in; `Host` means that only `macros` can give a value.
#[cfg(feature = "http")]
const MACROS: &[(&str, &str, &str)] = &[
    ("TIMESTAMP", "*", "*"),
    ("CACHEBUSTING", "*", "*"),
    ("CONTENTPLAYHEAD", "-1", "00%3A01%3A01.000"),
    ("MEDIAPLAYHEAD", "-1", "00%3A01%3A01.000"),
    ("ADPLAYHEAD", "-1", "00%3A00%3A05.000"),
    ("BREAKPOSITION", "-1", "-1"),
    ("BREAKMAXDURATION", "30", "30"),
    ("BREAKMINDURATION", "10", "10"),
    ("BREAKMAXADS", "2", "2"),
    ("BREAKMINADLENGTH", "6", "6"),
    ("BREAKMAXADLENGTH", "12", "12"),
    ("BLOCKEDADCATEGORIES", "-1", "-1"),
    ("ADCATEGORIES", "-1", "-1"),
    ("ADCOUNT", "-1", "1"),
    ("TRANSACTIONID", "*", "*"),
    ("PLACEMENTTYPE", "-1", "-1"),
    ("ADTYPE", "-1", "video"),
    ("UNIVERSALADID", "-1", "r%201"),
    ("IFA", "6d92078a", "6d92078a"),
    ("IFATYPE", "aaid", "aaid"),
    ("CLIENTUA", "-1", "-1"),
    ("SERVERUA", "tests", "tests"),
    ("DEVICEUA", "agent", "agent"),
    ("DEVICEIP", "198.51.100.23", "198.51.100.23"),
    ("SERVERSIDE", "2", "1"),
    ("LATLONG", "-1", "-1"),
    ("DOMAIN", "-1", "-1"),
    ("PAGEURL", "-1", "-1"),
    ("APPBUNDLE", "-1", "-1"),
    ("STOREID", "-1", "-1"),
    ("STOREURL", "-1", "-1"),
    ("VASTVERSIONS", "-1", "-1"),
    ("APIFRAMEWORKS", "7,1,2", "-1"),
    ("EXTENSIONS", "-1", "-1"),
    ("VERIFICATIONVENDORS", "-1", "-1"),
    ("OMIDPARTNER", "-1", "-1"),
    ("MEDIAMIME", "-1", "-1"),
    ("PLAYERCAPABILITIES", "-1", "-1"),
    ("CLICKTYPE", "-1", "-1"),
    ("PLAYERSTATE", "-1", "-1"),
    ("INVENTORYSTATE", "-1", "-1"),
    ("PLAYERSIZE", "-1", "-1"),
    ("PLAYBACKMETHODS", "-1", "-1"),
    ("ASSETURI", "-1", "https%3A%2F%2Fc%2Fa.mp4"),
    ("CONTENTID", "-1", "-1"),
    ("CONTENTURI", "-1", "-1"),
    ("CONTENTCAT", "-1", "-1"),
    ("PODSEQUENCE", "-1", "1"),
    ("ADSERVINGID", "-1", "serving"),
    ("CLICKPOS", "[CLICKPOS]", "3,4"),
    ("ERRORCODE", "[ERRORCODE]", "405"),
    ("REASON", "[REASON]", "2"),
    ("LIMITADTRACKING", "0", "0"),
    ("REGULATIONS", "gdpr", "gdpr"),
    ("GDPRCONSENT", "CPc", "CPc"),
    ("GPPSTRING", "DBA~CPX", "DBA~CPX"),
    ("GPPSECTIONID", "2,6", "2,6"),
    ("DSAREQUIRED", "-1", "-1"),
    ("DSAPARAMS", "-1", "-1"),
    ("DSAPUBRENDER", "-1", "-1"),
];

/// A request with a value in every field that fills a macro, except `macros`.
#[cfg(feature = "http")]
fn full_request() -> vast_client::AdRequest {
    let mut request = vast_client::AdRequest::default();
    request.device.ip = Some([198, 51, 100, 23].into());
    request.device.user_agent = Some("agent".to_owned());
    request.device.accept_language = Some("en".to_owned());
    request.device.requested_with = Some("app.example".to_owned());
    request.device.referer = Some("https://page.example/".to_owned());
    request.device.ifa = Some("6d92078a".to_owned());
    request.device.ifa_type = Some("aaid".to_owned());
    request.consent.gdpr = Some(true);
    request.consent.coppa = Some(false);
    request.consent.gdpr_consent = Some("CPc".to_owned());
    request.consent.gpp = Some("DBA~CPX".to_owned());
    request.consent.gpp_sections = vec![2, 6];
    request.slot.api_frameworks = ["OMID", "VPAID", "other"].map(str::to_owned).to_vec();
    request.slot.break_duration = Some(Duration::from_millis(30_900));
    request.slot.break_min = Some(Duration::from_millis(9_500));
    request.slot.max_ads = Some(2);
    request.slot.max_ad_duration = Some(Duration::from_millis(12_900));
    request
}

#[cfg(feature = "http")]
#[tokio::test]
async fn every_macro_is_filled_in_requests_and_trackers_or_left_to_the_host() {
    use vast_client::fetch::FetchContext;
    use vast_client::track::{AdEvent, Moment, NotExecutedReason, PartIndex, ServerSide, beacons};
    use vast_client::{FetchConfig, SourceConfig, VastClient};
    use vast_xml::macros::{Context, Macro, Scope, ValueSource};

    let names: Vec<&str> = Macro::ALL.iter().map(|name| name.name()).collect();
    assert_eq!(MACROS.iter().map(|(name, ..)| *name).collect::<Vec<_>>(), names, "one row for each macro");

    let template: String = names.iter().map(|name| format!("&{name}=[{name}]")).collect();
    let url = format!("<![CDATA[https://t/?{template}]]>");
    let document = format!(
        "<VAST version='4.2'><Ad sequence='1'><InLine><AdSystem>a</AdSystem><AdTitle>t</AdTitle>
        <AdServingId>serving</AdServingId><Error>{url}</Error><Impression>{url}</Impression>
        <AdVerifications><Verification vendor='v'><TrackingEvents><Tracking event='verificationNotExecuted'>{url}</Tracking>
        </TrackingEvents></Verification></AdVerifications><Creatives><Creative>
        <UniversalAdId idRegistry='r'>1</UniversalAdId><Linear><Duration>00:00:10</Duration><MediaFiles>
        <MediaFile delivery='progressive' type='video/mp4' width='1' height='1'>https://c/a.mp4</MediaFile></MediaFiles>
        <VideoClicks><ClickTracking>{url}</ClickTracking></VideoClicks></Linear></Creative></Creatives></InLine></Ad></VAST>"
    );
    let mut config = FetchConfig::new([SourceConfig::inline(document)]);
    config.parse_filter.min_duration = Some(Duration::from_millis(5_500));
    config.parse_filter.max_duration = Some(Duration::from_millis(15_500));
    config.user_agent = "tests".to_owned();
    let client = VastClient::from_config(config).expect("a configuration");
    let request = full_request();
    let lane = client.lane_context(&request);
    let context = FetchContext::new(&lane);
    let result = client.request_ad_for(&request).await;
    let ad = &result.ads[0].ad;
    let moment = Moment {
        ad_playhead: Some(Duration::from_secs(5)),
        content_playhead: Some(Duration::from_secs(61)),
        ad_count: Some(1),
        asset: Some("https://c/a.mp4".into()),
        server_side: Some(ServerSide::Client),
        click_position: Some((3, 4)),
        ..Moment::new(SystemTime::UNIX_EPOCH, 1)
    };
    let in_trackers = |event: &AdEvent| {
        let url = beacons(ad, event, &moment).first().expect("a tracker").url.clone();
        url.split('&').filter_map(|part| part.split_once('=')).map(|(_, value)| value.to_owned()).collect::<Vec<_>>()
    };
    let impression = in_trackers(&AdEvent::Impression);
    let click = in_trackers(&AdEvent::Click);
    let error = in_trackers(&AdEvent::Error(405));
    let verification = in_trackers(&AdEvent::VerificationNotExecuted(
        PartIndex { hop: 0, creative: 0, item: 0 },
        NotExecutedReason::NotSupported,
    ));
    for (index, (name, in_request, in_tracker)) in MACROS.iter().enumerate() {
        let registered = Macro::ALL[index];
        let tracker = match registered.scope() {
            Scope::Click => &click,
            Scope::Error => &error,
            Scope::Verification => &verification,
            Scope::Request | Scope::Tracking | Scope::Both => &impression,
        };
        let literal = format!("[{name}]");
        for (value, expected) in [(&*context.expand(&literal), *in_request), (&tracker[index], *in_tracker)] {
            match expected {
                "*" => assert!(value != "-1" && value != literal, "{name}: {value}"),
                _ => assert_eq!(value, expected, "{name}"),
            }
        }
        // Wrappers block categories; this document has none.
        if registered.source() != ValueSource::Wrappers {
            let applies = |context| registered.applies_to(context) || registered.scope().is_special();
            let is_filled = (applies(Context::AdRequest) && !["-1", &literal].contains(in_request))
                || (applies(Context::Tracking) && *in_tracker != "-1");
            assert_eq!(is_filled, registered.source() != ValueSource::Host, "the source of {name} in the registry");
        }
    }
}

/// Foreign macros are filled in everywhere, once and encoded; undeclared tokens stay as they are.
#[cfg(feature = "http")]
#[tokio::test]
async fn foreign_macros_are_filled_in_tags_wrappers_and_trackers() {
    use vast_client::{AdRequest, FetchConfig, ForeignMacros, SourceConfig};
    use vast_mock::{Answer, Mock, Script, Sink};

    const TOKENS: &str = "p=${AUCTION_PRICE}&c={cb}&u=${OTHER}&x=%%CACHEBUSTER%%&t=[PODSEQUENCE]";
    let wrapper = format!(
        "<VAST version='3.0'><Ad><Wrapper><VASTAdTagURI><![CDATA[{{{{self}}}}/hop?{TOKENS}]]></VASTAdTagURI></Wrapper></Ad></VAST>"
    );
    let inline = format!(
        "<VAST version='3.0'><Ad><InLine><AdSystem>a</AdSystem><AdTitle>t</AdTitle>
         <Impression><![CDATA[{{{{beacons}}}}/seen?{TOKENS}]]></Impression><Creatives><Creative><Linear>
         <Duration>00:00:15</Duration><MediaFiles><MediaFile type='video/mp4' width='1' height='1'>https://cdn/a.mp4</MediaFile>
         </MediaFiles></Linear></Creative></Creatives></InLine></Ad></VAST>"
    );
    let script = Script::builder()
        .server("east")
        .answer(Answer::new().path("/tag").body(wrapper))
        .answer(Answer::new().path("/hop").body(inline))
        .server("beacons")
        .sink(Sink::NoContent);
    let mock = Mock::start(script.build().expect("a script")).await.expect("loopback");
    let url = format!("{}/tag?{TOKENS}", mock.url("east"));
    let source = SourceConfig::url(url).with_allow_private(true);
    let client = crate::pipeline::client_with(FetchConfig::new([source]), |builder| builder);
    let declared = [("${AUCTION_PRICE}", "1 [PODSEQUENCE]"), ("{cb}", "${AUCTION_PRICE}")];
    let cases = [
        (ForeignMacros::new(declared), "p=1%20%5BPODSEQUENCE%5D&c=%24%7BAUCTION_PRICE%7D&u=${OTHER}"),
        (Ok(ForeignMacros::default()), "p=${AUCTION_PRICE}&c={cb}&u=${OTHER}"),
    ];
    for (foreign, expected) in cases {
        let foreign_macros = foreign.expect("tokens that are not of the standard");
        let request = AdRequest { foreign_macros, ..AdRequest::default() };
        let options = client.run_options();
        client.orchestrator().run(client.plan(), &request, options).await;
        client.drain(Duration::from_secs(20)).await;
        for path in ["/tag", "/hop", "/seen"] {
            let log = mock.log();
            let last = log.iter().rev().find(|exchange| exchange.request.path() == path).expect(path);
            let (_, query) = last.request.path_and_query.split_once('?').expect("a query");
            assert_eq!(query, format!("{expected}&x=%%CACHEBUSTER%%&t=-1"), "{path}");
        }
    }
}

/// A wrapper's URL is refused before it costs more than the limit.
#[cfg(feature = "http")]
#[tokio::test]
async fn a_wrapper_url_that_becomes_too_long_is_refused() {
    use vast_client::{AdRequest, ErrorType, SourceConfig, VastClient};

    let url = format!("https://a.example/?{}", "[DEVICEUA]".repeat(100));
    let document = format!("<VAST version='3.0'><Ad><Wrapper><VASTAdTagURI>{url}</VASTAdTagURI></Wrapper></Ad></VAST>");
    let client = VastClient::new(SourceConfig::inline(document)).expect("a configuration");
    let mut request = AdRequest::default();
    request.device.user_agent = Some("x".repeat(1000));
    let result = client.request_ad_for(&request).await;
    let failure = &result.errors.first().expect("an error").failure;
    assert_eq!(failure.error_type, ErrorType::WrapperUri);
    assert!(failure.message.contains("more than 65536 bytes"), "{}", failure.message);
}
