//! Fails when a value was added in one place and forgotten in another: see CONTRIBUTING.md, "How to add".

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
    "skipped",
    "outbox",
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
    let filter = format!("{:?}", ParseFilter::default());
    let (_, fields) = filter.split_once("{ ").expect("the form of a derived Debug");
    let names: Vec<&str> = fields.split(", ").filter_map(|field| Some(field.split_once(": ")?.0)).collect();
    assert!(names.len() >= 11, "{names:?}");
    for name in names {
        assert!(ConfigKey::from_name(name).is_some(), "`{name}` of ParseFilter is no key of [filter]");
    }
}

/// Macros of ad requests whose values only the host knows; it sets them in `macros`. A new macro must have a value in the
/// library or be listed here.
#[cfg(feature = "http")]
const LEFT_TO_THE_HOST: &[&str] = &[
    "CONTENTPLAYHEAD",
    "MEDIAPLAYHEAD",
    "BREAKPOSITION",
    "BREAKMAXDURATION",
    "BREAKMINDURATION",
    "BREAKMAXADS",
    "BREAKMINADLENGTH",
    "BREAKMAXADLENGTH",
    "BLOCKEDADCATEGORIES",
    "ADCATEGORIES",
    "ADCOUNT",
    "PLACEMENTTYPE",
    "ADTYPE",
    "CLIENTUA",
    "LATLONG",
    "DOMAIN",
    "PAGEURL",
    "APPBUNDLE",
    "STOREID",
    "STOREURL",
    "VASTVERSIONS",
    "APIFRAMEWORKS",
    "EXTENSIONS",
    "VERIFICATIONVENDORS",
    "OMIDPARTNER",
    "MEDIAMIME",
    "PLAYERCAPABILITIES",
    "CLICKTYPE",
    "INVENTORYSTATE",
    "PLAYERSIZE",
    "PLAYBACKMETHODS",
    "CONTENTID",
    "CONTENTURI",
    "CONTENTCAT",
    "DSAREQUIRED",
    "DSAPARAMS",
    "DSAPUBRENDER",
];

#[cfg(feature = "http")]
#[test]
fn every_macro_of_a_request_has_a_value_or_is_left_to_the_host() {
    use std::time::Duration;

    use vast_client::fetch::FetchContext;
    use vast_client::{AdRequest, SourceConfig, VastClient};
    use vast_xml::macros::{Context, Macro};

    let mut request = AdRequest::default();
    request.device.ip = Some("198.51.100.23".parse().expect("an address"));
    request.device.user_agent = Some("agent".to_owned());
    request.device.accept_language = Some("en".to_owned());
    request.device.requested_with = Some("app.example".to_owned());
    request.device.referer = Some("https://page.example/".to_owned());
    request.device.ifa = Some("6d92078a-8246-4ba4-ae5b-76104861e7dc".to_owned());
    request.device.ifa_type = Some("aaid".to_owned());
    request.consent.gdpr = Some(true);
    request.consent.coppa = Some(false);
    request.consent.gdpr_consent = Some("CPc7TgAPc7TgAOMAAAENCZCAAP".to_owned());
    request.consent.gpp = Some("DBABMA~CPXxRfAPXxRfAAfKABENB".to_owned());
    request.consent.gpp_sections = vec![2];
    request.consent.limit_ad_tracking = Some(false);
    request.slot.api_frameworks = vec!["omid".to_owned()];
    request.slot.break_duration = Some(Duration::from_secs(30));
    request.slot.max_ads = Some(2);

    let client = VastClient::new(SourceConfig::inline("<VAST/>")).expect("a configuration");
    let lane = client.lane_context(&request);
    let context = FetchContext::new(&lane);
    let names = Macro::ALL.iter().filter(|one| one.applies_to(Context::AdRequest)).map(|one| one.name());
    let unknown: Vec<&str> = names.filter(|name| context.expand(&format!("[{name}]")) == "-1").collect();
    assert_eq!(unknown, LEFT_TO_THE_HOST);
}
