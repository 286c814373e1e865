//! Editing the text of documents.

use vast_xml::ParseOptions;
use vast_xml::edit::{Editor, TrackerKind};

/// The number of elements of a document that are edited.
const MOST_ELEMENTS: usize = 12;

/// A document that is not edited keeps its text. After each edit that is accepted, it can be read and edited again, and it has as many
/// ads as before.
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
    let mut elements = vec![again.root()];
    let mut at = 0;
    while at < elements.len() && elements.len() < MOST_ELEMENTS {
        elements.extend(again.children(elements[at]));
        at += 1;
    }
    let hostile = hostile(data);
    for element in elements.into_iter().take(MOST_ELEMENTS) {
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

/// A part of the input as a value.
fn hostile(data: &[u8]) -> String {
    let middle = data.len() / 2;
    String::from_utf8_lossy(&data[middle..data.len().min(middle + 60)]).into_owned()
}
