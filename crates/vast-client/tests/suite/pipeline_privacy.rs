//! The data about the viewer that servers receive in the first request, in the request of a wrapper, and in a beacon.
//! Also the data in the report.

use std::time::Duration;

use crate::log_lines::LogLines;
use crate::pipeline::{client_with, open_source, source, start, within};
use tracing::Level;
use vast_client::journal::{EndReason, SkipReason};
use vast_client::request::{IfaPolicy, IpPolicy, Privacy, UserAgentPolicy};
use vast_client::{AdRequest, Consent, Device, FetchConfig, FetchResult};
use vast_mock::{Answer, Exchange, Mock, Script, Sink};

/// All macros with data about the viewer.
const MACROS: &str =
    "ip=[DEVICEIP]&ua=[DEVICEUA]&ifa=[IFA]&type=[IFATYPE]&lmt=[LIMITADTRACKING]&reg=[REGULATIONS]&server=[SERVERUA]";

async fn servers() -> Mock {
    let wrapper = format!(
        "<VAST version='3.0'><Ad><Wrapper><VASTAdTagURI><![CDATA[{{{{self}}}}/hop?{MACROS}]]></VASTAdTagURI></Wrapper></Ad></VAST>"
    );
    let inline = format!(
        "<VAST version='3.0'><Ad><InLine><AdSystem>a</AdSystem><AdTitle>t</AdTitle>
         <Impression><![CDATA[{{{{beacons}}}}/seen?{MACROS}]]></Impression><Creatives><Creative><Linear>
         <Duration>00:00:15</Duration><MediaFiles><MediaFile type='video/mp4' width='1' height='1'>https://cdn/a.mp4</MediaFile>
         </MediaFiles></Linear></Creative></Creatives></InLine></Ad></VAST>"
    );
    let script = Script::builder()
        .server("east")
        .answer(Answer::new().path("/tag").body(wrapper))
        .answer(Answer::new().path("/hop").body(inline))
        .server("beacons")
        .sink(Sink::NoContent);
    start(script.build().expect("a script")).await
}

fn viewer() -> AdRequest {
    let device = Device {
        ip: Some([203, 0, 113, 77].into()),
        user_agent: Some("TV/1.2 (Box; 7)".into()),
        referer: Some("https://page.example/".into()),
        accept_language: Some("de".into()),
        requested_with: Some("com.example.app".into()),
        ifa: Some("8d8ac610-566d-4ef0-9c22-186b2a5ed793".into()),
        ifa_type: Some("tifa".into()),
        headers: vec![("Sec-GPC".into(), "1".into())],
    };
    AdRequest { device, ..AdRequest::default() }
}

async fn ask(mock: &Mock, privacy: Privacy, request: &AdRequest) -> FetchResult {
    let source = open_source(mock, "east", &format!("/tag?{MACROS}")).with_privacy(privacy);
    let client = client_with(FetchConfig::new([source]), |builder| builder);
    let result = within(client.orchestrator().run(client.plan(), request, client.run_options())).await;
    within(client.drain(Duration::from_secs(20))).await;
    result
}

/// The data that an exchange sends: the query, then the device headers and the client's own `User-Agent`.
fn said(exchange: &Exchange) -> (String, String) {
    let query = exchange.request.path_and_query.split_once('?').map_or("", |(_, query)| query);
    let (query, _) = query.split_once("&server=").unwrap_or_default();
    let of_device = |name: &str| name.starts_with("x-") || name == "user-agent";
    let mut headers: Vec<_> =
        exchange.request.headers.iter().map(|(name, value)| (name.to_lowercase(), value)).collect();
    headers.retain(|(name, _)| of_device(name));
    headers.sort();
    (query.to_owned(), headers.iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join("\n"))
}

/// The headers that no privacy rule changes.
fn headers(gated: &str) -> String {
    let own = concat!("user-agent: vast-client/", env!("CARGO_PKG_VERSION"));
    let open = [
        own,
        "x-device-accept-language: de",
        "x-device-referer: https://page.example/",
        "x-device-requested-with: com.example.app",
        "x-device-sec-gpc: 1",
    ];
    let mut all: Vec<_> = open.into_iter().chain(gated.lines()).collect();
    all.sort_unstable();
    all.join("\n")
}

const IFA: &str = "8d8ac610-566d-4ef0-9c22-186b2a5ed793";
const BOTH: &str = "x-device-ip: 203.0.113.77\nx-device-user-agent: TV/1.2 (Box; 7)";

/// All on one thread, so that the log of every part is collected.
#[tokio::test]
async fn r017_r018_r019_r020_r021_r022_first_request_hop_and_beacon_say_the_same_behind_every_gate() {
    let all = format!("ip=203.0.113.77&ua=TV%2F1.2%20(Box%3B%207)&ifa={IFA}&type=tifa&lmt=0&reg=-1");
    let dropped =
        |lmt: &str, reg: &str| format!("ip=203.0.113.77&ua=TV%2F1.2%20(Box%3B%207)&ifa=-2&type=-2&lmt={lmt}&reg={reg}");
    let open = Privacy::default;
    let consent = |consent| AdRequest { consent, ..viewer() };
    let limited = Consent { limit_ad_tracking: Some(true), ..Consent::default() };
    let child = Consent { coppa: Some(true), ..Consent::default() };
    let by_macro = AdRequest { macros: vec![("LIMITADTRACKING".into(), "1".into())], ..viewer() };
    let cases = [
        ("open", open(), viewer(), all.clone(), BOTH),
        (
            "truncated address",
            Privacy { ip: IpPolicy::Truncate, forward_for: true, ..open() },
            viewer(),
            all.replace("113.77", "113.0"),
            "x-device-ip: 203.0.113.0\nx-forwarded-for: 203.0.113.0\nx-device-user-agent: TV/1.2 (Box; 7)",
        ),
        (
            "no address",
            Privacy { ip: IpPolicy::None, forward_for: true, ..open() },
            viewer(),
            all.replace("203.0.113.77", "-2"),
            "x-device-user-agent: TV/1.2 (Box; 7)",
        ),
        (
            "general user agent",
            Privacy { user_agent: UserAgentPolicy::Generalise, ..open() },
            viewer(),
            all.replace("1.2%20(Box%3B%207)", "1%20(Box)"),
            "x-device-ip: 203.0.113.77\nx-device-user-agent: TV/1 (Box)",
        ),
        (
            "no user agent",
            Privacy { user_agent: UserAgentPolicy::None, ..open() },
            viewer(),
            all.replace("TV%2F1.2%20(Box%3B%207)", "-2"),
            "x-device-ip: 203.0.113.77",
        ),
        (
            "hashed id",
            Privacy { ifa: IfaPolicy::Hash, ifa_salt: Some("s".into()), ..open() },
            viewer(),
            all.replace(IFA, &IfaPolicy::Hash.apply(IFA, "s").unwrap_or_default()),
            BOTH,
        ),
        ("no id", Privacy { ifa: IfaPolicy::Drop, ..open() }, viewer(), dropped("1", "-1"), BOTH),
        ("limited tracking", open(), consent(limited), dropped("1", "-1"), BOTH),
        ("limited tracking, as a macro", open(), by_macro, dropped("1", "-1"), BOTH),
        ("a child", Privacy { ifa: IfaPolicy::Hash, ..open() }, consent(child), dropped("1", "coppa"), BOTH),
    ];
    let (log_lines, _collecting) = LogLines::collect(Level::TRACE);
    for (name, privacy, request, query, gated) in cases {
        let mock = servers().await;
        let result = ask(&mock, privacy, &request).await;
        let log = mock.log();
        let paths: Vec<_> = log.iter().map(|exchange| exchange.request.path()).collect();
        assert_eq!(paths, ["/tag", "/hop", "/seen"], "{name}");
        for exchange in &log {
            assert_eq!(said(exchange), (query.clone(), headers(gated)), "{name}: {}", exchange.request.path());
            let server = exchange.request.raw_query_value("server").unwrap_or_default();
            assert!(server.starts_with("vast-client%2F"), "{name}: {server}");
        }
        // A log may contain the report, so the report must have the requested URL without the withheld values.
        let report = result.source_report("east").expect("the source");
        assert!(report.url.contains(&query), "{name}: {}", report.url);
        let line = format!("{:?} {:?}", result.ads[0].ad.tree, result.request.device);
        for personal in ["203.0.113", IFA, "Box"] {
            assert!(!line.contains(personal), "{name}: {line}");
        }
    }
    let lines = log_lines.lines();
    let starts_of_spans =
        ["request/lane(east)/exchange(127.0.0.1) ", "beacon(impression)/exchange(127.0.0.1) ", "/hop(1)/"];
    for start in starts_of_spans {
        assert!(lines.iter().any(|line| line.contains(start)), "no line of {start}: {lines:#?}");
    }
    assert_no_personal_data(&lines);
}

/// Values of the viewer above, and the names of macros: no log may have them.
fn assert_no_personal_data(lines: &[String]) {
    let hashed = IfaPolicy::Hash.apply(IFA, "s").unwrap_or_default();
    let personal =
        ["203.0.113", IFA, &hashed, "Box", CONSENT, "DBABMA~CP", "page.example", "com.example.app", "ifa=", "?"];
    for line in lines {
        for value in personal {
            assert!(!line.contains(value), "{value} in the log: {line}");
        }
    }
}

const CONSENT: &str = "CPokAsAPokAsABEACBENC7CgAP_AAH_AAAAAI";

/// Failures have messages, and messages may name URLs: with values in their path, of wrappers, after redirects.
#[tokio::test]
async fn the_log_of_failures_has_no_personal_data() {
    let values =
        "[DEVICEIP]/[IFA]/[GDPRCONSENT]/[GPPSTRING]?ip=[DEVICEIP]&ifa=[IFA]&c=[GDPRCONSENT]&g=[GPPSTRING]&u=[DEVICEUA]";
    let wrapper = |target: &str| {
        format!(
            "<VAST version='3.0'><Ad><Wrapper><VASTAdTagURI><![CDATA[{target}]]></VASTAdTagURI></Wrapper></Ad></VAST>"
        )
    };
    let answers = [
        ("missing", Answer::new().status(404)),
        ("loop", Answer::new().redirect(format!("{{{{self}}}}/{values}"))),
        ("private", Answer::new().body(wrapper(&format!("http://10.0.0.1/{values}")))),
        ("hop", Answer::new().body(wrapper(&format!("{{{{missing}}}}/{values}")))),
        ("scheme", Answer::new().body(wrapper(&format!("htp://x/{values}")))),
        ("page", Answer::new().body("<html>")),
    ];
    let names = answers.clone().map(|(name, _)| name);
    let [first, rest @ ..] = answers;
    let script = rest.into_iter().fold(Script::builder().server(first.0).answer(first.1), |script, (name, answer)| {
        script.server(name).answer(answer)
    });
    let mock = start(script.build().expect("a script")).await;
    let consent = Consent {
        gdpr: Some(true),
        gdpr_consent: Some(CONSENT.into()),
        gpp: Some("DBABMA~CPXxRfAPXxRfAAfKABENB".into()),
        gpp_sections: vec![2],
        ..Consent::default()
    };
    let (log_lines, _collecting) = LogLines::collect(Level::TRACE);
    for name in names {
        let config = FetchConfig::new([source(&mock, name, &format!("/{values}"))]);
        let client = client_with(config, |builder| builder);
        let result = within(client.request_ad_for(&AdRequest { consent: consent.clone(), ..viewer() })).await;
        assert!(!result.success, "{name}");
    }
    let lines = log_lines.lines();
    assert!(lines.iter().filter(|line| line.contains(" failed ")).count() >= names.len(), "{lines:#?}");
    assert_no_personal_data(&lines);
    assert_no_personal_data(&log_lines.late_values());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_consent_a_source_that_needs_it_is_not_asked() {
    let needs = Privacy { require_consent: true, ..Privacy::default() };
    let gdpr = Consent { gdpr: Some(true), ..Consent::default() };
    let cases = [
        (needs.clone(), gdpr.clone(), false),
        (needs.clone(), Consent { gdpr_consent: Some(" ".into()), ..gdpr.clone() }, false),
        (needs.clone(), Consent { gpp: Some("DBAA".into()), gpp_sections: vec![7], ..gdpr.clone() }, false),
        (needs.clone(), Consent { gdpr_consent: Some("CO".into()), ..gdpr.clone() }, true),
        (needs.clone(), Consent { gpp: Some("DBAA".into()), gpp_sections: vec![2], ..gdpr.clone() }, true),
        (needs.clone(), Consent { gdpr: Some(false), ..Consent::default() }, true),
        (needs, Consent::default(), true),
        (Privacy::default(), gdpr, true),
    ];
    for (privacy, consent, is_asked) in cases {
        let mock = servers().await;
        let what = format!("{privacy:?} {consent:?}");
        let result = ask(&mock, privacy, &AdRequest { consent, ..viewer() }).await;
        let report = result.source_report("east").expect("the source");
        let end = (report.outcome.as_str(), report.reason.clone());
        let expected =
            if is_asked { ("filled", None) } else { ("skipped", Some(EndReason::Skipped(SkipReason::Consent))) };
        assert_eq!((end, mock.log().is_empty()), (expected, !is_asked), "{what}");
    }
}
