//! Edits of the text: every byte that was not edited stays.

use crate::read::fixtures;
use crate::samples;
use proptest::prelude::*;
use vast_xml::edit::{EditError, Editor, ElementId, NewElement, TrackerKind, source_text};
use vast_xml::model::{Event, Vast};
use vast_xml::vmap::AdData;
use vast_xml::{AnyDocument, Injection, ParseOptions, WarningCode, parse, parse_any, write};

/// How many elements of a document are tried at most.
const ELEMENTS: usize = 60;

fn open(text: &str) -> Editor {
    Editor::new(text.as_bytes(), &ParseOptions::default()).expect(text)
}

/// Every fixture and sample that can be edited, with its text.
fn documents() -> Vec<(String, Vec<u8>)> {
    let all = fixtures().into_iter().chain(samples::contents());
    all.filter(|(_, bytes)| Editor::new(bytes, &ParseOptions::default()).is_ok()).collect()
}

fn all(editor: &Editor) -> Vec<ElementId> {
    let (mut found, mut waiting) = (Vec::new(), vec![editor.root()]);
    while let Some(next) = waiting.pop() {
        found.push(next);
        waiting.extend(editor.children(next));
    }
    let step = found.len().div_ceil(ELEMENTS).max(1);
    found.into_iter().step_by(step).collect()
}

#[test]
fn without_edits_every_byte_stays() {
    let documents = documents();
    assert!(documents.len() > 40, "{}", documents.len());
    for (name, bytes) in documents {
        let editor = Editor::new(&bytes, &ParseOptions::default()).expect("read before");
        assert_eq!(editor.finish(), source_text(&bytes, None), "{name}");
    }
}

/// The text that was inserted, if the rest of both texts is the same.
fn inserted<'t>(before: &str, after: &'t str) -> Option<&'t str> {
    let same = before.bytes().zip(after.bytes()).take_while(|(one, other)| one == other).count();
    let tail = before.len() - same;
    let added = after.len().checked_sub(before.len())?;
    after.ends_with(&before[same..]).then(|| &after[same..after.len() - tail]).filter(|text| text.len() == added)
}

#[test]
fn an_insertion_changes_nothing_else_and_removing_it_gives_the_same_bytes() {
    let mut tried = 0;
    for (name, bytes) in documents() {
        let text = source_text(&bytes, None).into_owned();
        for id in all(&open(&text)) {
            let mut editor = open(&text);
            let Ok(_) = editor.insert(id, NewElement::new("Inserted").attribute("a", "1").text("x<y")) else {
                continue;
            };
            let edited = editor.finish();
            let mut again = open(&edited);
            let new = all_named(&again, "Inserted");
            assert_eq!(new.len(), 1, "{name}: {edited}");
            again.remove(new[0]).expect("it is there");
            let removed = again.finish();
            let ends = |text: &str| text.matches("</").count() + text.matches("&lt;/").count();
            let is_opened = ends(&removed) > ends(&text);
            // An element without an end tag gets one when it is edited.
            let closed = |text: &str| {
                let (end, escaped_end) =
                    (format!("></{}>", editor.name(id)), format!("&gt;&lt;/{}&gt;", editor.name(id)));
                let text: String = text.split_whitespace().collect();
                text.replace(&end, "/>").replace(&escaped_end, "/&gt;")
            };
            assert!(removed == text || is_opened && closed(&removed) == closed(&text), "{name}: {removed}\n\n{edited}");
            assert!(is_opened || inserted(&text, &edited).is_some(), "{name}: {edited}");
            tried += 1;
        }
    }
    assert!(tried > 500, "{tried}");
}

fn all_named(editor: &Editor, name: &str) -> Vec<ElementId> {
    editor.find(editor.root(), name)
}

#[test]
fn attributes_and_texts_are_changed_and_changed_back() {
    let mut tried = 0;
    for (name, bytes) in documents() {
        let text = source_text(&bytes, None).into_owned();
        for id in all(&open(&text)) {
            let mut editor = open(&text);
            editor.set_attribute(id, "inserted", "a\"b<c>'&\n").expect("an element");
            let edited = editor.finish();
            assert!(inserted(&text, &edited).is_some(), "{name}: {edited}");
            let mut again = open(&edited);
            assert_eq!(again.attribute(id, "inserted").as_deref(), Some("a\"b<c>'&\n"), "{name}: {edited}");
            again.remove_attribute(id, "inserted").expect("an element");
            assert_eq!(again.finish(), text, "{name}");

            let old = editor.text(id);
            if editor.children(id).next().is_some() || old.is_empty() || editor.set_text(id, "new]]>&text").is_err() {
                continue;
            }
            let mut again = open(&editor.finish());
            assert_eq!(again.text(id), "new]]>&text", "{name}: {}", editor.finish());
            again.remove_attribute(id, "inserted").expect("an element");
            again.set_text(id, &old).expect("a text");
            let back = again.finish();
            assert_eq!(open(&back).text(id), old, "{name}: {back}");
            let is_simple = !text.contains("&#") && !text.contains("]]><![CDATA[") && !old.contains('&');
            assert!(back == text || !is_simple, "{name}: {old}\n{back}");
            tried += 1;
        }
    }
    assert!(tried > 300, "{tried}");
}

/// The canonical forms of all VAST documents in this document.
fn canonical(document: AnyDocument, change: impl Fn(&mut Vast)) -> Vec<String> {
    let mut found: Vec<Vast> = match document {
        AnyDocument::Vast(document) => vec![document.vast],
        AnyDocument::Vmap(document) => {
            let data = document.vmap.breaks.into_iter().filter_map(|one| one.source?.data);
            let vast = data.filter_map(|data| match data {
                AdData::Vast(vast) => Some(*vast),
                _ => None,
            });
            vast.collect()
        }
    };
    found.iter_mut().for_each(change);
    found.iter().map(write).collect()
}

#[test]
fn trackers_are_injected_into_the_text_as_into_the_model() {
    let injection = Injection::default()
        .impression("https://own.example/i?a=1&b=[CACHEBUSTING]")
        .tracking(Event::Start, "https://own.example/s")
        .tracking(Event::Close, "https://own.example/c");
    let mut ads = 0;
    for (name, bytes) in documents() {
        let Ok(document) = parse_any(&bytes, &ParseOptions::default()) else { continue };
        let mut editor = Editor::new(&bytes, &ParseOptions::default()).expect("read before");
        ads += editor.ads().len();
        injection.edit(&mut editor);
        let edited = editor.finish();
        let again = parse_any(edited.as_bytes(), &ParseOptions::default()).expect("still a document");
        assert_eq!(canonical(again, |_| ()), canonical(document, |vast| injection.apply(vast)), "{name}: {edited}");
    }
    assert!(ads > 40, "{ads}");
}

/// A playlist with this content in its only ad source.
fn playlist(data: &str) -> String {
    format!(
        "<vmap:VMAP xmlns:vmap='x' version='1.0'><vmap:AdBreak>\n<vmap:AdSource><vmap:VASTAdData> {data}\r\n</vmap:VASTAdData></vmap:AdSource></vmap:AdBreak></vmap:VMAP>"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn section(text: &str) -> String {
    format!("<![CDATA[{}]]>", text.replace("]]>", "]]]]><![CDATA[>"))
}

/// A text whose pieces are escaped or in CDATA sections, alternately.
fn mixed(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let pieces = characters.chunks(7).map(|piece| piece.iter().collect::<String>()).enumerate();
    pieces.map(|(number, piece)| if number % 2 == 0 { escaped(&piece) } else { section(&piece) }).collect()
}

#[test]
fn documents_in_a_playlist_are_edited_where_they_stand() {
    let vast = "<VAST version='2.0'><Ad><InLine><Impression><![CDATA[a]]></Impression></InLine></Ad></VAST>";
    let with = "<VAST version='2.0'><Ad><InLine><Impression><![CDATA[a]]></Impression><Impression><![CDATA[b&c]]></Impression></InLine></Ad></VAST>";
    let forms: [fn(&str) -> String; 5] =
        [str::to_owned, escaped, section, |text| escaped(&escaped(text)), |text| section(&escaped(text))];
    for form in forms {
        let mut editor = open(&playlist(&form(vast)));
        assert_eq!((editor.documents().len(), editor.ads().len()), (1, 1), "{}", form(vast));
        Injection::default().impression("b&c").edit(&mut editor);
        assert_eq!(editor.finish(), playlist(&form(with)));
    }
    let mut whole = open(&format!("\n{}\n", escaped(vast)));
    Injection::default().impression("b&c").edit(&mut whole);
    assert_eq!(whole.finish(), format!("\n{}\n", escaped(with)));
}

#[test]
fn elements_that_are_missing_are_made_where_the_version_has_them() {
    let cases: &[(&str, &str, TrackerKind, &str)] = &[
        (
            "<VAST version='3.0'>\n <Ad>\n  <InLine>\n   <AdSystem>s</AdSystem>\n   <Creatives/>\n  </InLine>\n </Ad>\n</VAST>",
            "InLine",
            TrackerKind::Error,
            "<VAST version='3.0'>\n <Ad>\n  <InLine>\n   <AdSystem>s</AdSystem>\n   <Error><![CDATA[u]]></Error>\n   <Creatives/>\n  </InLine>\n </Ad>\n</VAST>",
        ),
        (
            "<VAST version='4.2'>\r\n\t<Ad>\r\n\t\t<InLine />\r\n\t</Ad>\r\n</VAST>",
            "Ad",
            TrackerKind::Viewable,
            "<VAST version='4.2'>\r\n\t<Ad>\r\n\t\t<InLine >\r\n\t\t\t<ViewableImpression>\r\n\t\t\t\t<Viewable><![CDATA[u]]></Viewable>\r\n\t\t\t</ViewableImpression>\r\n\t\t</InLine>\r\n\t</Ad>\r\n</VAST>",
        ),
        (
            "<VAST><Ad><InLine><Creatives><Creative><Linear skipoffset='5'/></Creative></Creatives></InLine></Ad></VAST>",
            "Linear",
            TrackerKind::Tracking(Event::Start),
            "<VAST><Ad><InLine><Creatives><Creative><Linear skipoffset='5'><TrackingEvents><Tracking event=\"start\"><![CDATA[u]]></Tracking></TrackingEvents></Linear></Creative></Creatives></InLine></Ad></VAST>",
        ),
        (
            "<VideoAdServingTemplate><Ad><InLine><TrackingEvents></TrackingEvents></InLine></Ad></VideoAdServingTemplate>",
            "Ad",
            TrackerKind::Tracking(Event::Pause),
            "<VideoAdServingTemplate><Ad><InLine><TrackingEvents><Tracking event=\"pause\"><URL><![CDATA[u]]></URL></Tracking></TrackingEvents></InLine></Ad></VideoAdServingTemplate>",
        ),
        (
            "<v:VAST xmlns:v='x'><v:Ad><v:Wrapper/></v:Ad></v:VAST>",
            "Ad",
            TrackerKind::Impression,
            "<v:VAST xmlns:v='x'><v:Ad><v:Wrapper><v:Impression><![CDATA[u]]></v:Impression></v:Wrapper></v:Ad></v:VAST>",
        ),
        (
            "<VAST><Ad><InLine><Creatives><Creative><Linear><Icons><Icon/></Icons></Linear></Creative></Creatives></InLine></Ad></VAST>",
            "Icon",
            TrackerKind::Click,
            "<VAST><Ad><InLine><Creatives><Creative><Linear><Icons><Icon><IconClicks><IconClickTracking><![CDATA[u]]></IconClickTracking></IconClicks></Icon></Icons></Linear></Creative></Creatives></InLine></Ad></VAST>",
        ),
    ];
    for (before, element, kind, after) in cases {
        let mut editor = open(before);
        let id = all_named(&editor, element)[0];
        let new = editor.insert_tracker(id, kind, "u").expect("it can stand there");
        assert_eq!(editor.finish(), *after);
        let url = editor.find(new, "URL").first().copied().unwrap_or(new);
        assert_eq!(editor.text(url), "u");
    }
}

#[test]
fn edits_are_seen_at_once_and_may_be_changed_again() {
    let mut editor =
        open("<VAST version='3.0'><Ad id='a'><InLine><Impression>x</Impression><Error>e</Error></InLine></Ad></VAST>");
    let ad = editor.ads()[0];
    let impression = editor.find(ad, "impression")[0];
    let new = editor.replace(impression, NewElement::new("Impression").text("y")).expect("replaced");
    editor.set_attribute(new, "id", "1").expect("an attribute");
    editor.set_attribute(new, "id", "2").expect("an attribute");
    editor.set_attribute(ad, "id", "b").expect("an attribute");
    assert_eq!((editor.attribute(ad, "ID").as_deref(), editor.text(new).as_str()), (Some("b"), "y"));
    assert_eq!(editor.text(impression), "");
    let newer = editor.replace(new, NewElement::new("Impression").attribute("id", "3")).expect("replaced again");
    editor.set_text(newer, "z").expect("a text");
    let error = editor.find(ad, "Error")[0];
    editor.remove(error).expect("an element");
    let extension = editor.insert_extension(ad, "own", "<Own a=\"1\"/>").expect("an extension");
    assert_eq!(editor.name(extension), "Extension");
    assert_eq!(
        editor.finish(),
        "<VAST version='3.0'><Ad id='b'><InLine><Impression id=\"3\"><![CDATA[z]]></Impression><Extensions><Extension type=\"own\"><Own a=\"1\"/></Extension></Extensions></InLine></Ad></VAST>"
    );
    let creatives = editor.find(ad, "Extensions")[0];
    editor.remove(creatives).expect("an element");
    assert_eq!(editor.set_text(extension, "x"), Err(EditError::NoSuchElement));
}

/// Two attributes with one name are not XML, so the later value replaces the earlier one.
#[test]
fn a_new_element_has_one_attribute_of_a_name() {
    let mut editor = open("<VAST></VAST>");
    let new = NewElement::new("n").attribute("id", "1").attribute("a", "x").attribute("id", "2").attribute("ID", "3");
    let inserted = editor.insert(editor.root(), new).expect("inserted");
    assert_eq!(editor.attribute(inserted, "id").as_deref(), Some("3"));
    assert_eq!(editor.finish(), "<VAST><n id=\"3\" a=\"x\"/></VAST>");
}

#[test]
fn an_impossible_edit_is_refused() {
    let text = "<VAST version='3.0'><Ad><InLine><AdTitle>t</AdTitle></InLine></Ad><Ad><InLine><AdTitle>t";
    let mut editor = open(text);
    let (root, title, open) = {
        let titles = all_named(&editor, "AdTitle");
        (editor.documents()[0], titles[0], titles[1])
    };
    let ad = editor.ads()[0];
    assert_eq!(editor.remove(root), Err(EditError::Unfinished));
    assert_eq!(editor.set_text(open, "x"), Err(EditError::Unfinished));
    assert_eq!(editor.set_text(ad, "x"), Err(EditError::WrongPlace));
    assert_eq!(editor.insert_tracker(title, &TrackerKind::Click, "u"), Err(EditError::WrongPlace));
    assert_eq!(editor.insert(ad, NewElement::new("a b")), Err(EditError::InvalidName));
    assert_eq!(editor.set_attribute(ad, "1", "x"), Err(EditError::InvalidName));
    assert_eq!(NewElement::new("a").markup("<b>"), Err(EditError::InvalidMarkup));
    assert_eq!(editor.finish(), text);
    for refused in ["", "no XML", "<html/>", "<!DOCTYPE x [<!ENTITY a 'b'>]><VAST/>"] {
        assert!(Editor::new(refused.as_bytes(), &ParseOptions::default()).is_err(), "{refused}");
    }
}

/// Edits a document. The same numbers give the same edits.
fn edit(editor: &mut Editor, choices: &[(u8, u8)]) {
    for (operation, which) in choices {
        let Some(document) = editor.documents().first().copied() else { return };
        let mut elements = vec![document];
        elements.extend(["a", "b", "Ad"].iter().flat_map(|name| editor.find(document, name)));
        let id = elements[usize::from(*which) % elements.len()];
        // An edit that is refused changes nothing.
        let _ = match operation % 6 {
            0 if id != document => editor.remove(id),
            1 => editor.insert(id, NewElement::new("b").text("x]]>y")).map(drop),
            2 => editor.set_text(id, "]>&<"),
            3 => editor.set_attribute(id, "c", "]]>'\""),
            4 => editor.remove_attribute(id, "c"),
            _ if id != document => editor.replace(id, NewElement::new("a").attribute("c", ">")).map(drop),
            _ => Ok(()),
        };
    }
}

#[test]
fn blanks_before_the_root_are_no_indentation() {
    let text = "<VAST> <Ad>\n\t<b/></Ad></VAST>";
    let edited = |text: &str| {
        let mut editor = open(text);
        let old = all_named(&editor, "b")[0];
        let new = editor.replace(old, NewElement::new("a")).expect("an element");
        editor.insert(new, NewElement::new("b")).expect("an element");
        editor.finish()
    };
    assert_eq!(edited(text), "<VAST> <Ad>\n\t<a>\n\t <b/>\n\t</a></Ad></VAST>");
    assert_eq!(edited(&format!(" {text}")), format!(" {}", edited(text)));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_text_in_a_playlist_is_edited_as_the_document_itself(
        pieces in prop::collection::vec(prop::sample::select(&[
            "<a>", "</a>", "<b c=\"d\">", "</b>", "<b/>", "<a c=']'/>", " ", "\n\t", "é", "]", "]]", ">", "]]&gt;", "&amp;", "&#65;", "x", "<!-- - -->",
            "<![CDATA[", "]]>", "<Ad>", "</Ad>", "&x",
        ][..]), 0..16),
        choices in prop::collection::vec(any::<(u8, u8)>(), 0..6),
    ) {
        let text = format!("<VAST>{}</VAST>", pieces.concat());
        let mut direct = open(&text);
        edit(&mut direct, &choices);
        let edited = direct.finish();
        prop_assert!(Editor::new(edited.as_bytes(), &ParseOptions::default()).is_ok(), "{}", edited);
        for form in [escaped, section, mixed] {
            let mut inside = open(&playlist(&form(&text)));
            edit(&mut inside, &choices);
            let written = inside.finish();
            let data = open(&written);
            let data_text = data.text(all_named(&data, "VASTAdData")[0]);
            prop_assert_eq!(data_text.trim(), edited.trim(), "{}", written);
        }
    }
}

/// The characters around several removed elements must not end the CDATA section together.
#[test]
fn elements_that_are_removed_side_by_side_leave_a_section_whole() {
    let text = "<VAST>]]<a/><b>x</b><b/>> </VAST>";
    for form in [escaped, section, mixed] {
        let mut editor = open(&playlist(&form(text)));
        let document = editor.documents()[0];
        for id in ["a", "b"].iter().flat_map(|name| editor.find(document, name)).collect::<Vec<_>>() {
            editor.remove(id).expect("it can be removed");
        }
        let written = editor.finish();
        let data = open(&written);
        assert_eq!(data.text(all_named(&data, "VASTAdData")[0]).trim(), "<VAST>]]> </VAST>", "{written}");
    }
}

#[test]
fn attributes_in_other_quotes_are_changed_and_removed() {
    let edited = |value: Option<&str>| {
        let document = "<VAST version=“4.2”><Ad id=1 sequence=“2” adType='video'><InLine/></Ad></VAST>";
        let mut editor = Editor::new(document.as_bytes(), &ParseOptions::default()).expect("VAST");
        let ad = editor.children(editor.root()).next().expect("an ad");
        assert_eq!(editor.attribute(ad, "adType").as_deref(), Some("video"));
        assert_eq!(editor.attribute(ad, "sequence").as_deref(), Some("2"));
        for name in ["id", "sequence"] {
            match value {
                Some(value) => editor.set_attribute(ad, name, value).expect("an attribute"),
                None => editor.remove_attribute(ad, name).expect("an attribute"),
            }
        }
        editor.finish()
    };
    let expected =
        |attributes: &str| format!("<VAST version=“4.2”><Ad{attributes} adType='video'><InLine/></Ad></VAST>");
    assert_eq!(edited(Some("7")), expected(" id=\"7\" sequence=\"7\""));
    assert_eq!(edited(None), expected(""));
}

#[test]
fn the_element_of_a_warning_is_found_by_its_position() {
    let text = "junk <VAST version='3.0'><Ad><InLine><Impression> </Impression><Error>e</Error></InLine></Ad></VAST>";
    let warnings = parse(text.as_bytes(), &ParseOptions::default()).expect("VAST").warnings;
    let empty = warnings.iter().find(|warning| warning.code == WarningCode::EmptyUrl).expect("an empty impression");
    let mut editor = open(text);
    let impression = editor.element_at(empty.position.offset).expect("an element");
    assert_eq!(editor.name(impression), "Impression");
    editor.remove(impression).expect("an edit");
    assert_eq!(editor.finish(), text.replace("<Impression> </Impression>", ""));
    let editor = open(text);
    let name_at = |part: &str| editor.element_at(text.find(part)?).map(|element| editor.name(element).to_owned());
    let found = ["junk", "<VAST", "'3.0'", "e</", "</InLine>"].map(name_at);
    assert_eq!(
        found.each_ref().map(Option::as_deref),
        [None, Some("VAST"), Some("VAST"), Some("Error"), Some("InLine")]
    );
    assert_eq!(editor.element_at(text.len()), None);
}
