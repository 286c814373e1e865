//! What a caller says, and what the ad server hears of it.

use vast_mock::Mock;

use crate::support::{PATIENCE, Running, ad_servers};

const CONFIG: &str = r#"
[server]
trusted_callers = ["127.0.0.0/8"]
[placement.ad]
accept = ["genre", "mood"]
macros = { mood = "calm" }
max_ads = 2
api_frameworks = ["SIMID", "OMID"]
source = [{ name = "a", url = "ADS/ad?ip=[DEVICEIP]&ua=[DEVICEUA]&ifa=[IFA]&gdpr=[REGULATIONS]&tcf=[GDPRCONSENT]&gpp=[GPPSECTIONID]&gs=[GPPSTRING]&lmt=[LIMITADTRACKING]&size=[PLAYERSIZE]&pos=[BREAKPOSITION]&dur=[BREAKMAXDURATION]&min=[BREAKMINADLENGTH]&max=[BREAKMAXADLENGTH]&n=[BREAKMAXADS]&apis=[APIFRAMEWORKS]&g=[genre]&mood=[mood]&x=[other]&usp=[US_PRIVACY]&page=[PAGEURL]&side=[SERVERSIDE]&app=[APPBUNDLE]&cb=[CACHEBUSTING]" }]
"#;

/// The value of a query key or of a header (`name:`) in the last request to the ad servers.
fn heard(mock: &Mock, key: &str) -> String {
    let log = mock.log();
    let request = &log.last().expect("a request").request;
    match key.strip_suffix(':') {
        Some(header) => request.header(header).unwrap_or_default().to_owned(),
        None => request.query().into_iter().find(|(name, _)| name == key).map(|(_, value)| value).unwrap_or_default(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_parameter_goes_to_its_place() {
    let mock = ad_servers().await;
    let gateway = Running::start(&mock, CONFIG).await;
    // Query, key of the request to the ad server, its value.
    let cases = [
        ("ip=192.0.2.7", "ip", "192.0.2.7"),
        ("ip=192.0.2.7", "x-device-ip:", "192.0.2.7"),
        ("ua=TV%2F1", "ua", "TV/1"),
        ("ua=TV%2F1", "x-device-user-agent:", "TV/1"),
        ("lang=de", "x-device-accept-language:", "de"),
        ("ref=https%3A%2F%2Fp.example%2F", "x-device-referer:", "https://p.example/"),
        ("rw=com.app", "x-device-requested-with:", "com.app"),
        ("h.sec-gpc=1", "x-device-sec-gpc:", "1"),
        ("h.cookie=1", "x-device-cookie:", ""),
        ("h.host=evil.example", "x-device-host:", ""),
        ("ifa=a-1&ifa_type=rida", "ifa", "a-1"),
        ("ifa=a-1&lmt=1", "ifa", ""),
        ("ifa=%3Cx%3E", "ifa", ""),
        ("lmt=1", "lmt", "1"),
        ("gdpr=1&gdpr_consent=CPx_-.YA", "gdpr", "gdpr"),
        ("gdpr=1&gdpr_consent=CPx_-.YA", "tcf", "CPx_-.YA"),
        ("gdpr_consent=%3Cx%3E", "tcf", ""),
        ("coppa=1", "gdpr", "coppa"),
        ("gpp=DBA~x&gpp_sid=2,6", "gpp", "2,6"),
        ("gpp=DBA~x&gpp_sid=2,6", "gs", "DBA~x"),
        ("gpp=%3Cx%3E", "gs", ""),
        ("us_privacy=1YNN", "usp", "1YNN"),
        ("us_privacy=yes", "usp", ""),
        ("w=1920&h=1080", "size", "1920,1080"),
        ("pos=mid", "pos", "2"),
        ("dur=60", "dur", "60"),
        ("mind=5&maxd=30", "min", "5"),
        ("mind=5&maxd=30", "max", "30"),
        ("n=1", "n", "1"),
        ("n=50", "n", "2"),
        ("apis=7,2", "apis", "7"),
        ("m.genre=a%26b%5D%5D%3E", "g", "a&b]]>"),
        ("m.genre=%40evil.example%2F", "g", "@evil.example/"),
        ("m.other=1", "x", "[other]"),
        ("", "g", "[genre]"),
        ("m.genre=", "g", ""),
        ("", "mood", "calm"),
        ("m.mood=loud", "mood", "loud"),
        ("m.mood=", "mood", "calm"),
        ("url=https%3A%2F%2Fp.example", "page", "https://p.example"),
        ("bundle=com.shoes", "app", "com.shoes"),
        ("", "side", "1"),
        ("", "cdn-loop:", "vast-gateway"),
    ];
    for (query, key, expected) in cases {
        let answer = gateway.get(&format!("/v1/ad/vast?{query}")).await;
        assert_eq!(answer.status, 200, "{query}: {answer:?}");
        let found = heard(&mock, key);
        let is_empty = expected.is_empty() && (found.is_empty() || found.starts_with('-') || found.starts_with('['));
        assert!(found == expected || is_empty, "{query}: {key} is {found:?}");
    }
    for (query, warning) in
        [("gdpr_consent=%3Cx%3E", Some("consent_unreadable")), ("gdpr=2", Some("consent_unreadable")), ("gdpr=0", None)]
    {
        let answer = gateway.get(&format!("/v1/ad/vast?{query}")).await;
        assert_eq!(answer.header("x-vast-warning"), warning, "{query}");
    }
    gateway.get("/v1/ad/vast?h.sec-gpc=").await;
    assert_eq!(mock.log().last().expect("a request").request.header("x-device-sec-gpc"), None, "empty is absent");
    gateway.get("/v1/ad/vast?cb=7&h.cookie=1").await;
    assert_ne!(heard(&mock, "cb"), "7", "the gateway draws the number itself");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_no_effect_is_counted() {
    let mock = ad_servers().await;
    let all: String = (b'a'..=b'q').map(|letter| format!("\"{}\",", char::from(letter))).collect();
    let config = format!("[placement.ad]\naccept = [{all}]\nsource = [{{ url = \"ADS/ad?a=[a]&b=[b]&q=[q]\" }}]\n");
    let gateway = Running::start(&mock, &config).await;
    let text = |bytes: usize| "x".repeat(bytes);
    // Query, the macros that the ad server gets, the macros that are left out.
    let cases = [
        (format!("m.a={}", text(256)), [256, 0], 0),
        (format!("m.a={}&m.b=x", text(257)), [0, 1], 1),
        ("m.r=x&m.A=x&m.b=x".to_owned(), [0, 1], 2),
        // Sixteen of these are the 4 KiB of all macros together, and the seventeenth is one too many.
        ((b'a'..=b'q').map(|letter| format!("m.{}={}&", char::from(letter), text(256))).collect(), [256, 256], 1),
    ];
    let mut ignored = 0;
    for (query, lengths, left_out) in cases {
        gateway.get(&format!("/v1/ad/vast?{query}")).await;
        let found = ["a", "b"].map(|key| heard(&mock, key)).map(|value| value.matches('x').count());
        assert_eq!(found, lengths, "{query:.40}");
        ignored += left_out;
        let metrics = gateway.admin("/metrics").await.body;
        let line = format!("vast_gateway_ignored_parameters_total{{why=\"macro_not_accepted\"}} {ignored}");
        assert!(metrics.lines().any(|one| one == line), "{query:.40}\n{metrics}");
    }
    let names: String = (0..60).map(|number| format!("name-{number}=1&")).collect();
    let known = "cb=1&w=640&m.a=1&h.dnt=1&";
    gateway.get(&format!("/v1/ad/vast?{known}{names}")).await;
    gateway.get("/v1/ad/vast?name-1=1").await;
    let state = gateway.admin("/api/state").await.json();
    let counted = state["unknown_parameters"].as_object().expect("an object");
    assert_eq!((counted.len(), &counted["name-0"], &counted["name-1"]), (50, &1.into(), &2.into()), "{state}");
    assert!(counted.keys().all(|name| name.starts_with("name-")), "{state}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_always_asks_the_same_source_first() {
    let mock = ad_servers().await;
    let config = "[placement.ad]\nmode = \"sequential\"\norder = \"split\"\nsource = [{ url = \"ADS/ad?s=a\" }, { url = \"ADS/ad?s=b\" }]\n";
    let gateway = Running::start(&mock, config).await;
    let mut first = [0, 0];
    for session in 0..20 {
        let mut asked = Vec::new();
        for _ in 0..2 {
            gateway.get(&format!("/v1/ad/vast?sid=viewer-{session}")).await;
            asked.push(heard(&mock, "s"));
        }
        assert_eq!(asked[0], asked[1], "viewer-{session}");
        first[usize::from(asked[0] == "b")] += 1;
    }
    assert!(first.iter().all(|count| *count > 0), "{first:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parameter_out_of_its_range_is_named() {
    let mock = ad_servers().await;
    let gateway = Running::start(&mock, CONFIG).await;
    let long = format!("sid={}", "x".repeat(9_000));
    for (query, name) in [
        ("w=0", "w"),
        ("h=x", "h"),
        ("dur=0", "dur"),
        ("n=101", "n"),
        ("maxb=0", "maxb"),
        ("tmax=-1", "tmax"),
        ("mind=30&maxd=5", "mind"),
        ("v=5.0", "v"),
        ("pos=somewhere", "pos"),
        ("ip=localhost", "ip"),
        ("ua=a%0d%0aX-Admin:%201", "ua"),
        ("m.genre=a%00", "m.genre"),
        (&*long, "the tag"),
    ] {
        let answer = gateway.get(&format!("/v1/ad/vast?{query}")).await;
        assert_eq!((answer.status, answer.outcome()), (400, "bad_request"), "{query:.60}: {answer:?}");
        assert!(answer.body.contains(&format!("<!-- {name}: ")), "{query:.60}: {answer:?}");
    }
    assert!(mock.log().is_empty(), "no ad server was asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn s24_a_caller_without_trust_cannot_state_the_device() {
    let mock = ad_servers().await;
    let config = CONFIG.replace("trusted_callers = [\"127.0.0.0/8\"]", "");
    let gateway = Running::start(&mock, &config).await;
    let spoofed = "X-Forwarded-For: 192.0.2.1\r\nX-Real-IP: 192.0.2.1\r\nUser-Agent: Own/1\r\n";
    gateway.get_with("/v1/ad/vast?ip=192.0.2.7&ua=Other&h.sec-gpc=1", spoofed).await;
    let found = ["ip", "ua", "x-device-sec-gpc:"].map(|key| heard(&mock, key));
    assert_eq!(found, ["127.0.0.1", "Own/1", ""]);
    let config = config.replace(
        "[server]",
        "[server]\ntrusted_proxies = [\"127.0.0.1\"]".replace("127.0.0.1\"", "127.0.0.1/32\"").as_str(),
    );
    let gateway = Running::start(&mock, &config).await;
    gateway.get_with("/v1/ad/vast?ip=192.0.2.7", "X-Forwarded-For: 192.0.2.9, 192.0.2.8\r\n").await;
    assert_eq!(heard(&mock, "ip"), "192.0.2.8", "the right-most hop, and not the parameter");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_limit_of_the_caller_counts_less_the_reserve() {
    let mock = ad_servers().await;
    let config = "[placement.hang]\ntimeout = \"120s\"\nsource_timeout = \"120s\"\nsource = [{ url = \"ADS/hang\" }]\n";
    let gateway = Running::start(&mock, config).await;
    let answer = tokio::time::timeout(PATIENCE, gateway.get("/v1/hang/vast?tmax=430")).await.expect("within its time");
    assert_eq!(answer.outcome(), "timeout");
}
