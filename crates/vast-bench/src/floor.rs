//! The floors of reading: the cost of the tokenizer alone.

use std::hint::black_box;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::effort::Failure;

/// Counts the events and reads none of them.
pub(crate) fn scan(text: &str) -> Result<usize, Failure> {
    let mut reader = Reader::from_str(text);
    let mut events = 0;
    while !matches!(reader.read_event()?, Event::Eof) {
        events += 1;
    }
    Ok(events)
}

/// Visits every name and attribute and decodes every text, as every parser must, and stores nothing. Returns the number of
/// visits.
pub(crate) fn visit(text: &str) -> Result<usize, Failure> {
    let mut reader = Reader::from_str(text);
    let mut visited = 0;
    loop {
        match reader.read_event()? {
            Event::Eof => return Ok(visited),
            Event::Start(start) | Event::Empty(start) => visited += 1 + attributes(&start)?,
            Event::Text(text) => visited += seen(&text.xml_content(XmlVersion::Implicit1_0)),
            Event::CData(text) => visited += seen(&text.xml_content(XmlVersion::Implicit1_0)),
            Event::GeneralRef(reference) => visited += usize::from(black_box(reference.resolve_char_ref()?).is_some()),
            _ => {}
        }
    }
}

fn attributes(start: &BytesStart<'_>) -> Result<usize, Failure> {
    black_box(start.local_name());
    let mut visited = 0;
    // The check for doubled attributes allocates, and a parser can do without it.
    for attribute in start.attributes().with_checks(false) {
        let attribute = attribute?;
        black_box(attribute.key.local_name());
        visited += seen(&attribute.normalized_value(XmlVersion::Implicit1_0)?);
    }
    Ok(visited)
}

/// Uses a result, because the compiler may remove the computation of a result that is not used.
fn seen(text: &str) -> usize {
    black_box(text);
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_floors_reach_the_end() {
        let text = "<?xml version='1.0'?><a b='1' c='&lt;'><d/>x&amp;y<![CDATA[z]]></a>";
        assert_eq!(scan(text).expect("XML"), 8);
        assert_eq!(visit(text).expect("XML"), 2 + 2 + 3, "elements, attributes, pieces of text");
    }
}
