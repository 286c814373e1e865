//! Conversion to other versions, and added trackers.

use crate::binary::{RunResult, vast};

const NEW: &str = include_str!("../../../../fixtures/xml/inline-4.2.xml");
const HOUSE: &str = include_str!("house.xml");
const VMAP: &str = include_str!("../../../../fixtures/xml/vmap-1.0.xml");
const POD: &str = include_str!("../../../../fixtures/xml/pod-3.0.xml");

fn parse(input: &str, arguments: &[&str]) -> RunResult {
    let all: Vec<&str> = ["parse", "-", "--format", "xml"].iter().chain(arguments).copied().collect();
    vast(&all).input(input).run()
}

#[test]
fn the_source_text_is_printed_unchanged() {
    let odd = "\u{feff}<?xml version='1.0' encoding='utf-8'?>\r\n<!-- note -->\n<VAST  version='3.0' >\t<ad  id = \"a\" ><Inline></Inline></ad>\n</VAST>";
    for document in [NEW, HOUSE, POD, VMAP, odd] {
        assert_eq!(parse(document, &[]).stdout, document.trim_start_matches('\u{feff}'));
    }
    let latin = b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><VAST version='3.0'><!-- caf\xe9 --></VAST>";
    let ended = vast(&["parse", "-", "--format", "xml"]).input(*latin).run();
    assert_eq!(ended.stdout, "<?xml version=\"1.0\" encoding=\"UTF-8\"?><VAST version='3.0'><!-- café --></VAST>");
}

#[test]
fn the_canonical_form_is_printed_when_asked_for() {
    let document = "<VAST version='3.0'><Ad><InLine><AdTitle>t</AdTitle><AdSystem>s</AdSystem></InLine></Ad></VAST>";
    let written = parse(document, &["--canonical"]).stdout;
    let (system, title) = (written.find("      <AdSystem><![CDATA[s]]>"), written.find("      <AdTitle><![CDATA[t]]>"));
    assert!(system.is_some() && system < title, "{written}");
    assert_eq!(parse(&written, &["--canonical"]).stdout, written);
    let playlist = parse(VMAP, &["--canonical"]).stdout;
    assert!(playlist.contains("<vmap:AdBreak "), "{playlist}");
    let refused = vast(&["parse", "-", "--canonical"]).input(document).run();
    assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""), "{refused:?}");
    assert!(refused.stderr.contains("--canonical: needs --format xml"), "{refused:?}");
}

#[test]
fn a_conversion_lists_its_losses() {
    let ended = parse(NEW, &["--to-version", "2.0"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stdout.contains("<VAST version=\"2.0\"") && ended.stdout.contains("AdID=\""), "{}", ended.stdout);
    let losses: Vec<&str> = ended.stderr.lines().collect();
    assert!(
        losses.contains(&"to 2.0: VAST/Ad[1]/InLine/Creatives/Creative[1]/Linear@skipoffset: dropped"),
        "{losses:?}"
    );
    assert!(losses.iter().all(|line| line.ends_with(": dropped")), "{losses:?}");
    let all = parse(NEW, &["--to-version", "2.0", "--verbose"]);
    let moved = "to 2.0: VAST/Ad[1]/InLine/AdVerifications: moved to the extension `AdVerifications`";
    assert!(all.stderr.lines().any(|line| line == moved), "{}", all.stderr);
    assert_eq!(all.stdout, ended.stdout);
}

#[test]
fn converting_twice_is_converting_once() {
    let once = parse(NEW, &["--to-version", "3.0"]);
    let twice = parse(&once.stdout, &["--to-version", "3.0", "--verbose"]);
    assert_eq!((twice.stdout, twice.stderr), (once.stdout, String::new()));
}

#[test]
fn many_losses_are_counted() {
    let creative = "<Creative><Linear skipoffset=\"5%\"><Duration>00:00:15</Duration></Linear></Creative>";
    let many = format!(
        "<VAST version=\"4.2\"><Ad><InLine><Creatives>{}</Creatives></InLine></Ad></VAST>",
        creative.repeat(60)
    );
    let ended = parse(&many, &["--to-version", "2.0"]);
    let lines: Vec<&str> = ended.stderr.lines().collect();
    assert_eq!((lines.len(), lines[20]), (21, "to 2.0: and 40 more, which --verbose lists"), "{lines:?}");
}

#[test]
fn trackers_go_into_every_ad_of_a_pod() {
    let arguments = [
        "--inject-impression",
        "https://own.example/seen?cb=[CACHEBUSTING]",
        "--inject-tracking",
        "complete=https://own.example/end",
    ];
    let with = parse(POD, &arguments).stdout;
    let ads = POD.matches("<Ad ").count();
    assert!(ads > 1);
    assert_eq!(with.matches("<![CDATA[https://own.example/seen?cb=[CACHEBUSTING]]]>").count(), ads, "{with}");
    let linears = POD.matches("<Linear").count();
    let tracker = "<Tracking event=\"complete\"><![CDATA[https://own.example/end]]>";
    assert_eq!(with.matches(tracker).count(), linears, "{with}");
    let impression = "<Impression><![CDATA[https://own.example/seen?cb=[CACHEBUSTING]]]></Impression>";
    let tracking = format!("{tracker}</Tracking>");
    let events = format!("<TrackingEvents>{tracking}</TrackingEvents>");
    let lines = format!("\n      <TrackingEvents>\n        {tracking}\n      </TrackingEvents>");
    assert_eq!(with.replace(impression, "").replace(&events, "").replace(&lines, ""), POD, "nothing else changes");
}

#[test]
fn a_request_is_answered_in_the_version_that_the_player_speaks() {
    let arguments =
        ["request", "-", "--format", "xml", "--to-version", "2.0", "--inject-impression", "https://own.example/i"];
    let ended = vast(&arguments).input(NEW).run();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(
        ended.stdout.contains("<VAST version=\"2.0\"") && ended.stdout.contains("https://own.example/i"),
        "{ended:?}"
    );
    let none = vast(&arguments).input("<VAST version=\"4.2\"/>").run();
    assert_eq!((none.code, none.stdout.lines().nth(1)), (Some(1), Some("<VAST version=\"2.0\"/>")), "{none:?}");
}

#[test]
fn wrong_versions_and_trackers_are_named() {
    let cases: &[(&[&str], &str)] = &[
        (
            &["--format", "xml", "--to-version", "5.0"],
            "'--to-version <VERSION>': write one of 2.0, 3.0, 4.0, 4.1, 4.2, 4.3",
        ),
        (&["--to-version", "3.0"], "--to-version: needs --format xml"),
        (&["--format", "json", "--inject-impression", "https://a.example"], "--inject-impression: needs --format xml"),
        (&["--format", "xml", "--inject-impression", "a.example"], "write a URL that begins with https://"),
        (&["--format", "xml", "--inject-tracking", "https://a.example"], "write EVENT=URL"),
        (
            &["--format", "xml", "--inject-tracking", "begin=https://a.example"],
            "`begin` is not an event of the standard",
        ),
        (&["--format", "xml", "--inject-tracking", "progress=https://a.example"], "a progress tracker needs a time"),
    ];
    for command in ["parse", "request"] {
        for (arguments, complaint) in cases {
            let all: Vec<&str> = [command, "-"].iter().chain(*arguments).copied().collect();
            let ended = vast(&all).input(NEW).run();
            assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
            assert!(ended.stderr.starts_with("error: ") && ended.stderr.contains(complaint), "{complaint}: {ended:?}");
        }
    }
}

#[test]
fn r190_several_ads_of_an_answer_are_a_pod_in_order_of_play_and_one_stands_alone() {
    let sequences = |arguments: &[&str]| {
        let all: Vec<&str> = ["request", "-", "--format", "xml"].iter().chain(arguments).copied().collect();
        let ad = HOUSE.split_once("<Ad").and_then(|(_, ad)| ad.split_once("</Ad>")).expect("an ad").0;
        let of = |sequence: u8| format!("<Ad sequence=\"{sequence}\"{ad}</Ad>");
        let ended = vast(&all).input(format!("<VAST version=\"3.0\">{}{}</VAST>", of(7), of(3))).run();
        let ads = ended.stdout.lines().filter(|line| line.trim_start().starts_with("<Ad "));
        let sequence = |line: &str| line.split_once("sequence=\"").map(|(_, behind)| behind[..1].to_owned());
        ads.map(sequence).collect::<Vec<_>>()
    };
    let pod = sequences(&[]);
    assert!(pod.len() > 1, "{pod:?}");
    let expected: Vec<_> = (1..=pod.len()).map(|position| Some(position.to_string())).collect();
    assert_eq!(pod, expected);
    assert_eq!(sequences(&["--max-ads", "1"]), [None]);
}
