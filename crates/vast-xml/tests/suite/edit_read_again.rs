//! After every edit that is accepted, the written text reads as the editor shows the document. Other edits are refused.

use proptest::prelude::*;
use vast_xml::ParseOptions;
use vast_xml::edit::{EditError, Editor, ElementId, NewElement};

fn open(text: &str) -> Editor {
    Editor::new(text.as_bytes(), &ParseOptions::default()).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn elements(editor: &Editor) -> Vec<ElementId> {
    let (mut found, mut waiting) = (Vec::new(), vec![editor.root()]);
    while let Some(next) = waiting.pop() {
        found.push(next);
        waiting.extend(editor.children(next).rev());
    }
    found
}

/// Names of attributes that are edited or in the documents.
const ATTRIBUTES: &[&str] = &["id", "c", "x"];

/// Every element with its depth, its name, the attributes of [`ATTRIBUTES`] and its text.
fn shown(editor: &Editor) -> Vec<String> {
    let depth = |id| std::iter::successors(editor.parent(id), |id| editor.parent(*id)).count();
    let attributes = |id| ATTRIBUTES.iter().map(|name| editor.attribute(id, name)).collect::<Vec<_>>();
    // The text of an element that contains a document as text is that of the original. Blanks between elements may come or go.
    let text = |id| {
        let is_around = matches!(editor.name(id), "vmap:VASTData" | "VASTAdData");
        if is_around { String::new() } else { editor.text(id).split_whitespace().collect() }
    };
    let one = |id| format!("{} <{}> {:?} {:?}", depth(id), editor.name(id), attributes(id), text(id));
    elements(editor).into_iter().map(one).collect()
}

/// One edit: what is done, and at which element.
#[derive(Clone, Copy, Debug)]
enum Edit {
    Set(&'static str, &'static str),
    Unset(&'static str),
    Text(&'static str),
    Insert,
    Replace,
    Remove,
}

const EDITS: &[Edit] = &[
    Edit::Set("id", "1"),
    Edit::Set("id", "a>'\"/&\u{1}"),
    Edit::Set("x", ""),
    Edit::Unset("id"),
    Edit::Unset("c"),
    Edit::Unset("x"),
    Edit::Text(" a]]>&<b/>\u{1} "),
    Edit::Text(""),
    Edit::Insert,
    Edit::Replace,
    Edit::Remove,
];

fn apply(editor: &mut Editor, edit: Edit, at: ElementId) -> Result<(), EditError> {
    match edit {
        Edit::Set(name, value) => editor.set_attribute(at, name, value),
        Edit::Unset(name) => editor.remove_attribute(at, name),
        Edit::Text(text) => editor.set_text(at, text),
        Edit::Insert => {
            editor.insert(at, NewElement::new("n").attribute("c", "'>").child(NewElement::new("m"))).map(drop)
        }
        Edit::Replace => editor.replace(at, NewElement::new("r").text("t")).map(drop),
        Edit::Remove => editor.remove(at),
    }
}

/// Makes the edits one after the other, each at the element with its number. Complains if the written text does not read as shown.
fn complaint(text: &str, edits: &[(usize, Edit)]) -> Option<String> {
    let mut editor = open(text);
    for (which, edit) in edits {
        let (before, all) = (shown(&editor), elements(&editor));
        let at = all[which % all.len()];
        let answer = apply(&mut editor, *edit, at);
        if answer.is_err() && shown(&editor) != before {
            return Some(format!("{edit:?} was refused ({answer:?}) but changed the document"));
        }
        let written = editor.finish();
        let read = match Editor::new(written.as_bytes(), &ParseOptions::default()) {
            Ok(read) => shown(&read),
            Err(error) => vec![error.to_string()],
        };
        if read != shown(&editor) {
            return Some(format!(
                "{text}\n{edit:?} at {before:?}[{which}]\n{written}\n shown {:?}\n  read {read:?}",
                shown(&editor)
            ));
        }
    }
    None
}

/// Start tags in forms that are accepted or damaged, as `<a...>`.
const TAGS: &[&str] = &[
    " '''=\"'\"0\"",
    " c=\"1\"x=\"2\"",
    " c=\"1\"x",
    " x c='1' y",
    " c=1/",
    " c=“it's” x='2'",
    " c=1 x",
    " c=1\" id=2\"",
    "/",
    "/ c='1'",
    " c='1' C='2' c='3'",
    " ID='1' id='2'",
    " c=",
    " c= id='1'",
    " =\"1\"",
    " x = \"1\"",
    " c='a>b'",
    " c=\\\"1\\\"",
    "'/'",
    "':b",
    "\":b \"",
    " c x=&quot;'&quot;",
    " x c=\"1\" =\"2\"",
    "\n\tc='1'\n\tx='2'\n",
];

#[test]
fn an_edit_at_a_damaged_tag_is_written_so_that_it_can_be_read_or_it_is_refused() {
    let (mut accepted, mut refused, mut complaints) = (0, 0, Vec::new());
    for tag in TAGS {
        for text in [
            format!("<VAST><a{tag}>t</a{tag}></VAST>"), // A name of more than letters is closed by the same name.
            format!("<VAST><a{tag}>t</a></VAST>"),
            format!("<VAST><a{tag}/></VAST>"),
            format!("<VAST{tag}><a/></VAST>"),
            format!("<VAST{tag}/>"),
            format!("<VAST{tag}><a>"),
        ] {
            let Ok(editor) = Editor::new(text.as_bytes(), &ParseOptions::default()) else { continue };
            let count = elements(&editor).len();
            for which in 0..count {
                for edit in EDITS {
                    let mut editor = open(&text);
                    let at = elements(&editor)[which];
                    match apply(&mut editor, *edit, at) {
                        Ok(()) => accepted += 1,
                        Err(_) => refused += 1,
                    }
                    complaints.extend(complaint(&text, &[(which, *edit)]));
                    for next in EDITS {
                        complaints.extend(complaint(&text, &[(which, *edit), (which, *next)]));
                    }
                }
            }
        }
    }
    complaints.sort();
    complaints.dedup();
    assert!(
        complaints.is_empty(),
        "{} of {accepted} and {refused}: {}",
        complaints.len(),
        complaints[..complaints.len().min(12)].join("\n\n")
    );
    assert!(accepted > 500 && refused > 100, "{accepted} {refused}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_written_text_reads_as_the_editor_shows_it(
        pieces in prop::collection::vec(prop::sample::select(&[
            "<a>", "</a>", "<b c=\"d\">", "</b>", "<b/>", "<a c=']'/>", " ", "\n\t", "\u{a0}", "é", "]", "]]", ">", "]]&gt;", "&amp;", "&#65;", "x", "<!-- - -->",
            "<![CDATA[", "]]>", "<Ad>", "</Ad>", "&", "&x", ";", "lt;", "<?p i?>", "<a c=1", "<a ", "<", "&#", "60;", "amp;", "<![", "<!-", "-->", "'", "\"", "/>", "/", " x=\"'\"", " id='\"'", "=", "<x:a", "\r\n",
            "<VAST>", "</VAST>", "<a\":b>", "</a\":b>",
        ][..]), 0..16),
        form in 0..6_u8,
        edits in prop::collection::vec((0..8_usize, prop::sample::select(EDITS)), 1..6),
    ) {
        let text = format!("<VAST>{}</VAST>", pieces.concat());
        let escaped = || text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
        let playlist = |inside: String| {
            format!("<vmap:VMAP><vmap:AdBreak><vmap:AdSource><vmap:VASTData>{inside}</vmap:VASTData></vmap:AdSource></vmap:AdBreak></vmap:VMAP>")
        };
        let text = match form {
            0 => text,
            1 => playlist(escaped()),
            2 => playlist(format!("<![CDATA[{}]]>", text.replace("]]>", "]]]]><![CDATA[>"))),
            3 => escaped(),
            // Ampersands that begin no reference stay.
            4 => text.replace('<', "&lt;"),
            _ => playlist(text.replace('<', "&lt;")),
        };
        if Editor::new(text.as_bytes(), &ParseOptions::default()).is_ok() {
            prop_assert_eq!(complaint(&text, &edits), None);
        }
    }
}

/// An ampersand that begins no reference must not become one with the text behind a removed element.
#[test]
fn what_stands_around_a_removed_element_does_not_become_a_tag() {
    let playlist = |inside: &str| {
        format!("<VMAP><AdBreak><AdSource><VASTAdData>{inside}</VASTAdData></AdSource></AdBreak></VMAP>")
    };
    let inner = [
        "<VAST>&<b/>lt;Ad></VAST>",
        "<VAST>& <b/>lt;Ad></VAST>",
        "<VAST>&l<b/>t;Ad></VAST>",
        "<VAST>&l<b/><b/>t;Ad></VAST>",
        "<VAST>&<b/>l<b/>t;Ad></VAST>",
        "<VAST>&#6<b/>0;Ad></VAST>",
        "<VAST>&#000000000000<b/>60;Ad></VAST>",
    ];
    for inside in inner {
        let (raw, escaped) = (inside.replace('<', "&lt;"), inside.replace('&', "&amp;").replace('<', "&lt;"));
        let cdata = format!("<![CDATA[{inside}]]>");
        for text in
            [inside.to_owned(), raw.clone(), escaped.clone(), playlist(&raw), playlist(&escaped), playlist(&cdata)]
        {
            let mut editor = open(&text);
            for removed in editor.find(editor.root(), "b") {
                editor.remove(removed).expect("an element");
            }
            let written = editor.finish();
            assert_eq!(shown(&open(&written)), shown(&editor), "{text}\n{written}");
        }
    }
}

/// With the last element gone, a reader would take the text beside it for a document.
#[test]
fn the_text_beside_the_last_element_of_a_playlists_document_goes_with_it() {
    let playlist = |inside: &str| {
        format!("<VMAP><AdBreak><AdSource><VASTAdData>{inside}</VASTAdData></AdSource></AdBreak></VMAP>")
    };
    for (inside, left) in [
        ("<x/>&lt;VAST/&gt;", ""),
        ("\n<![CDATA[<VAST><Ad/></VAST>]]><x>1<y/></x>\n", "\n\n"),
        ("a<!-- --><x/>", ""),
        ("<x/><z/>&lt;VAST/&gt;", "<z/>&lt;VAST/&gt;"),
    ] {
        let mut editor = open(&playlist(inside));
        let removed = editor.find(editor.root(), "x")[0];
        editor.remove(removed).expect("an element");
        let written = editor.finish();
        assert_eq!(written, playlist(left));
        assert_eq!(shown(&open(&written)), shown(&editor), "{written}");
    }
    // Another element in its place keeps the text; the last one takes it along.
    let mut editor = open(&playlist("<x/>&lt;VAST/&gt;"));
    let replaced = editor.find(editor.root(), "x")[0];
    let new = editor.replace(replaced, NewElement::new("n")).expect("an element");
    assert_eq!(editor.finish(), playlist("<n/>&lt;VAST/&gt;"));
    editor.remove(new).expect("an element");
    assert_eq!(editor.finish(), playlist(""));
    // In VAST such an element is one of no meaning, and its text stays.
    let mut editor = open("<VAST><VASTAdData><x/>&lt;VAST/&gt;</VASTAdData></VAST>");
    let removed = editor.find(editor.root(), "x")[0];
    editor.remove(removed).expect("an element");
    assert_eq!(editor.finish(), "<VAST><VASTAdData>&lt;VAST/&gt;</VASTAdData></VAST>");
}
