//! Servers that fail on the wire. Every fault must give its error type, must not delay the request, and the next source
//! must be asked.

use std::time::Duration;

use tokio::net::TcpSocket;

use crate::pipeline::{
    INLINE, LONG, WRAPPER, ads, client, end_of, inline, one_server, open_source, source, start, within,
};
use vast_client::journal::EndReason;
use vast_client::transport::{Linger, RedirectStep};
use vast_client::{FetchConfig, FetchMode, SourceConfig};
use vast_mock::{Answer, CutEnd, Encoding, Fault, Script};

/// Every fault and its error type.
pub(super) fn faults() -> Vec<(&'static str, Answer, &'static str)> {
    let bytes = |bytes: &[u8]| bytes.to_vec();
    vec![
        ("hang", Answer::new().fault(Fault::Hang), "timeout"),
        ("reset", Answer::new().fault(Fault::Reset), "reset"),
        ("close", Answer::new().fault(Fault::Close), "reset"),
        ("cut", inline().truncate(200, CutEnd::Close), "reset"),
        ("cut-reset", inline().truncate(200, CutEnd::Reset), "reset"),
        ("cut-hang", inline().truncate(200, CutEnd::Hang), "timeout"),
        ("cut-chunked", inline().chunked().pieces_of(100).truncate(300, CutEnd::Close), "reset"),
        ("trickle", inline().pieces_of(1).piece_delay(Duration::from_millis(40)), "timeout"),
        ("gone", Answer::new().status(404).body("<html>not here</html>"), "http_status"),
        ("down", Answer::new().status(503), "http_status"),
        ("moved-nowhere", Answer::new().status(302), "redirect"),
        ("circle", Answer::new().redirect("{{self}}/again"), "redirect"),
        ("metadata", Answer::new().redirect("http://169.254.169.254/latest/"), "blocked_address"),
        ("neighbour", Answer::new().redirect("http://127.0.0.1:1/"), "blocked_address"),
        ("to-file", Answer::new().redirect("file:///etc/passwd"), "redirect"),
        ("empty", Answer::new().body("<VAST version=\"4.2\"/>"), "no_ad"),
        ("blank", Answer::new(), "no_ad"),
        ("nothing", Answer::new().status(204), "no_ad"),
        ("page", Answer::new().body("<!DOCTYPE html><html><body>Hello</body></html>"), "not_xml"),
        ("json", Answer::new().body("{\"ad\": null}"), "not_xml"),
        ("two-in-json", Answer::new().body(r#"{"a": "<VAST version=\"4.2\"/>", "b": "<VAST/>"}"#), "not_xml"),
        ("base64", Answer::new().body("PFZBU1QgdmVyc2lvbj0iNC4yIi8+"), "not_xml"),
        ("two-kinds-of-quotes", Answer::new().body("<VAST version=\"4.2'><Ad id=\"1\"></Ad></VAST>"), "not_xml"),
        ("no-opening-quote", Answer::new().body("<VAST version=4.2\"><Ad id=\"1\"></Ad></VAST>"), "not_xml"),
        ("binary", Answer::new().body(bytes(&[0, 159, 146, 150, 255, 0, 1])), "not_xml"),
        ("rss", Answer::new().body("<rss version=\"2.0\"/>"), "not_vast"),
        ("half", Answer::new().body("<VAST version=\"4.2\"><Ad id=\"1\">"), "not_xml"),
        ("not-gzip", inline().raw(Encoding::Gzip), "encoding"),
        ("bomb", Answer::new().body(vec![b' '; 20 << 20]).encoding(Encoding::Gzip), "too_large"),
        ("big", Answer::new().body(vec![b'x'; 5 << 20]), "too_large"),
    ]
}

#[tokio::test]
async fn every_fault_has_its_error_type_and_delays_no_source() {
    let faults = faults();
    let mut script = Script::builder().server("good").answer(inline());
    for (name, answer, _) in &faults {
        script = script.server(*name).answer(answer.clone());
    }
    let mock = start(script.build().expect("a script")).await;
    // Only a fault that lasts until its time limit has a short one. No other source depends on how fast the machine is.
    let short = Duration::from_millis(1500);
    let limit = |word: &str| if word == "timeout" { short } else { LONG };
    let faulty = faults.iter().map(|(name, _, word)| source(&mock, name, "/v").with_source_timeout(limit(word)));
    let sources = faulty.chain([source(&mock, "good", "/v?ad=shoes").with_source_timeout(LONG)]);
    let config = FetchConfig::new(sources).with_mode(FetchMode::Collect);
    let result = within(client(config, Linger::OFF).request_ad()).await;
    assert_eq!(ads(&result), ["shoes"]);
    for (name, _, word) in &faults {
        assert_eq!(end_of(&result, name), *word, "{name}: {:?}", result.source_report(name));
    }
}

#[tokio::test]
async fn a_closed_port_is_a_failed_connection() {
    // The socket does not listen, and while it is there no other program can listen on its port.
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind(([127, 0, 0, 1], 0).into()).expect("a port");
    let address = socket.local_addr().expect("an address");
    let config = FetchConfig::new([SourceConfig::url(format!("http://{address}/v")).named("nobody")]);
    let result = within(client(config, Linger::OFF).request_ad()).await;
    assert_eq!(end_of(&result, "nobody"), "connect");
    assert_eq!(result.sources[0].attempts, 2, "a connection that fails is tried again");
}

#[tokio::test]
async fn only_failures_before_a_response_are_retried() {
    let cases = [
        (Answer::new().status(503), 2),
        (Answer::new().status(429), 2),
        (Answer::new().fault(Fault::Close), 2),
        (Answer::new().fault(Fault::Reset), 2),
        (Answer::new().status(404), 1),
        (inline().truncate(200, CutEnd::Close), 1),
        (Answer::new().body("<VAST"), 1),
        (Answer::new().status(204), 1),
    ];
    for (first, requests) in cases {
        let shown = format!("{first:?}");
        let mock = one_server([first, inline()]).await;
        let config = FetchConfig::new([source(&mock, "east", "/v?ad=shoes")]);
        let result = within(client(config, Linger::OFF).request_ad()).await;
        assert_eq!((mock.log().len(), result.success), (requests, requests == 2), "{shown}");
        assert_eq!(result.sources[0].attempts as usize, requests, "{shown}");
    }
}

#[tokio::test]
async fn compressed_and_chunked_bodies_are_read() {
    let answers = [
        inline().encoding(Encoding::Gzip),
        inline().encoding(Encoding::Deflate),
        inline().encoding(Encoding::Br),
        inline().chunked().pieces_of(7),
        inline().encoding(Encoding::Gzip).chunked().pieces_of(3),
        inline().connection_close(),
    ];
    for answer in answers {
        let shown = format!("{answer:?}");
        let mock = one_server([answer]).await;
        let config = FetchConfig::new([source(&mock, "east", "/v?ad=shoes")]);
        let result = within(client(config, Linger::OFF).request_ad()).await;
        assert_eq!(ads(&result), ["shoes"], "{shown}");
        let log = mock.log();
        let accepted = log[0].request.header("accept-encoding").unwrap_or_default().to_owned();
        assert!(accepted.contains("gzip") && accepted.contains("br"), "{accepted}");
    }
}

#[tokio::test]
async fn a_body_that_its_headers_do_not_describe_is_read_with_a_warning() {
    let cases = [
        (inline().header("Content-Encoding", "utf-8"), "the Content-Encoding `utf-8` is unknown"),
        (inline().header("Content-Encoding", "made-up"), "the Content-Encoding `made-up` is unknown"),
        (inline().header("Content-Encoding", "a\u{9b}31m"), "the Content-Encoding `a\\xc2\\x9b31m` is unknown"),
    ];
    for (answer, message) in cases {
        let mock = one_server([answer]).await;
        let config = FetchConfig::new([source(&mock, "east", "/v?ad=shoes")]);
        let result = within(client(config, Linger::OFF).request_ad()).await;
        assert_eq!(ads(&result), ["shoes"], "{message}");
        assert!(result.warnings.iter().any(|warning| warning.message.starts_with(message)), "{:?}", result.warnings);
    }
}

#[tokio::test]
async fn a_wrapper_on_this_machine_stays_on_its_own_origin() {
    let script = Script::builder().server("wrapper").answer(Answer::new().body(WRAPPER));
    let mock = start(script.server("east").answer(inline()).build().expect("a script")).await;
    let path = format!("/w?to={}/v?ad=shoes", mock.url("east"));
    let closed = within(client(FetchConfig::new([source(&mock, "wrapper", &path)]), Linger::OFF).request_ad()).await;
    assert_eq!(end_of(&closed, "wrapper"), "blocked_address");
    assert_eq!(mock.connections("east"), 0, "not even a connection");
    let open = FetchConfig::new([open_source(&mock, "wrapper", &path)]);
    assert_eq!(ads(&within(client(open, Linger::OFF).request_ad()).await), ["shoes"]);
}

#[tokio::test]
async fn a_server_that_speaks_no_http_is_no_answer() {
    for words in ["220 mail.example ready\r\n\r\n", "SSH-2.0-x\r\n", "\u{0}\u{1}\u{2}\r\n\r\n"] {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, words.as_bytes()).await;
            }
        });
        let config = FetchConfig::new([SourceConfig::url(format!("http://{address}/v")).named("odd")]);
        let result = within(client(config, Linger::OFF).request_ad()).await;
        assert_eq!(end_of(&result, "odd"), "reset", "{words:?}");
    }
}

#[test]
fn the_ad_of_these_tests_is_larger_than_what_is_cut_from_it() {
    assert!(INLINE.len() > 400);
}

/// A chain of redirects, to a wrapper whose own chain breaks: the steps and the wrapper that was read stay in the result.
#[tokio::test]
async fn redirect_steps_and_the_wrappers_of_a_broken_chain_are_in_the_result() {
    let wrapper = r#"<VAST version="4.2"><Ad id="w1"><Wrapper><AdSystem>Outer</AdSystem><Impression>/i1</Impression>
        <Impression>/i2</Impression><Error>/e?[ERRORCODE]</Error><VASTAdTagURI>{{self}}/gone</VASTAdTagURI></Wrapper></Ad></VAST>"#;
    let mock = one_server([
        Answer::new().status(301).redirect("{{self}}/second"),
        Answer::new().status(307).redirect("{{self}}/third"),
        Answer::new().body(wrapper),
        Answer::new().status(302).redirect("{{self}}/missing"),
        Answer::new().status(404),
    ])
    .await;
    let result = within(client(FetchConfig::new([source(&mock, "east", "/first")]), Linger::OFF).request_ad()).await;
    let east = &result.sources[0];
    let steps = |redirects: &[RedirectStep]| -> Vec<(u16, String)> {
        let path = |url: &str| url.rsplit('/').next().unwrap_or_default().to_owned();
        redirects.iter().map(|step| (step.status, format!("{} {}", path(&step.url), path(&step.location)))).collect()
    };
    assert_eq!(steps(&east.redirects), [(301, "first second".to_owned()), (307, "second third".to_owned())]);
    assert_eq!(steps(&east.hops[0].redirects), [(302, "gone missing".to_owned())]);
    let read: Vec<_> = east
        .wrappers
        .iter()
        .map(|wrapper| {
            (wrapper.hop, wrapper.leads_to, wrapper.ad_id.as_deref(), wrapper.ad_system.as_deref(), wrapper.impressions)
        })
        .collect();
    assert_eq!(read, [(0, Some(1), Some("w1"), Some("Outer"), 2)]);
    assert_eq!(east.wrappers[0].error_urls[0].as_str(), format!("{}/e?[ERRORCODE]", mock.url("east")));
    assert!(matches!(&east.reason, Some(EndReason::Failure(failure)) if failure.status == Some(404)), "{east:?}");
}
