//! Editing the text of documents.

use vast_xml::ParseOptions;
use vast_xml::edit::{Editor, ElementId, TrackerKind};

/// The number of elements of a document that are edited.
const MOST_ELEMENTS: usize = 12;

/// A document that is not edited keeps its text. After each edit that is accepted, it can be read and edited again, it has as many
/// ads as before, and an attribute that was set is read as the editor shows it.
///
/// # Panics
/// If that does not hold.
pub fn edit(data: &[u8]) {
    let options = ParseOptions::default();
    let Ok(editor) = Editor::new(data, &options) else { return };
    let text = editor.finish();
    let Ok(again) = Editor::new(text.as_bytes(), &options) else { panic!("{text:?} cannot be edited again") };
    assert_eq!(again.finish(), text, "a text that is not edited");
    let ads = again.ads().len();
    let hostile = hostile(data);
    for (number, element) in first_elements(&again).into_iter().enumerate() {
        set_attribute(&text, number, element, &hostile);
        let mut edits = Editor::new(text.as_bytes(), &options).expect("it was read before");
        let is_ad = edits.ads().contains(&element);
        let edited = [
            edits.set_attribute(element, "id", &hostile).is_ok(),
            edits.insert_tracker(element, &TrackerKind::Impression, &hostile).is_ok(),
            edits.insert_extension(element, "fuzz", &hostile).is_ok(),
        ];
        if edited.contains(&true) {
            let text = edits.finish();
            let read = Editor::new(text.as_bytes(), &options);
            let read = read.unwrap_or_else(|error| panic!("{text:?} cannot be edited after an edit: {error}"));
            assert_eq!(read.ads().len(), ads, "{text:?}");
        }
        let mut edits = Editor::new(text.as_bytes(), &options).expect("it was read before");
        if is_ad && edits.remove(element).is_ok() {
            let text = edits.finish();
            let left = Editor::new(text.as_bytes(), &options).map(|read| read.ads().len());
            assert_eq!(left.ok(), Some(ads - 1), "{text:?}");
        }
    }
}

/// Sets an attribute of the element with this number. An edit that is refused changes nothing.
fn set_attribute(text: &str, number: usize, element: ElementId, value: &str) {
    let mut edits = Editor::new(text.as_bytes(), &ParseOptions::default()).expect("it was read before");
    let is_set = edits.set_attribute(element, "id", value).is_ok();
    let shown = edits.attribute(element, "id");
    let edited = edits.finish();
    if !is_set {
        assert_eq!(edited, text, "an edit that was refused");
        return;
    }
    let read = Editor::new(edited.as_bytes(), &ParseOptions::default());
    let read = read.unwrap_or_else(|error| panic!("{edited:?} cannot be edited after an edit: {error}"));
    let found = first_elements(&read).get(number).and_then(|element| read.attribute(*element, "id"));
    assert_eq!(found.as_deref(), shown.as_deref(), "id of element {number} in {edited:?}");
}

/// The first elements of a document, level by level.
fn first_elements(editor: &Editor) -> Vec<ElementId> {
    let mut elements = vec![editor.root()];
    let mut at = 0;
    while at < elements.len() && elements.len() < MOST_ELEMENTS {
        elements.extend(editor.children(elements[at]));
        at += 1;
    }
    elements.truncate(MOST_ELEMENTS);
    elements
}

/// A part of the input as a value.
fn hostile(data: &[u8]) -> String {
    let middle = data.len() / 2;
    String::from_utf8_lossy(&data[middle..data.len().min(middle + 60)]).into_owned()
}
