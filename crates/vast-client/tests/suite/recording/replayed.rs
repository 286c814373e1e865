//! A recording with placeholders replays with the JSON of the request in which the same values are replaced.

use std::collections::BTreeMap;

use super::privacy::*;
use super::*;
use crate::replay::live::{assert_same, exact, json};

/// Every macro with a personal value, and values that the client makes.
const MACROS: &str = "ip=[DEVICEIP]&ua=[DEVICEUA]&ifa=[IFA]&c=[GDPRCONSENT]&g=[GPPSTRING]&e=[USER_EMAIL]&r=[PAGEURL]&z=[zone]\
                      &t=[TRANSACTIONID]&cb=[CACHEBUSTING]&w=[TIMESTAMP]";

/// The values that a server got, as the query of a URL: as they are or with each byte percent-encoded.
fn echoed(query: &str, is_strict: bool) -> String {
    let values = query.split('&').filter_map(|pair| pair.split_once('=')).map(|(_, value)| value);
    let encode = |value: &str| -> String {
        let decoded = percent_encoding::percent_decode_str(value);
        if is_strict { decoded.map(|byte| format!("%{byte:02x}")).collect() } else { value.to_owned() }
    };
    values.enumerate().map(|(number, value)| format!("&v{number}={}", encode(value))).collect()
}

/// `east` redirects to a wrapper with a relative URL, whose ad is on another server; `west` has no ad. All of them put everything that they got into their
/// answers. The trackers are on a server that knows some of them.
fn servers(request: &HttpRequest) -> Reply {
    let query = request.uri.query().unwrap_or_default();
    let header = request.headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let token = header.strip_prefix("Bearer ").unwrap_or_default();
    let nested = "https%3A%2F%2Fx.example%2F%3Fuid%3Dnested-id-1234567%26v%3D1";
    let plain =
        format!("{MACROS}&key={token}&uid=server-side-id-12345&to={nested}&did=later-known{}", echoed(query, false));
    match (request.uri.host(), request.uri.path()) {
        (Some("east.example"), "/tag") => {
            let location = ("location", format!("/moved?{query}&sid=relative-id-12345"));
            Reply { wait: Duration::from_millis(5), outcome: Ok((302, vec![location], Vec::new())) }
        }
        (Some("east.example"), _) => {
            // The next document says that `later-known` is an id.
            let impression = format!("https://t.example/wrapper?{MACROS}&x=later-known{}", echoed(query, true));
            let impression = format!("<Impression><![CDATA[{impression}]]></Impression></Wrapper>");
            let next = wrapper(&format!("//hop.example/ad?{plain}&sid=wrapper-id-1234567"));
            body(next.replace("</Wrapper>", &impression))
        }
        (Some("hop.example"), _) => body(inline(&plain)),
        (Some("west.example"), _) => {
            Reply { outcome: Ok((404, Vec::new(), vec![format!("https://west.example/?{plain}").into()])), ..body("") }
        }
        (_, "/seen") => body(""),
        _ => Reply { wait: Duration::from_millis(1), outcome: Err(TransportErrorKind::Reset) },
    }
}

fn viewers() -> BTreeMap<&'static str, AdRequest> {
    let with_ip = |ip: &str| {
        let mut viewer = viewer();
        viewer.device.ip = Some(ip.parse().expect("an address"));
        viewer
    };
    BTreeMap::from([
        ("an IPv4 address", viewer()),
        ("an IPv6 address", with_ip("2001:db8:85a3::8a2e:370:7334")),
        ("an IPv6 address with zeros", with_ip("2001:db8:0:7::5")),
        ("an IPv4 address that is mapped", with_ip("::ffff:203.0.113.77")),
    ])
}

#[tokio::test(start_paused = true)]
async fn a_recording_with_placeholders_replays_as_the_request_with_placeholders() {
    for (viewer_name, viewer) in viewers() {
        for (number, privacy) in privacies().into_iter().enumerate() {
            let case = format!("{viewer_name}, privacy {number}");
            let sources = ["east", "west"].map(|name| {
                let tag = format!("https://{name}.example/tag?{MACROS}&sid=server-side-id-12345");
                let source = SourceConfig::url(tag).named(name).with_privacy(privacy.clone());
                source.with_header("Authorization", "Bearer top-secret-4711")
            });
            let config = FetchConfig::new(sources).with_mode(FetchMode::Collect);
            let recorder = Recorder::in_memory(1, RecorderSettings::default());
            let client = client(config, servers, &recorder);
            let options = client.run_options().with_auto_track(true);
            let result = client.orchestrator().run(client.plan(), &viewer, options).await;
            client.shutdown(LONG).await;
            assert_eq!(result.source.as_deref(), Some("east"), "{case}");
            let recording = recorder.recording_of(&result).expect("a recording");
            let live = json(&result);
            let expected = recorder.replaced(&recording.request.id, live.clone()).expect("a recording");
            let replay = exact(&recording);
            assert_same(&expected, &json(&replay.result), &case);
            assert_eq!(replay.differences, [], "{case}");
            assert_no_secret(&case, &viewer, &[content(&recording), expected.into_bytes()].concat(), live.as_bytes());
        }
    }
}

/// Fails if a value of the viewer is in `replaced`. Each of them is in `live`, unless a source does not get it.
#[track_caller]
fn assert_no_secret(case: &str, viewer: &AdRequest, replaced: &[u8], live: &[u8]) {
    let ip = viewer.device.ip.expect("an address");
    let shortened = IpPolicy::Truncate.apply(ip).expect("an address");
    let addresses = [ip, ip.to_canonical(), shortened].map(|ip| ip.to_string());
    let values = ["Box 7.1", "8d8ac610-566d-4ef0-9c22-186b2a5ed793", "CPXxRfAPXxRfAAfKABENB", "jo.doe", "top-secret"];
    let ids = ["server-side-id-12345", "relative-id-12345", "nested-id-1234567", "wrapper-id-1234567", "later-known"];
    let addresses = addresses.iter().map(String::as_str);
    let decoded: Vec<u8> = percent_encoding::percent_decode(replaced).collect();
    for secret in values.into_iter().chain(ids).chain(addresses) {
        assert!(!find(replaced, secret) && !find(&decoded, secret), "{case}: {secret}");
    }
    for sent in ["jo.doe", "top-secret-4711", "CPXxRfAPXxRfAAfKABENB"].into_iter().chain(ids) {
        assert!(find(live, sent), "{case}: the live JSON has no {sent}");
    }
}
