//! Reads the text of a document into an outline.

use vast_xml::{SourceTag, SourceToken, source_tokens};

use super::element::{OutlineAttribute, OutlineElement, TextPiece};
use super::tree::Outline;

/// The most elements: the same as the default limit of `vast-xml`.
const MOST_ELEMENTS: usize = 50_000;
/// The most nested elements: more than the default limit of `vast-xml`, because a VMAP contains VAST documents.
const MOST_DEEP: usize = 128;
/// The most attributes of one element; `vast-xml` refuses 65.
const MOST_ATTRIBUTES: usize = 64;

impl<'t> Outline<'t> {
    /// Reads a document up to the first damage or limit. A wrong end tag does not stop it.
    pub(crate) fn read(text: &'t str) -> Self {
        let mut reading =
            Reading { outline: Outline { text, elements: Vec::new(), cut: false }, open: Vec::new(), extensions: 0 };
        for token in source_tokens(text) {
            match token {
                SourceToken::Start(tag) => reading.start(&tag),
                SourceToken::End(name) => reading.end(local(name)),
                SourceToken::Text(range) => reading.piece(TextPiece::Plain(range)),
                SourceToken::Reference(range, character) => reading.piece(TextPiece::Entity(range, character)),
                _ => {}
            }
            if reading.outline.cut {
                break;
            }
        }
        reading.finish()
    }
}

struct Reading<'t> {
    outline: Outline<'t>,
    /// The elements that are not yet closed.
    open: Vec<usize>,
    /// The number of open elements that are extensions.
    extensions: usize,
}

impl<'t> Reading<'t> {
    /// Adds an element. If there are too many or it is nested too deep, the outline ends here and `cut` is set.
    fn start(&mut self, tag: &SourceTag<'t>) {
        if self.outline.elements.len() >= MOST_ELEMENTS || self.open.len() >= MOST_DEEP {
            self.outline.cut = true;
            return;
        }
        let index = self.outline.elements.len();
        let element = OutlineElement {
            name: local(tag.name),
            tag: tag.range.clone(),
            attributes: tag.attributes().take(MOST_ATTRIBUTES).map(OutlineAttribute::from).collect(),
            parent: self.open.last().copied(),
            next: index + 1,
            in_extension: self.extensions > 0,
            pieces: Vec::new(),
        };
        self.extensions += usize::from(is_extension(&element));
        self.outline.elements.push(element);
        self.open.push(index);
        if tag.is_empty {
            self.close_last();
        }
    }

    /// Closes the innermost open element with this name, and the open elements inside it that have no end tag.
    fn end(&mut self, name: &str) {
        let is_it = |index: &usize| self.outline.elements[*index].name == name;
        if let Some(depth) = self.open.iter().rposition(is_it) {
            while self.open.len() > depth {
                self.close_last();
            }
        }
    }

    fn close_last(&mut self) {
        let next = self.outline.elements.len();
        if let Some(element) = self.open.pop().and_then(|index| self.outline.elements.get_mut(index)) {
            element.next = next;
            self.extensions -= usize::from(is_extension(element));
        }
    }

    fn piece(&mut self, piece: TextPiece) {
        if let Some(element) = self.open.last().and_then(|index| self.outline.elements.get_mut(*index)) {
            element.pieces.push(piece);
        }
    }

    fn finish(mut self) -> Outline<'t> {
        while !self.open.is_empty() {
            self.close_last();
        }
        self.outline
    }
}

fn is_extension(element: &OutlineElement<'_>) -> bool {
    element.is("Extension") || element.is("CreativeExtension")
}

fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = "<v:VAST a='1'>\n <Ad id=\"x\"><Error> <![CDATA[https://e.example/[E]]]> </Error>\
                            <Impression>https://i.example/?a=1&amp;b=[B]\n</Impression><Extension><MediaFile/></Extension></Ad><Ad/></v:VAST>";

    #[test]
    fn everything_has_its_place() {
        let outline = Outline::read(DOCUMENT);
        let shown: Vec<_> =
            outline.elements.iter().map(|element| (element.name, &DOCUMENT[element.tag.clone()])).collect();
        assert_eq!(
            shown,
            [
                ("VAST", "<v:VAST a='1'>"),
                ("Ad", "<Ad id=\"x\">"),
                ("Error", "<Error>"),
                ("Impression", "<Impression>"),
                ("Extension", "<Extension>"),
                ("MediaFile", "<MediaFile/>"),
                ("Ad", "<Ad/>"),
            ]
        );
        let text = |index: usize| {
            let element = &outline.elements[index];
            (element.text(DOCUMENT).into_owned(), &DOCUMENT[element.text_range(DOCUMENT)])
        };
        assert_eq!(text(2), ("https://e.example/[E]".to_owned(), "https://e.example/[E]"));
        assert_eq!(text(3), ("https://i.example/?a=1&b=[B]".to_owned(), "https://i.example/?a=1&amp;b=[B]"));
        assert_eq!(&DOCUMENT[outline.elements[1].attributes[0].range.clone()], "id=\"x\"");
    }

    #[test]
    fn who_is_in_whom() {
        let outline = Outline::read(DOCUMENT);
        let numbers = |found: &mut dyn Iterator<Item = (usize, &OutlineElement<'_>)>| {
            found.map(|(index, _)| index).collect::<Vec<_>>()
        };
        assert_eq!(numbers(&mut outline.children(0)), [1, 6]);
        assert_eq!(numbers(&mut outline.children(1)), [2, 3, 4]);
        assert_eq!(numbers(&mut outline.below(0)), [1, 2, 3, 4, 6], "what vendors write is left out");
        assert_eq!(outline.around(3, &["vast"]), Some(0));
        assert_eq!(outline.at(DOCUMENT.find("i.example").expect("it is there")), Some(3));
    }

    #[test]
    fn damage_ends_reading_and_keeps_the_parts_before() {
        for (text, names) in [
            ("<VAST><Ad><InLine></Ad><Ad/>", "VAST Ad InLine Ad"),
            ("<VAST></x></VAST><", "VAST"),
            ("<VAST><Ad x=1 y></Ad><a b='", "VAST Ad"),
            ("é", ""),
            ("", ""),
        ] {
            let outline = Outline::read(text);
            let found: Vec<_> = outline.elements.iter().map(|element| element.name).collect();
            assert_eq!(found.join(" "), names, "{text}");
        }
    }

    #[test]
    fn more_than_anyone_needs_is_cut() {
        let deep = Outline::read(&"<a>".repeat(1_000)).elements.len();
        let wide = Outline::read(&"<a/>".repeat(60_000)).elements.len();
        assert_eq!((deep, wide), (MOST_DEEP, MOST_ELEMENTS));
        assert!(Outline::read(&"<a>".repeat(1_000)).cut);
    }
}
