//! Editing the text of documents.

use vast_xml::ParseOptions;
use vast_xml::edit::{EditError, Editor, ElementId, NewElement, TrackerKind};

/// The number of elements of a document that are edited.
const MOST_ELEMENTS: usize = 12;

/// The number of pairs of edits that begin at one element.
const EDITS_OF_ELEMENT: usize = 2;

/// The attributes that are compared and removed.
const ATTRIBUTES: &[&str] = &["id", "version", "event", "c"];

/// One edit of an element.
#[derive(Clone, Copy, Debug)]
enum Edit {
    SetAttribute,
    RemoveAttribute,
    SetText,
    InsertElement,
    InsertTracker,
    InsertExtension,
    Replace,
    Remove,
}

const EDITS: &[Edit] = &[
    Edit::SetAttribute,
    Edit::RemoveAttribute,
    Edit::SetText,
    Edit::InsertElement,
    Edit::InsertTracker,
    Edit::InsertExtension,
    Edit::Replace,
    Edit::Remove,
];

/// A document that is not edited keeps its text. An edit that is refused changes nothing. After an edit that is accepted, and after
/// a second one, the text can be read again and has the elements, attributes and texts that the editor shows.
///
/// # Panics
/// If that does not hold.
pub fn edit(data: &[u8]) {
    let Ok(editor) = Editor::new(data, &ParseOptions::default()) else { return };
    let text = editor.finish();
    let again = read(&text, "no edit");
    assert_eq!(again.finish(), text, "a text that is not edited");
    let hostile = hostile(data);
    let count = elements(&again).len().min(MOST_ELEMENTS);
    // All edits of all elements would take long, so the input decides which are made.
    let chosen = data.iter().fold(0, |sum: usize, byte| sum.wrapping_mul(31).wrapping_add(usize::from(*byte)));
    for number in 0..count {
        for step in 0..EDITS_OF_ELEMENT {
            let choice = chosen.wrapping_add(number * EDITS_OF_ELEMENT + step);
            let (first, second) = (choice % EDITS.len(), choice / EDITS.len() % EDITS.len());
            check(&text, &hostile, &[(number, EDITS[first]), (choice % count, EDITS[second])]);
        }
    }
}

/// Makes the edits one after the other at the elements with these numbers, and reads the text after each.
fn check(text: &str, value: &str, edits: &[(usize, Edit)]) {
    let mut editor = read(text, "no edit");
    for (number, edit) in edits {
        let present = elements(&editor);
        let Some(element) = present.get(*number).copied() else { return };
        let before = Refusal::before(&editor);
        if apply(&mut editor, *edit, element, value).is_err() {
            before.check(&editor, *edit);
            continue;
        }
        let written = editor.finish();
        let read = read(&written, &format!("{edits:?}"));
        assert_eq!(shown(&read), shown(&editor), "{edits:?} wrote {written:?}");
        assert_eq!(read.ads().len(), editor.ads().len(), "the ads after {edits:?} in {written:?}");
    }
}

/// The text before an edit, which a refused edit must keep.
struct Refusal(String);

impl Refusal {
    fn before(editor: &Editor) -> Self {
        Self(editor.finish())
    }

    fn check(self, editor: &Editor, edit: Edit) {
        assert_eq!(editor.finish(), self.0, "{edit:?} was refused");
    }
}

fn apply(editor: &mut Editor, edit: Edit, at: ElementId, value: &str) -> Result<(), EditError> {
    match edit {
        Edit::SetAttribute => editor.set_attribute(at, "id", value),
        Edit::RemoveAttribute => {
            let present = ATTRIBUTES.iter().find(|name| editor.attribute(at, name).is_some());
            editor.remove_attribute(at, present.unwrap_or(&ATTRIBUTES[0]))
        }
        // A reader sees elements in such a text, which the editor does not show.
        Edit::SetText if holds_document(editor, at) => Err(EditError::WrongPlace),
        Edit::SetText => editor.set_text(at, value),
        Edit::InsertElement => {
            let new = NewElement::new("n").attribute("c", value).child(NewElement::new("m").text(value));
            editor.insert(at, new).map(drop)
        }
        Edit::InsertTracker => editor.insert_tracker(at, &TrackerKind::Impression, value).map(drop),
        // The editor does not show the elements in the content, which is written unchanged: here it is a text.
        Edit::InsertExtension => editor.insert_extension(at, value, "1").map(drop),
        Edit::Replace => editor.replace(at, NewElement::new("r").text(value)).map(drop),
        Edit::Remove => editor.remove(at),
    }
}

fn read(text: &str, after: &str) -> Editor {
    let read = Editor::new(text.as_bytes(), &ParseOptions::default());
    read.unwrap_or_else(|error| panic!("{text:?} cannot be edited after {after}: {error}"))
}

/// The elements of a document, level by level.
fn elements(editor: &Editor) -> Vec<ElementId> {
    let mut elements = vec![editor.root()];
    let mut at = 0;
    while at < elements.len() {
        elements.extend(editor.children(elements[at]));
        at += 1;
    }
    elements
}

/// What an element is for a reader.
#[derive(Debug, PartialEq, Eq)]
struct Shown {
    name: String,
    children: usize,
    attributes: Vec<Option<String>>,
    /// Without blanks, because blanks between elements may come or go.
    text: String,
}

/// Every element as the editor shows it.
fn shown(editor: &Editor) -> Vec<Shown> {
    let one = |id| Shown {
        name: editor.name(id).to_owned(),
        children: editor.children(id).count(),
        attributes: ATTRIBUTES.iter().map(|name| editor.attribute(id, name)).collect(),
        text: text(editor, id),
    };
    elements(editor).into_iter().map(one).collect()
}

/// The text of an element without blanks. That of an element that contains a document as text is not compared: it is that of
/// the original, also after edits.
fn text(editor: &Editor, element: ElementId) -> String {
    if holds_document(editor, element) {
        return String::new();
    }
    editor.text(element).split_whitespace().collect()
}

/// Whether the text of this element is a VAST document for some readers.
fn holds_document(editor: &Editor, element: ElementId) -> bool {
    let name = editor.name(element).rsplit(':').next().unwrap_or_default();
    ["VASTData", "VASTAdData"].iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// A part of the input as a value.
fn hostile(data: &[u8]) -> String {
    let middle = data.len() / 2;
    String::from_utf8_lossy(&data[middle..data.len().min(middle + 60)]).into_owned()
}
