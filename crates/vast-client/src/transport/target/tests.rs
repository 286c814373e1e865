use super::*;

/// The text and the origin of a target, or the mistake.
fn shown(parsed: Result<Target, TargetError>) -> Result<(String, Origin, Uri), TargetError> {
    parsed.map(|target| (target.as_str().to_owned(), target.origin().clone(), target.uri().clone()))
}

#[test]
fn a_usual_url_is_the_target_that_the_general_parser_makes_of_it() {
    let authorities = [
        ("a.example", true),
        ("a.example:8080", true),
        ("127.0.0.1:1", true),
        ("127.0.0.1", true),
        ("a.example:443", true),
        ("a.example:80", false),
        ("a.example:080", false),
        ("a.example:08080", false),
        ("a.example:99999", false),
        ("a.example:", false),
        ("u@a.example:8080", false),
        ("u:1@a.example", false),
        ("A.example", false),
        ("127.1:8080", false),
        ("[::1]:8080", false),
        ("", false),
        (":8080", false),
    ];
    let (long, longer) = ("x".repeat(60_000), "x".repeat(70_000));
    let tails = [
        ("/v?x", true),
        ("/", true),
        ("/v?m=[MACRO]&{y}|!$'()*+,;=:@%zz~", true),
        (&*format!("/{long}"), true),
        (&*format!("/{longer}"), true),
        ("", false),
        ("?x", false),
        ("/v#fragment", false),
        ("/a b", false),
        ("/a\"<>\\^`", false),
        ("/\u{e9}", false),
        ("/\u{7f}", false),
        ("/v ", false),
        ("/v\n", false),
    ];
    for (authority, is_canonical) in authorities {
        for (tail, is_sent) in tails {
            let url = format!("http://{authority}{tail}");
            let (usual, any) = (Target::parse_usual(&url, None), Target::parse_any(&url, None));
            let shown_url = url.get(..80).unwrap_or(&url);
            assert_eq!(usual.is_some(), is_canonical && is_sent, "{shown_url}");
            assert_eq!(shown(usual.unwrap_or_else(|| any.clone())), shown(any.clone()), "{shown_url}");
            if let Ok(target) = any {
                assert!(target.as_str().starts_with(&target.origin().to_string()), "{shown_url}");
            }
        }
    }
    for url in ["https://a.example:80/", "HTTPS://a.example/", " https://a.example/", "//a.example/", "ftp://a/", "x"] {
        let is_usual = Target::parse_usual(url, None).is_some();
        assert_eq!(is_usual, url.starts_with("https://"), "{url}");
    }
}

#[test]
fn a_url_at_the_origin_of_its_base_is_the_target_that_the_general_parser_makes_of_it() {
    let authorities =
        ["a.example", "a.example:8080", "127.0.0.1:1", "[::1]:8080", "A.example", "a.example:80", "u@a.example"];
    let others = ["a.example.b", "a.example:80801", "a.exampl", "a.example@b", "a.example:8080@b", "127.0.0.1:11"];
    let tails = ["/v?x", "/", "", "?x", "#x", "\\v", "/a b", "/v#x", "@b/v", ":1/v"];
    let base = Target::parse("http://a.example/", None).expect("a URL");
    for length in (8_190..8_195).chain(65_530..65_540) {
        let url = format!("http://a.example/{}", "x".repeat(length - "http://a.example/".len()));
        assert_eq!(shown(Target::parse(&url, Some(&base))), shown(Target::parse_any(&url, None)), "{length} bytes");
    }
    for scheme in ["http", "https"] {
        for base in authorities {
            let base = Target::parse(&format!("{scheme}://{base}/folder/v?x=/y"), None).expect("a URL");
            for authority in authorities.iter().chain(&others) {
                for url in tails.map(|tail| format!("http://{authority}{tail}")) {
                    let expected = shown(Target::parse_any(&url, Some(&base)));
                    assert_eq!(shown(Target::parse(&url, Some(&base))), expected, "{url} in {base}");
                    let at_origin = url.starts_with(&format!("{}/", base.origin())) && !url.contains(['#', ' ']);
                    assert!(!at_origin || Target::parse_usual(&url, Some(&base)).is_some(), "{url} in {base}");
                }
            }
        }
    }
}

/// A table for bytes must not differ from the set of the encoder.
#[test]
fn a_byte_is_sent_as_it_is_unless_the_encoder_changes_it() {
    for byte in 0..=255_u8 {
        let text = [byte];
        let is_encoded =
            std::str::from_utf8(&text).map_or(true, |text| utf8_percent_encode(text, UNSENDABLE).to_string() != text);
        assert_eq!(IS_SENT[usize::from(byte)], !is_encoded && byte != b'#', "{byte}");
    }
}

#[test]
fn a_plain_host_is_the_host_that_the_parser_reads() {
    let hosts = [
        "a.example",
        "localhost",
        "x-1.y2.example",
        "1.2.3.4",
        "127.0.0.1",
        "255.255.255.255",
        "0.0.0.0",
        "a-.b",
        "-a.b",
        "1a.b2c",
    ];
    for host in hosts {
        assert_eq!(plain_host(host), Host::parse(host).ok(), "{host}");
        assert!(plain_host(host).is_some(), "{host}");
    }
    let others = [
        "",
        ".",
        "a.",
        ".a",
        "a..b",
        "xn--a.example",
        "a--b.c",
        "A.example",
        "é.example",
        "a_b.c",
        "1.2.3",
        "01.2.3.4",
        "0x7f.1",
        "a.0x1",
        "a.1",
        "1.2.3.256",
        "[::1]",
        "a b",
        "a%2eb",
    ];
    for host in others {
        assert_eq!(plain_host(host), None, "{host}");
    }
}
