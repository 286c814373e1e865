//! URLs: how they are read, the addresses that they may lead to, and how they are shown.

use std::net::IpAddr;

use vast_client::ErrorType;
use vast_client::transport::{AddressRule, AddressScope, Origin, Target, TargetError, logged_url, redacted_url};

fn read(raw: &str) -> String {
    Target::parse(raw, None).map_or_else(|error| error.to_string(), |target| target.to_string())
}

#[test]
fn the_bytes_of_the_ad_tag_stay_as_they_are() {
    for same in [
        "https://ads.example/v?cb=[CACHEBUSTING]&u=${GDPR}&x={a|b}&q=a%2fb%2F%7e;c='1'~*!()@:$,",
        "http://ads.example:8080/a/../b/./c//d?x=1?y=2",
        "https://ads.example/?a=1&amp;b=%",
    ] {
        assert_eq!(read(same), same);
    }
}

#[test]
fn only_bytes_that_cannot_be_sent_are_encoded() {
    for (raw, sent) in [
        ("\n\t https://ads.example/a b\t", "https://ads.example/a%20b"),
        ("https://ads.example/\"<>\\^`\u{7f}\u{1}x", "https://ads.example/%22%3C%3E%5C%5E%60%7F%01x"),
        ("https://ads.example/ü?q=€", "https://ads.example/%C3%BC?q=%E2%82%AC"),
        ("https://ads.example/v?x=1#frag?", "https://ads.example/v?x=1"),
        ("https://ads.example", "https://ads.example/"),
        ("https://ads.example?x=1", "https://ads.example/?x=1"),
        ("https://ads.example#f", "https://ads.example/"),
    ] {
        assert_eq!(read(raw), sent, "{raw}");
    }
}

#[test]
fn hosts_are_normalized() {
    for (raw, sent) in [
        ("HTTPS://ADS.Example:443/V", "https://ads.example/V"),
        ("http://user:secret@ads.example:8081/v", "http://ads.example:8081/v"),
        ("http://a@b@ads.example/", "http://ads.example/"),
        ("http://2130706433/", "http://127.0.0.1/"),
        ("http://0x7f.1/", "http://127.0.0.1/"),
        ("http://127.1/", "http://127.0.0.1/"),
        ("http://0177.0.0.1./", "http://127.0.0.1/"),
        ("http://%31%32%37.0.0.1/", "http://127.0.0.1/"),
        ("http://[::ffff:127.0.0.1]:8080/", "http://[::ffff:7f00:1]:8080/"),
        ("http://１２７.0.0.1/", "http://127.0.0.1/"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("http://good.example\\@evil.example/", "http://good.example/%5C@evil.example/"),
        ("http://ads.example:/v", "http://ads.example/v"),
        ("//ads.example/v", "https://ads.example/v"),
    ] {
        assert_eq!(read(raw), sent, "{raw}");
    }
}

#[test]
fn r024_relative_urls_are_joined_to_their_base() {
    let base = Target::parse("http://ads.example:8080/a/b?x=1", None).expect("a URL");
    for (raw, sent) in [
        ("/c?{x}", "http://ads.example:8080/c?{x}"),
        ("c", "http://ads.example:8080/a/c"),
        ("../c", "http://ads.example:8080/c"),
        ("?y=2", "http://ads.example:8080/a/b?y=2"),
        ("//other.example/v", "http://other.example/v"),
        ("\\\\other.example/v", "http://other.example/v"),
        ("/\\other.example/v", "http://other.example/v"),
        ("https://other.example/v", "https://other.example/v"),
    ] {
        assert_eq!(Target::parse(raw, Some(&base)).expect(raw).as_str(), sent, "{raw}");
    }
}

#[test]
fn r023_only_http_and_https_are_accepted() {
    for raw in ["file:///etc/passwd", "gopher://h/", "data:text/xml,<VAST/>", "ftp://h/", "javascript:1", "h:80/x"] {
        assert!(matches!(Target::parse(raw, None), Err(TargetError::Scheme(_))), "{raw}");
    }
}

#[test]
fn malformed_urls_are_refused() {
    use TargetError::{HostMissing, Malformed, Port, Relative};
    for (raw, wanted) in [
        ("", Malformed("it is empty")),
        ("  \n", Malformed("it is empty")),
        ("ads.example/v", Relative),
        ("/v", Relative),
        ("\\\\ads.example/v", Relative),
        ("http:/ads.example", Malformed("the scheme is not followed by //")),
        ("http:\\\\ads.example", Malformed("the scheme is not followed by //")),
        ("http://", HostMissing),
        ("http:///v", HostMissing),
        ("http://:80/", HostMissing),
        ("http://user@/", HostMissing),
        ("http://h:99999/", Port("99999".into())),
        ("http://h:0/", Port("0".into())),
        ("http://h:+80/", Port("+80".into())),
        ("http://h:8o/", Port("8o".into())),
        ("http://a b/", Malformed("the host is not a name or an address")),
        ("http://[::1/", Malformed("the host is not a name or an address")),
        ("http://1.2.3.4.5.6/", Malformed("the host is not a name or an address")),
        ("http://a%2fb/", Malformed("the host is not a name or an address")),
    ] {
        assert_eq!(Target::parse(raw, None).expect_err(raw), wanted, "{raw}");
    }
    let long = format!("http://h/{}", "x".repeat(70_000));
    assert_eq!(Target::parse(&long, None).expect_err("too long"), Malformed("it is not allowed in an HTTP request"));
}

fn origin(url: &str) -> Origin {
    Target::parse(url, None).expect(url).origin().clone()
}

/// Addresses of every refused range, mostly its first and last.
const REFUSED: &str = "
    0.0.0.0 0.255.255.255 10.0.0.0 10.255.255.255 100.64.0.0 100.127.255.255 127.0.0.1 127.255.255.255
    169.254.0.1 169.254.169.254 172.16.0.0 172.31.255.255 192.0.0.1 192.0.2.255 192.88.99.1 192.168.0.0
    192.168.255.255 198.18.0.0 198.19.255.255 198.51.100.7 203.0.113.255 224.0.0.1 239.255.255.255
    240.0.0.0 255.255.255.255 168.63.129.16 100.100.100.200 :: ::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1
    ::ffff:169.254.169.254 ::7f00:1 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::1 2002:7f00:1::
    2002:a00:1::1 2002:c0a8:101:: 2001::1 2001:0:1:2:3:4:5:6 2001:20::1 100::1 2001:db8::1 3fff::1 fc00::1
    fdff::1 fd00:ec2::254 fe80::1 febf::1 fec0::1 ff02::1 5f00::1
";
/// The addresses next to the refused ranges, and some public services.
const PUBLIC: &str = "
    1.1.1.1 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0 169.253.255.255
    169.255.0.0 172.15.255.255 172.32.0.0 192.0.1.0 192.0.3.0 192.167.255.255 192.169.0.0 198.17.255.255
    198.20.0.0 223.255.255.255 2606:4700::1111 2a00:1450::1 ::ffff:8.8.8.8 64:ff9b::808:808 2002:808:808::1
    2001:4860:4860::8888
";

#[test]
fn r025_every_private_range_is_refused() {
    for refused in REFUSED.split_whitespace() {
        let address: IpAddr = refused.parse().expect(refused);
        assert!(!AddressScope::Public.permits(address), "{refused}");
        assert!(AddressScope::Any.permits(address), "{refused}");
    }
}

#[test]
fn public_addresses_are_reachable() {
    for public in PUBLIC.split_whitespace() {
        assert!(AddressScope::Public.permits(public.parse().expect(public)), "{public}");
    }
}

#[test]
fn only_the_named_origin_may_be_private() {
    let rule = AddressRule { named: Some(origin("http://127.0.0.1:8080/v")), allow_private: false };
    for (url, wanted) in [
        ("http://127.0.0.1:8080/other", Some(AddressScope::Any)),
        ("http://127.1:8080/", Some(AddressScope::Any)),
        ("http://127.0.0.1:8081/", None),
        ("https://127.0.0.1:8080/", None),
        ("http://127.0.0.1/", None),
        ("http://[::ffff:127.0.0.1]:8080/", None),
        ("http://2130706433/", None),
        ("http://0x7f.1/", None),
        ("http://[::ffff:7f00:1]/", None),
        ("http://169.254.169.254/latest", None),
        ("https://ads.example/", Some(AddressScope::Public)),
        ("http://ads.example:22/", None),
        ("http://8.8.8.8:6379/", None),
    ] {
        assert_eq!(rule.scope(&origin(url)).ok(), wanted, "{url}");
    }
}

#[test]
fn a_public_source_may_use_all_ports_of_its_host_but_no_private_address() {
    let rule = AddressRule { named: Some(origin("https://ads.example:8443/v")), allow_private: false };
    assert_eq!(rule.scope(&origin("http://ads.example:9000/")).ok(), Some(AddressScope::Public));
    assert!(rule.scope(&origin("http://other.example:9000/")).is_err());
    assert!(rule.scope(&origin("http://10.0.0.1/")).is_err());
    assert!(AddressRule::default().scope(&origin("http://10.0.0.1/")).is_err());
    let open = AddressRule { named: None, allow_private: true };
    assert_eq!(open.scope(&origin("http://10.0.0.1:22/")).ok(), Some(AddressScope::Any));
}

#[test]
fn the_refusal_names_the_host_and_the_reason() {
    let failure = AddressRule::default().scope(&origin("http://10.0.0.1/secret?token=1")).expect_err("private");
    assert_eq!(failure.error_type, ErrorType::BlockedAddress);
    assert_eq!(failure.message, "10.0.0.1 may not be reached from this ad: private");
}

#[test]
fn no_value_of_a_url_is_shown() {
    let cases = [
        ("https://a/v", "https://a/v"),
        ("https://a/v?x=1&y=2", "https://a/v?x=&y="),
        ("https://a/v?secret", "https://a/v?="),
        ("https://a/v?x=1=2&&y", "https://a/v?x=&=&="),
        ("https://u:p@a:8443/v?x=a@b/c", "https://a:8443/v?x="),
        ("https://u@v@a", "https://a"),
        ("//u:p@a/v#x=1", "//a/v"),
        ("/v/a@b?x=1#top?y", "/v/a@b?x="),
        ("ads/house.xml", "ads/house.xml"),
        ("", ""),
    ];
    for (url, shown) in cases {
        assert_eq!(redacted_url(url), shown, "{url}");
    }
}

#[test]
fn a_log_shows_no_query_and_no_segment_that_may_be_a_value() {
    let cases = [
        ("https://a/v", "https://a/v"),
        ("https://a", "https://a"),
        ("https://a?x", "https://a"),
        ("https://u:p@a:8443/v1/ads/12345/vast.xml?x=1#y", "https://a:8443/v1/ads/*/vast.xml"),
        ("https://a/8d8ac610-566d-4ef0-9c22-186b2a5ed793/v", "https://a/*/v"),
        ("https://a/203.0.113.77", "https://a/*"),
        ("https://a/1.1.1.1", "https://a/*"),
        ("https://a/TV%2F1", "https://a/*"),
        ("https://a/CPokAsAPokAsABEACBENC-gAAAAAAAAAAYgA", "https://a/*"),
        ("https://a/DBAA", "https://a/*"),
        ("/hop?ip=1.2.3.4", "/hop"),
        ("203.0.113.77/x", "*/x"),
        ("", ""),
    ];
    for (url, shown) in cases {
        assert_eq!(logged_url(url), shown, "{url}");
    }
}
