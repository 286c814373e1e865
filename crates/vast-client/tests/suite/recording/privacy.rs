//! Recordings have no personal values, whatever a server echoes.

use super::*;

pub(super) fn viewer() -> AdRequest {
    let device = Device {
        ip: Some([203, 0, 113, 77].into()),
        user_agent: Some("Mozilla/5.0 (TV; Box 7.1; X1) Player/12.34".into()),
        referer: Some("https://page.example/private?a=1".into()),
        accept_language: Some("de-DE,de;q=0.9".into()),
        ifa: Some("8d8ac610-566d-4ef0-9c22-186b2a5ed793".into()),
        ifa_type: Some("tifa".into()),
        headers: vec![("Account".into(), "account-4711-x".into())],
        ..Device::default()
    };
    let consent = Consent {
        gdpr: Some(true),
        gdpr_consent: Some("CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA".into()),
        gpp: Some("DBACNYA~CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA~1YNN".into()),
        ..Consent::default()
    };
    let macros = vec![("USER_EMAIL".into(), "jo.doe@mail.example".into()), ("zone".into(), "pre roll".into())];
    AdRequest {
        device,
        consent,
        macros,
        split_key: Some("viewer-0815-abc".into()),
        seed: Some(7),
        ..AdRequest::default()
    }
}

/// The texts that must not be in a recording.
const SECRETS: [&str; 12] = [
    "203.0.113.77",
    "203.0.113.0",
    "Mozilla/5.0",
    "Box 7.1",
    "Player/12",
    "page.example/private",
    "8d8ac610-566d-4ef0-9c22-186b2a5ed793",
    "CPXxRfAPXxRfAAfKABENB",
    "account-4711",
    "jo.doe",
    "viewer-0815",
    "server-side-id-12345",
];

/// The text in each encoding that a server may echo.
fn encodings(text: &str) -> Vec<String> {
    let percent = |is_strict: bool, is_upper: bool| -> String {
        let encode = |byte: u8| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' if !is_strict => char::from(byte).to_string(),
            b'-' | b'.' if !is_strict => char::from(byte).to_string(),
            _ if is_upper => format!("%{byte:02X}"),
            _ => format!("%{byte:02x}"),
        };
        text.bytes().map(encode).collect()
    };
    vec![
        text.to_owned(),
        text.to_uppercase(),
        text.to_lowercase(),
        percent(false, true),
        percent(false, false),
        percent(true, true),
        percent(false, true).replace('%', "%25"),
        text.replace('/', "\\/"),
        text.replace(' ', "+"),
        text.replace('/', "&#x2F;"),
    ]
}

pub(super) fn find(content: &[u8], text: &str) -> bool {
    content.windows(text.len()).any(|window| window.eq_ignore_ascii_case(text.as_bytes()))
}

const MACROS: &str = "ip=[DEVICEIP]&ua=[DEVICEUA]&ifa=[IFA]&c=[GDPRCONSENT]&g=[GPPSTRING]&e=[USER_EMAIL]&z=[zone]&t=[TRANSACTIONID]&cb=[CACHEBUSTING]";

/// A server that echoes everything that it receives, in each encoding, in its headers and in its body.
pub(super) fn echo(request: &HttpRequest) -> Reply {
    let device = viewer().device;
    let echoed = [
        "203.0.113.77".to_owned(),
        "203.0.113.0".to_owned(),
        device.user_agent.unwrap_or_default(),
        device.ifa.unwrap_or_default(),
        viewer().consent.gdpr_consent.unwrap_or_default(),
        "jo.doe@mail.example".to_owned(),
    ];
    let echoed: Vec<String> = echoed.iter().flat_map(|text| encodings(text)).collect();
    let (uri, headers) = (request.uri.to_string(), request.headers.clone());
    let headers: Vec<String> =
        headers.iter().map(|(name, value)| format!("{name}={}", value.to_str().unwrap_or(""))).collect();
    let comment = format!("<!-- {uri} {} {} -->", headers.join(" "), echoed.join(" "))
        .replace("--", "- -")
        .replace("<!- -", "<!--")
        .replace("- ->", "-->");
    let next = uri.split_once('?').map_or("", |(_, query)| query).to_owned();
    if request.uri.path() == "/tag" {
        let location = format!("https://east.example/moved?{next}&sid=server-side-id-12345");
        return Reply {
            wait: Duration::from_millis(1),
            outcome: Ok((
                302,
                vec![("location", location), ("set-cookie", "id=server-side-id-12345; Path=/".into())],
                vec![],
            )),
        };
    }
    body(inline(&format!("{MACROS}&uid=server-side-id-12345")).replace("</VAST>", &format!("{comment}</VAST>")))
}

pub(super) fn privacies() -> [Privacy; 3] {
    let hashed = Privacy { ifa: IfaPolicy::Hash, ifa_salt: Some("secret-salt-1".into()), ..Privacy::default() };
    let truncated = Privacy { ip: IpPolicy::Truncate, user_agent: UserAgentPolicy::Generalise, ..Privacy::default() };
    [Privacy::default(), hashed, truncated]
}

pub(super) fn tag(privacy: Privacy) -> FetchConfig {
    let url = format!("https://east.example/tag?{MACROS}&sid=server-side-id-12345");
    let config = FetchConfig::new([SourceConfig::url(url)
        .named("east")
        .with_privacy(privacy)
        .with_header("Authorization", "Bearer top-secret")]);
    config.with_header("Cookie", "id=top-secret")
}

#[tokio::test(start_paused = true)]
async fn a_recording_has_no_personal_value_in_any_encoding() {
    for privacy in privacies() {
        let (_, recording, recorder) = recorded(tag(privacy), &viewer(), echo, PersonalValues::Replaced).await;
        let content = content(&recording);
        for secret in SECRETS.iter().chain(&["top-secret", "secret-salt"]) {
            for text in encodings(secret) {
                assert!(!find(&content, &text), "{text} in {}", String::from_utf8_lossy(&content));
            }
        }
        assert!(find(&content, "[DEVICEIP]") && find(&content, "pre%20roll"), "bare macros and other values stay");
        let id = &recording.request.id;
        let replaced = recorder.replaced(id, "ip=203.0.113.77 zone=pre roll").expect("a recording");
        assert!(!replaced.contains("203.0.113.77") && replaced.ends_with(" zone=pre roll"), "{replaced}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_complete_recording_has_personal_values_and_says_so() {
    let (_, recording, _) = recorded(tag(Privacy::default()), &viewer(), echo, PersonalValues::Kept).await;
    assert_eq!(recording.personal_values, PersonalValues::Kept);
    assert!(find(&content(&recording), "8d8ac610-566d-4ef0-9c22-186b2a5ed793"));
    assert!(!recording.request.config.contains("top-secret"), "configured headers are never recorded");
}

#[tokio::test(start_paused = true)]
async fn placeholders_change_no_length() {
    let (result, recording, recorder) =
        recorded(tag(Privacy::default()), &viewer(), echo, PersonalValues::Replaced).await;
    let json = serde_json::to_string(&RequestResult::from(&result)).expect("JSON");
    let replaced = recorder.replaced(&recording.request.id, json.clone()).expect("a recording");
    assert_eq!(replaced.len(), json.len());
    assert_ne!(replaced, json);
    let response = recording.exchanges[1].response.as_ref().expect("a response");
    assert_eq!(response.wire_bytes, response.body.len() as u64);
    assert_eq!(response.wire_bytes, result.sources[0].bytes);
}

#[tokio::test(start_paused = true)]
async fn a_request_without_personal_values_is_recorded_as_it_is() {
    let text = inline("x=1&event=start&cb=[CACHEBUSTING]&size=640x360&ord=12345678");
    let answer = text.clone();
    let config = config(&[("east", "https://east.example/tag?zone=7&t=[TRANSACTIONID]&w=[TIMESTAMP]")]);
    let (result, recording, recorder) =
        recorded(config, &AdRequest::default(), move |_| body(answer.clone()), PersonalValues::Replaced).await;
    assert_eq!(recording.exchanges[0].response.as_ref().map(|response| &*response.body), Some(text.as_bytes()));
    let json = serde_json::to_string(&RequestResult::from(&result)).expect("JSON");
    assert_eq!(recorder.replaced(&recording.request.id, json.clone()), Some(json));
}

#[tokio::test(start_paused = true)]
async fn a_compressed_body_is_decoded_only_if_it_has_personal_values() {
    let gzip = |text: &str| {
        use std::io::Write;
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text.as_bytes()).expect("memory");
        encoder.finish().expect("memory")
    };
    for (query, is_decoded) in [("x=1", false), ("ifa=8d8ac610-566d-4ef0-9c22-186b2a5ed793", true)] {
        let sent = Bytes::from(gzip(&inline(query)));
        let answer = sent.clone();
        let servers = move |_: &HttpRequest| Reply {
            wait: Duration::from_millis(1),
            outcome: Ok((200, vec![("content-encoding", "gzip".into())], vec![answer.clone()])),
        };
        let config = config(&[("east", "https://east.example/tag")]);
        let (_, recording, _) = recorded(config, &viewer(), servers, PersonalValues::Replaced).await;
        let response = recording.exchanges[0].response.as_ref().expect("a response");
        assert_eq!(response.wire_bytes, sent.len() as u64);
        assert_eq!(response.headers.is_empty(), is_decoded);
        assert_eq!(response.body == sent, !is_decoded);
        assert_eq!(response.body.len() == inline(query).len(), is_decoded);
    }
}

/// Extensions with ids of the server, and what must not be in the recording of them.
const HIDDEN_IDS: [(&str, &str, &[&str]); 11] = [
    ("a relative URL", "/next?uid=Ab12345", &["Ab12345"]),
    ("a relative URL with an entity", "next?a=1&amp;uid=Ab12345", &["Ab12345"]),
    ("a numeric entity between values", "https://x.example/?a=1&#38;uid=Ab12345&#x26;b=2", &["Ab12345"]),
    ("a numeric entity in a value", "https://x.example/?uid=Ab123&#45;cd678", &["Ab123", "cd678"]),
    ("a border of CDATA in a value", "<![CDATA[https://x.example/?uid=Ab123]]><![CDATA[cd678]]>", &["Ab123", "cd678"]),
    ("a border of CDATA before a value", "https://x.example/?uid=<![CDATA[Ab12345]]>", &["Ab12345"]),
    (
        "a percent-encoded URL in a URL",
        "https://x.example/?to=https%3A%2F%2Fy.example%2F%3Fuid%3DAb12345",
        &["Ab12345"],
    ),
    ("a URL in the path of a URL", "https://x.example/https%3A%2F%2Fy.example%2F%3Fuid%3DAb12345", &["Ab12345"]),
    ("parameters with semicolons", "https://x.example/N1/B2;uid=Ab12345;ord=7?", &["Ab12345"]),
    ("a fragment", "https://x.example/#token=Ab12345", &["Ab12345"]),
    ("JSON in XML", "{&quot;u&quot;:&quot;https:\\/\\/x.example\\/?a=1\\u0026uid=Ab12345&quot;}", &["Ab12345"]),
];

#[tokio::test(start_paused = true)]
async fn ids_of_servers_are_found_in_every_kind_of_url() {
    for (name, text, secrets) in HIDDEN_IDS {
        let extension = format!("<Extensions><Extension>{text}</Extension></Extensions></InLine>");
        let document = inline("x=1").replace("</InLine>", &extension);
        let wide: Vec<u8> = [0xfeff].into_iter().chain(document.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        for sent in [document.into_bytes(), wide] {
            let answer = sent.clone();
            let config = config(&[("east", "https://east.example/tag")]);
            let servers = move |_: &HttpRequest| body(answer.clone());
            let (_, recording, _) = recorded(config, &AdRequest::default(), servers, PersonalValues::Replaced).await;
            let recorded = &recording.exchanges[0].response.as_ref().expect("a response").body;
            let narrow: Vec<u8> = recorded.iter().copied().filter(|byte| *byte != 0).collect();
            for secret in secrets {
                assert!(!find(&narrow, secret), "{name}: {}", String::from_utf8_lossy(&narrow));
            }
            assert_eq!(recorded.len(), sent.len(), "{name}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_short_number_of_the_viewer_is_replaced_in_queries_only() {
    let viewer = AdRequest { split_key: Some("1280".into()), ..AdRequest::default() };
    let document = inline("w=1280&x=1").replace("width=\"1\"", "width=\"1280\"");
    let config = config(&[("east", "https://east.example/tag")]);
    let (result, recording, recorder) =
        recorded(config, &viewer, move |_| body(document.clone()), PersonalValues::Replaced).await;
    let content = String::from_utf8(content(&recording)).expect("UTF-8");
    assert!(content.contains("width=\"1280\"") && !content.contains("w=1280"), "{content}");
    let json = serde_json::to_string(&RequestResult::from(&result)).expect("JSON");
    let replaced = recorder.replaced(&recording.request.id, json).expect("a recording");
    assert!(replaced.contains("\"width\":1280") && !replaced.contains("w=1280"), "{replaced}");
}

#[tokio::test(start_paused = true)]
async fn a_short_id_of_a_server_stays_where_it_is_no_id() {
    let answer = inline("seq=7&uid=7");
    let config = config(&[("east", "https://east.example/tag?page=7")]);
    let (result, recording, recorder) =
        recorded(config, &AdRequest::default(), move |_| body(answer.clone()), PersonalValues::Replaced).await;
    let json = serde_json::to_string(&RequestResult::from(&result)).expect("JSON");
    let replaced = recorder.replaced(&recording.request.id, json).expect("a recording");
    for text in [String::from_utf8(content(&recording)).expect("UTF-8"), replaced] {
        assert!(text.contains("seq=7&") && text.contains("page=7") && !text.contains("uid=7"), "{text}");
    }
}
