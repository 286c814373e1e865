//! vastlint-core together with our rules: known mistakes of the pinned release are left out, its other findings are
//! unchanged, and no finding is reported twice.

use vast_check::{CheckOptions, Finding, FoundBy, Remark, Report, check};

fn report(document: &str) -> Report {
    check(document.as_bytes(), &CheckOptions::default())
}

fn of<'a>(report: &'a Report, rule: &str) -> Vec<&'a Finding> {
    report.findings.iter().filter(|finding| finding.rule == rule).collect()
}

fn inline(version: &str, body: &str) -> String {
    format!(
        "<VAST version='{version}'><Ad id='1'><InLine><AdSystem version='1'>a</AdSystem><AdTitle>Shoes</AdTitle>{body}</InLine></Ad></VAST>"
    )
}

/// A mistake of the release: a document with a false finding of a rule, and a document with a correct finding of the
/// same rule.
struct Mistake {
    rule: &'static str,
    wrong: String,
    right: String,
}

fn mistakes() -> Vec<Mistake> {
    let impression =
        |name: &str| inline("4.2", &format!("<Impression><![CDATA[https://i.example/[{name}]]]></Impression>"));
    let linear = |version: &str| {
        inline(version, "<Creatives><Creative><Linear><CreativeExtensions/></Linear></Creative></Creatives>")
    };
    let advertiser = |attribute: &str| inline("4.2", &format!("<Advertiser {attribute}='1'>a</Advertiser>"));
    let companion = |version: &str| {
        let companion = "<Companion width='1' height='1' adSlotID='s'/>";
        inline(
            version,
            &format!("<Creatives><Creative><CompanionAds>{companion}</CompanionAds></Creative></Creatives>"),
        )
    };
    let verification = |version: &str, name: &str| {
        let child = format!("<{name}>https://v.example</{name}>");
        inline(version, &format!("<AdVerifications><Verification vendor='v'>{child}</Verification></AdVerifications>"))
    };
    let names = [
        "CLICKTYPE",
        "CONTENTCAT",
        "DSAPARAMS",
        "DSAPUBRENDER",
        "DSAREQUIRED",
        "GPPSECTIONID",
        "GPPSTRING",
        "PLAYBACKMETHODS",
        "STOREID",
        "STOREURL",
    ];
    let unknown = names.map(|name| Mistake {
        rule: "VAST-2.0-macro-unknown",
        wrong: impression(name),
        right: impression("NOBODYS"),
    });
    let others = [
        Mistake {
            rule: "VAST-4.1-macro-deprecated",
            wrong: impression("MEDIAPLAYHEAD"),
            right: impression("CONTENTPLAYHEAD"),
        },
        Mistake { rule: "VAST-2.0-linear-unknown-child", wrong: linear("3.0"), right: linear("4.2") },
        Mistake { rule: "VAST-2.0-unknown-attribute", wrong: advertiser("id"), right: advertiser("name") },
        Mistake { rule: "VAST-2.0-unknown-attribute", wrong: companion("4.0"), right: companion("4.2") },
        Mistake {
            rule: "VAST-4.0-verification-unknown-child",
            wrong: verification("4.0", "FlashResource"),
            right: verification("4.2", "FlashResource"),
        },
        Mistake {
            rule: "VAST-4.0-verification-unknown-child",
            wrong: verification("4.0", "ViewableImpression"),
            right: verification("4.0", "Viewable"),
        },
    ];
    unknown.into_iter().chain(others).collect()
}

#[test]
fn each_mistake_is_made_by_the_pinned_release_and_left_out_by_us() {
    for Mistake { rule, wrong, right } in mistakes() {
        let theirs = |document: &str| vastlint_core::validate(document).issues.iter().any(|issue| issue.id == rule);
        assert!(theirs(&wrong), "{rule} is mended in {}: take it off the list\n{wrong}", vastlint_core::VERSION);
        assert!(of(&report(&wrong), rule).is_empty(), "{rule} is not left out: {wrong}");
        assert_eq!(
            (theirs(&right), of(&report(&right), rule).len()),
            (true, 1),
            "{rule} is left out where it is right: {right}"
        );
    }
}

/// vastlint-core trims and joins the parts of a text between entities. It therefore misses findings, but it reports no
/// false ones.
#[test]
fn blanks_beside_entities_are_lost_in_vastlint() {
    let document = inline("4.2", "<Impression>https://i.example/?a=[TIMESTAMP] &amp;b</Impression>");
    let hidden = |document: &str| {
        !vastlint_core::validate(document).issues.iter().any(|issue| issue.id == "VAST-2.0-macro-uri-unencoded")
    };
    assert!(hidden(&document) && !hidden(&document.replace("&amp;", "")), "mended: this remark can go");
}

/// vastlint-core refuses white space before the XML declaration, which players accept. It therefore receives the
/// document without this white space.
#[test]
fn blanks_before_the_declaration_do_not_stop_vastlint() {
    let document = format!("\n  <?xml version='1.0'?>\n{}", inline("4.2", ""));
    assert_eq!(vastlint_core::validate(&document).issues[0].id, "VAST-2.0-parse-error");
    let found = report(&document);
    let missing = of(&found, "VAST-2.0-inline-impression");
    let place = missing[0].span.expect("a place").start;
    assert_eq!((&document[place.offset..place.offset + 8], place.line), ("<InLine>", 3));
    assert_eq!(of(&found, "VC-blank-before-declaration").len(), 1);
    assert!(of(&found, "VAST-2.0-parse-error").is_empty());
}

/// vastlint-core refuses any document type declaration. Our reader ignores a declaration that declares nothing, so
/// vastlint-core receives the document without it.
#[test]
fn a_harmless_doctype_does_not_stop_vastlint() {
    let document = format!("<?xml version='1.0'?>\n<!DOCTYPE\nVAST>\n{}", inline("4.2", ""));
    assert_eq!(vastlint_core::validate(&document).issues[0].id, "VAST-2.0-parse-error");
    let found = report(&document);
    let missing = of(&found, "VAST-2.0-inline-impression");
    let place = missing[0].span.expect("a place").start;
    assert_eq!((&document[place.offset..place.offset + 8], place.line), ("<InLine>", 4));
    assert_eq!(of(&found, "VC-harmless-doctype").len(), 1);
    assert!(of(&found, "VAST-2.0-parse-error").is_empty());
    assert!(!found.remarks.contains(&Remark::NotWellFormed));
}

#[test]
fn it_does_not_know_vast_one() {
    let document = include_str!("../../../../fixtures/xml/template-1.0-inline.xml");
    assert_eq!(vastlint_core::validate(document).issues[0].id, "VAST-2.0-root-element");
    let found = report(document);
    assert!(found.findings.iter().all(|finding| finding.origin != FoundBy::Vastlint));
    assert_eq!(found.remarks, [Remark::VastOne]);
}

/// vastlint-core would guess a version and report that the document declares this version.
#[test]
fn a_version_that_vastlint_does_not_know_is_replaced_by_a_known_one() {
    let tracking = "<Creatives><Creative><Linear><TrackingEvents><Tracking event='progress' offset='00:00:01'>https://t.example\
                    </Tracking></TrackingEvents><MediaFiles><MediaFile/></MediaFiles></Linear></Creative></Creatives>";
    let document = inline("3.0+", tracking);
    let says = |message: &str| message.contains("This document declares 2.0");
    assert!(vastlint_core::validate(&document).issues.iter().any(|issue| says(issue.message)), "mended: this can go");
    assert!(!report(&document).findings.iter().any(|finding| says(&finding.message)));
    assert_eq!(of(&report(&document), "VAST-2.0-root-version-value").len(), 1);
}

#[test]
fn ids_severities_messages_and_sections_are_unchanged() {
    let document = include_str!("../../../../fixtures/xml/empty-elements.xml");
    let theirs = vastlint_core::validate(document).issues;
    let found = report(document);
    let mut expected: Vec<_> = theirs
        .iter()
        .map(|issue| (issue.id, issue.severity.as_str(), issue.message.to_owned(), issue.spec_ref))
        .collect();
    let ours = found.findings.iter().filter(|finding| finding.origin == FoundBy::Vastlint);
    let mut seen: Vec<_> = ours
        .map(|finding| (finding.rule, finding.severity.as_str(), finding.message.clone(), finding.section))
        .collect();
    expected.sort();
    seen.sort();
    assert!(expected.len() > 10);
    assert_eq!(seen, expected);
}

#[test]
fn a_mistake_that_both_find_is_reported_once_with_our_note_and_position() {
    let cases = [
        (inline("4.2", ""), "VAST-2.0-inline-impression", "<InLine> without <Impression>", "<InLine>"),
        (
            inline("4.2", "<Expires>soon</Expires>"),
            "VAST-4.1-expires-integer",
            "Expires \"soon\" makes no sense",
            "<Expires>",
        ),
        (
            inline("4.2", "<Impression><![CDATA[https://i.example/[ERRORCODE]]]></Impression>"),
            "VAST-2.0-macro-wrong-context",
            "[ERRORCODE] means nothing here: it belongs into <Error>",
            "[ERRORCODE]",
        ),
        (
            inline("4.2", "<Impression>https://i.example</Impression><Impression>https://i.example</Impression>"),
            "VAST-2.0-duplicate-impression",
            "<Impression> with a URL that was given before",
            "https://i.example",
        ),
        (
            inline("4.2", "<AdTitle>again</AdTitle>"),
            "VAST-2.0-duplicate-singular-element",
            "<AdTitle> stands again",
            "<AdTitle>",
        ),
    ];
    for (document, rule, note, marked) in cases {
        let found = report(&document);
        let [finding] = of(&found, rule)[..] else { panic!("{rule}: {found:#?}") };
        let span = finding.span.expect("a place");
        assert_eq!(finding.note.as_deref(), Some(note));
        assert_eq!(&document[span.start.offset..span.end.offset], marked, "{rule}");
        assert!(!found.findings.iter().any(|other| other.message == note), "{found:#?}");
    }
}

#[test]
fn an_undeclared_prefix_of_a_playlist_is_reported_once() {
    let cases = [
        ("vmap:VMAP", "", &["VC-undeclared-prefix"][..]),
        ("VMAP", "", &["VMAP-1.0-root-namespace"]),
        // The prefix of an attribute says nothing about the namespace of the root.
        ("VMAP", "xsi:a='1'", &["VC-undeclared-prefix", "VMAP-1.0-root-namespace"]),
        ("vmap:VMAP", "xmlns:vmap='http://other.example'", &["VMAP-1.0-root-namespace"]),
        ("vmap:VMAP", "xmlns:vmap='http://www.iab.net/videosuite/vmap'", &[]),
    ];
    for (root, attributes, expected) in cases {
        let found = report(&format!("<{root} version='1.0' {attributes}></{root}>"));
        let rules = found.findings.iter().map(|finding| finding.rule);
        let about: Vec<&str> = rules.filter(|rule| rule.contains("prefix") || rule.contains("namespace")).collect();
        assert_eq!(about, expected, "{root} {attributes}");
    }
}

#[test]
fn a_finding_that_vastlint_reports_twice_is_reported_once() {
    let icon = |attributes: &str| {
        format!(
            "<Creatives><Creative><Linear><Icons><Icon {attributes}><StaticResource>https://i.example</StaticResource></Icon></Icons></Linear></Creative></Creatives>"
        )
    };
    let without_height = inline("3.0", &icon("program='a' width='1' xPosition='1' yPosition='1'"));
    let theirs = vastlint_core::validate(&without_height).issues;
    assert!(theirs.iter().any(|issue| issue.id == "VAST-3.0-icon-attrs"), "mended: this can go");
    let found = report(&without_height);
    assert_eq!((of(&found, "VAST-3.0-icon-attrs").len(), of(&found, "VAST-3.0-icon-height").len()), (0, 1));
    let without_program = inline("3.0", &icon("width='1' height='1' xPosition='1' yPosition='1'"));
    assert_eq!(of(&report(&without_program), "VAST-3.0-icon-attrs").len(), 1);
}

#[test]
fn two_findings_of_one_rule_keep_their_notes() {
    let document = inline("4.2", "<Expires>1</Expires><Expires>2</Expires><AdTitle>again</AdTitle>");
    let found = report(&document);
    let findings = of(&found, "VAST-2.0-duplicate-singular-element");
    let said: Vec<_> = findings.iter().map(|finding| (&finding.message[..32], finding.note.as_deref())).collect();
    assert_eq!(
        said,
        [
            ("<InLine> has more than one <Expi", Some("<Expires> stands again")),
            ("<InLine> has more than one <AdTi", Some("<AdTitle> stands again")),
        ]
    );
}

#[test]
fn two_equal_findings_keep_their_positions() {
    let document = inline("4.2", "<Error><![CDATA[https://e.example/[A_B]-[C_D]]]></Error>");
    let found = report(&document);
    let columns = |rule: &str| of(&found, rule).iter().map(|finding| finding.note.is_some()).collect::<Vec<_>>();
    assert_eq!((columns("VAST-2.0-macro-unknown"), columns("VC-macro-unknown")), (vec![true], vec![false]));
}

#[test]
fn positions_of_vastlint_in_another_text_are_not_used() {
    // Without its five escapes, the second ad would be at the position of the first ad. Our reader does not treat this
    // document as escaped, because the first quotes in it are not escaped.
    let document = r#"<?xml version="1.0"?>\n<VAST id="1" version=\"3.0\" x=\"\"><Ad/><Ad/></VAST>"#;
    assert_eq!(vastlint_core::validate(document).issues[0].id, "VAST-2.0-json-escaped");
    let theirs = report(document);
    let theirs: Vec<_> = theirs.findings.iter().filter(|finding| finding.origin == FoundBy::Vastlint).collect();
    assert!(theirs.len() > 1 && theirs.iter().all(|finding| finding.span.is_none()), "{theirs:#?}");
}

#[test]
fn malformed_xml_is_reported_with_its_position_only() {
    let document = inline("4.2", "<Error>https://e.example/?a&b</Error>");
    let found = report(&document);
    assert!(of(&found, "VAST-2.0-parse-error").is_empty());
    assert_eq!(
        (of(&found, "VC-dangling-ampersand").len(), found.remarks.as_slice()),
        (1, &[Remark::NotWellFormed][..])
    );
}

#[test]
fn a_rule_that_nearly_every_document_breaks_comes_last() {
    let document = inline("4.2", "<Impression>about:blank</Impression>").replace(" version='1'>a", ">a");
    let found = report(&document);
    let rules: Vec<&str> = found.findings.iter().map(|finding| finding.rule).collect();
    assert_eq!(rules.last(), Some(&"VAST-2.0-adsystem-no-version"), "{rules:?}");
    assert!(rules.contains(&"VC-placeholder-impressions"), "of the lowest severity, and behind it: {rules:?}");
}

/// vastlint-core names only the path `Error[2]`: the third child, or the third `Error`.
#[test]
fn findings_about_empty_and_invalid_urls_mark_the_elements_that_they_can_concern() {
    let urls = "<Error>no url</Error><Error>https://e.example</Error><Error></Error><Impression>https://i.example</Impression>";
    let document = inline("4.2", urls);
    let found = report(&document);
    for (rule, marked) in [("VAST-2.0-url-empty", "<Error></Error>"), ("VAST-2.0-url-invalid", "<Error>no url")] {
        let findings = of(&found, rule);
        let [finding] = findings[..] else { panic!("{rule}: {found:#?}") };
        let start = finding.span.map(|span| span.start.offset);
        assert_eq!(start, document.find(marked), "{rule}");
    }
}
