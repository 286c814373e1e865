//! Documents that are made to be expensive. The number and the size of the findings are limited.

use crate::rules::{form, report};
use vast_check::{CheckOptions, Report, check};

/// The largest document that is permitted.
const LARGEST: usize = 4 << 20;

fn filled(head: &str, piece: &str, tail: &str) -> String {
    let room = LARGEST - head.len() - tail.len();
    format!("{head}{}{tail}", piece.repeat(room / piece.len()))
}

fn documents() -> Vec<(&'static str, String)> {
    let inline = "<VAST version='4.2'><Ad><InLine><AdSystem>a</AdSystem>";
    let end = "</InLine></Ad></VAST>";
    let vmap = "<VMAP version='1.0'><AdBreak><AdSource><VASTAdData>";
    let vmap_end = "</VASTAdData></AdSource></AdBreak></VMAP>";
    // As long as a text may be, so that no limit of the parser ends the check early.
    let text = |piece: &str| {
        let element = format!("<Error>https://e.example/{}</Error>", piece.repeat(250_000 / piece.len()));
        filled(inline, &element, end)
    };
    let long = format!("<{0}>{1}</{0}>", "n".repeat(2_000), "<b/>".repeat(20));
    let nested = format!("{}{}", format!("<{}>", "d".repeat(60_000)).repeat(30), "</x>");
    vec![
        ("macros in one text", text("[CACHEBUSTNG]")),
        ("macros in many", filled(inline, "<x>https://e/[CACHEBUSTNG][A_B]</x>", end)),
        ("macros of many", text("[A_B]")),
        ("brackets", text("[[[[")),
        ("percent signs", text("%5B%5")),
        ("ampersands", text("&")),
        ("entities", text("&amp;")),
        ("unknown elements", filled(inline, "<x/>", end)),
        ("long names", filled(inline, &long, end)),
        ("deep long names", filled(inline, &nested, end)),
        ("attributes", filled("<VAST version='4.2' ", "a='b' ", "/>")),
        ("a long line without end", filled("<VAST", " ", "")),
        (
            "wrappers of a playlist",
            filled(
                &format!("{vmap}<VAST version='4.2'>"),
                "<Ad sequence='1'><Wrapper fallbackOnNoAd='1'/></Ad>",
                &format!("</VAST>{vmap_end}"),
            ),
        ),
        (
            "documents of a playlist",
            filled(vmap, "<VAST version='4.2'><Ad sequence='1'><InLine><Error/></InLine></Ad></VAST>", vmap_end),
        ),
        ("deep playlist", filled("<VMAP version='1.0'>", "<Linear skipoffset='101%'>", "")),
        ("impressions", filled(inline, "<Impression>https://i.example/a</Impression>", end)),
        ("ads", filled("<VAST version='4.2'>", "<Ad sequence='1'><InLine/></Ad>", "</VAST>")),
    ]
}

#[test]
fn what_a_document_costs_is_bounded() {
    for (name, document) in documents() {
        assert!(document.len() <= LARGEST && document.len() > LARGEST / 2, "{name}");
        let report: Report = check(document.as_bytes(), &CheckOptions::default());
        assert!(report.findings.len() <= 1_000, "{name}");
        let longest = report.findings.iter().map(|finding| finding.message.len()).max().unwrap_or_default();
        assert!(longest <= 600, "{name}: a message of {longest} bytes");
    }
}

#[test]
fn of_too_many_the_worst_are_kept_and_all_are_counted() {
    let document =
        form(&format!("@head{}<Expires>x</Expires>@tail", "<Error>https://e/[A_B]</Error>".repeat(50)), true);
    let all = report(&document);
    let few = check(document.as_bytes(), &CheckOptions { findings: 5, ..CheckOptions::default() });
    assert_eq!(few.findings.len(), 5);
    for severity in vast_check::Severity::ALL {
        assert_eq!(few.count(severity), all.count(severity), "{severity}");
    }
    let errors = all.count(vast_check::Severity::Error).min(5);
    assert_eq!(few.findings.iter().filter(|finding| finding.severity == vast_check::Severity::Error).count(), errors);
    assert_eq!(few.findings.len() + few.omitted.iter().sum::<usize>(), all.findings.len());
}
