//! Reads the text of a document into its elements.

use super::layer::{LayerText, NestedIn, Nesting};
use super::node::{EditNode, ElementId, Ending, Extent, NodeOrigin};
use super::order::known;
use crate::error::{ParseError, ParseErrorKind};
use crate::options::Limits;
use crate::position::Locator;
use crate::xml::{Name, Token, Tokens};

/// The elements of a playlist whose text may be a document.
pub(super) const HOLDERS: &[Name] = &[Name::VastAdData, Name::VastData];

/// The elements of a document.
#[derive(Debug, Default)]
pub(super) struct Elements {
    pub(super) layers: Vec<LayerText>,
    pub(super) nodes: Vec<EditNode>,
}

/// Reads a document up to its end or up to the first damage. Elements that are not closed by then have no end.
pub(super) fn read(text: String, limits: &Limits) -> Result<Elements, ParseError> {
    let mut reading = Elements { layers: vec![LayerText { text, within: None }], nodes: Vec::new() };
    let layer = reading.document();
    let root = reading.read_layer(layer, None, limits)?;
    match root.map(|root| known(reading.name(root))) {
        Some(Name::Vast | Name::VideoAdServingTemplate) => {}
        Some(Name::Vmap) => reading.read_embedded(layer, limits)?,
        Some(_) => return Err(refused(ParseErrorKind::NotVast, "the root element is neither <VAST> nor <VMAP>")),
        None => return Err(refused(ParseErrorKind::NotXml, "no XML in it")),
    }
    Ok(reading)
}

pub(super) fn refused(kind: ParseErrorKind, message: &'static str) -> ParseError {
    ParseError { kind, position: crate::position::Position::default(), message: message.into() }
}

/// The offset after blanks and byte order marks, if an escaped document begins there.
fn escaped_at(text: &str) -> Option<usize> {
    let start = text.trim_start_matches(['\0', '\u{feff}', ' ', '\t', '\r', '\n']);
    start.starts_with("&lt;").then_some(text.len() - start.len())
}

impl Elements {
    /// The name of an element as written.
    pub(super) fn name(&self, id: ElementId) -> &str {
        match &self.nodes[id.0].origin {
            NodeOrigin::Read(extent) => &self.layers[extent.layer].text[extent.name.clone()],
            NodeOrigin::Inserted { element, .. } => &element.name,
        }
    }

    /// Adds the layer that is read as the document and returns its index.
    fn document(&mut self) -> usize {
        let text = &self.layers[0].text;
        let Some(start) = escaped_at(text) else { return 0 };
        let within = NestedIn { layer: 0, range: start..text.len(), form: Nesting::Escaped };
        self.layers.extend(LayerText::inside(text, within));
        self.layers.len() - 1
    }

    /// Reads the VAST that is written as text in a playlist. `layer` is the layer of the playlist.
    fn read_embedded(&mut self, layer: usize, limits: &Limits) -> Result<(), ParseError> {
        for index in 0..self.nodes.len() {
            let id = ElementId(index);
            if !HOLDERS.contains(&known(self.name(id))) {
                continue;
            }
            let NodeOrigin::Read(extent) = &self.nodes[index].origin else { continue };
            let Some(range) = extent.content().filter(|_| self.nodes[index].children.is_empty()) else { continue };
            if let Some(inner) = self.add_layer(NestedIn { layer, range, form: Nesting::Content }) {
                self.read_layer(inner, Some(id), limits)?;
            }
        }
        Ok(())
    }

    /// Adds a layer for a text inside another text, and a second one if that text is escaped. Returns the layer to
    /// read.
    fn add_layer(&mut self, within: NestedIn) -> Option<usize> {
        let layer = LayerText::inside(&self.layers[within.layer].text, within)?;
        let start = layer.text.trim_start();
        let (is_xml, is_escaped) = (start.starts_with('<'), start.starts_with('&'));
        let range = layer.text.len() - start.len()..layer.text.len();
        if !is_xml && !is_escaped {
            return None;
        }
        self.layers.push(layer);
        if is_escaped {
            let within = NestedIn { layer: self.layers.len() - 1, range, form: Nesting::Escaped };
            let inner = LayerText::inside(&self.layers[within.layer].text, within)?;
            self.layers.push(inner);
        }
        Some(self.layers.len() - 1)
    }

    /// Reads the root element of a layer with its content and adds it to `parent`.
    fn read_layer(
        &mut self,
        layer: usize,
        parent: Option<ElementId>,
        limits: &Limits,
    ) -> Result<Option<ElementId>, ParseError> {
        let Elements { layers, nodes } = self;
        let text = &layers[layer].text;
        let mut tokens = Tokens::new(text, 0);
        let first = nodes.len();
        let mut open: Vec<ElementId> = Vec::new();
        loop {
            let start = tokens.offset();
            match tokens.next() {
                Ok(Token::Start { name, empty, .. }) => {
                    if nodes.len() >= limits.elements || open.len() >= limits.depth {
                        let position = Locator::new(text, 0).locate(start);
                        let message = "more elements than allowed, or nested deeper";
                        return Err(ParseError { kind: ParseErrorKind::Limit, position, message: message.into() });
                    }
                    let id = ElementId(nodes.len());
                    let extent = Extent {
                        layer,
                        name: start + 1..start + 1 + name.len(),
                        tag: start..tokens.offset(),
                        ending: if empty { Ending::Empty } else { Ending::Missing },
                        change: None,
                    };
                    let parent = open.last().copied().or(parent);
                    let origin = NodeOrigin::Read(extent);
                    nodes.push(EditNode { parent, children: Vec::new(), origin, is_removed: false });
                    if let Some(parent) = parent {
                        nodes[parent.0].children.push(id);
                    }
                    if !empty {
                        open.push(id);
                    }
                }
                Ok(Token::End) => {
                    if let Some(id) = open.pop()
                        && let NodeOrigin::Read(extent) = &mut nodes[id.0].origin
                    {
                        extent.ending = Ending::Tag(start, tokens.offset());
                    }
                }
                Ok(Token::EndOfDocument) | Err(_) => break,
                Ok(_) => continue,
            }
            if open.is_empty() {
                break;
            }
        }
        Ok((nodes.len() > first).then_some(ElementId(first)))
    }
}
