//! Writing start tags, texts, and elements that are one value.

use super::element;
use super::form::Form;
use super::part::{Content, Leaf, Manner, Part, Writer};
use super::rest::is_url;
use super::tag::Tag;
use crate::model::{Attribute, Element, Extra};
use crate::xml::{Emit, Name, Script};

impl Writer {
    pub(crate) fn new(form: Form) -> Writer {
        Writer { out: Emit::new(form != Form::AsRead), form, manner: Manner::Plain }
    }

    /// How the document wrote a part, if that matters to the form.
    pub(crate) fn script<'a>(&self, extra: &'a Extra) -> Script<'a> {
        match self.form {
            Form::AsRead => extra.layout.script(),
            Form::Canonical => Script::default(),
        }
    }

    /// Writes the next item in this manner.
    pub(crate) fn in_manner(&mut self, manner: Manner) -> &mut Writer {
        self.manner = manner;
        self
    }

    /// Starts a part with a type of its own, unless only its text is to be written; gives how the document wrote it.
    pub(crate) fn start_part<'p>(&mut self, name: Name, part: &'p dyn Part) -> Option<Script<'p>> {
        let extra = part.extra();
        let script = self.script(extra);
        let manner = std::mem::take(&mut self.manner);
        if manner == Manner::Own {
            self.content(part.content(), Script::default());
            return None;
        }
        let is_listed = manner == Manner::Listed;
        self.start(if is_listed { Name::Url } else { name }, script);
        let mut tag = Tag::new(&mut self.out, self.form, is_listed, script);
        part.attributes(&mut tag);
        tag.close(script, &extra.attributes);
        if !script.has_child(Name::Url) {
            self.content(part.content(), script);
        }
        Some(script)
    }

    /// Writes an element that is one value.
    pub(crate) fn leaf(
        &mut self,
        name: Name,
        leaf: Leaf<'_, '_>,
        attributes: impl FnOnce(&mut Tag<'_>),
        content: Content<'_>,
    ) {
        let (script, residue) = match leaf {
            Leaf::Read(script, residue) => (script, residue),
            Leaf::New(rest, index) => (Script::default(), rest.part(name, index)),
        };
        let manner = std::mem::take(&mut self.manner);
        if manner == Manner::Own {
            return self.content(Some(content), Script::default());
        }
        let is_listed = manner == Manner::Listed;
        self.start(if is_listed { Name::Url } else { name }, script);
        let mut tag = Tag::new(&mut self.out, self.form, is_listed, script);
        attributes(&mut tag);
        tag.close(script, residue.map_or(&[], |residue| &residue.attributes));
        if script.has_content() {
            self.read_leaf(script, residue, content);
        } else {
            self.content(Some(content), script);
            let unknown = residue.into_iter().flat_map(Element::elements).filter(|child| !is_url(name, child));
            unknown.for_each(|child| element::element(&mut self.out, child));
        }
        self.out.end();
    }

    /// The text of a leaf, its unknown children and comments.
    fn read_leaf(&mut self, script: Script<'_>, residue: Option<&Element>, content: Content<'_>) {
        use crate::xml::Step;
        let mut unknown = residue.into_iter().flat_map(Element::elements);
        let mut content = Some(content);
        if !script.has_child(Name::Url) {
            self.content(content.take(), script);
        }
        for step in script {
            match step {
                Step::Child(Name::Url, body) => {
                    let residue = if body.has_residue() { unknown.next() } else { None };
                    if let Some(content) = content.take() {
                        self.url(body, residue, content);
                    }
                }
                Step::Child(..) => {
                    if let Some(child) = unknown.next() {
                        element::element(&mut self.out, child);
                    }
                }
                Step::Comment(comment) => self.out.comment_line(comment),
                _ => {}
            }
        }
        unknown.for_each(|child| element::element(&mut self.out, child));
    }

    /// The `URL` in an element that is one (VAST 1.0).
    pub(crate) fn url(&mut self, script: Script<'_>, residue: Option<&Element>, content: Content<'_>) {
        self.leaf(Name::Url, Leaf::Read(script, residue), |_| {}, content);
    }

    /// Starts an element that only groups others.
    pub(crate) fn start_group(&mut self, name: Name, script: Script<'_>, unknown: &[Attribute]) {
        self.start(name, script);
        Tag::new(&mut self.out, self.form, false, script).close(script, unknown);
    }

    /// Starts an element under the name that the document gave it.
    pub(crate) fn start(&mut self, name: Name, script: Script<'_>) {
        match script.name() {
            Some(written) => self.out.start_named(written),
            None => self.out.start(name),
        }
    }

    /// The text of the element in hand.
    fn content(&mut self, content: Option<Content<'_>>, script: Script<'_>) {
        let Some(content) = content else { return };
        self.out.keep_layout();
        if script.is_markup(content.as_str()) {
            return self.out.markup(content.as_str());
        }
        if let Some(written) = script.spelling(content.as_str()) {
            return self.out.characters(written);
        }
        match content {
            Content::Uri(uri) => self.out.uri(uri),
            Content::Text(text) => self.out.text(&text),
            Content::Value(value) => self.out.characters(&value),
        }
    }
}
