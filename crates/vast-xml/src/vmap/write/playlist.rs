//! The root (VMAP 1.0.1, section 2.3).

use crate::model::Extra;
use crate::vmap::Vmap;
use crate::vmap::playlist::NAMESPACE;
use crate::write::{Form, Leaf, Part, Tag, Writer, extension};
use crate::xml::{Key, Name};

/// The version written for a playlist that states none.
const VERSION: &str = "1.0";
/// The prefix of VMAP's elements, unless the document had none.
const PREFIX: &str = "vmap";

/// Writes a playlist in canonical form: UTF-8 with an XML declaration, indented by two spaces, VMAP's elements with the prefix
/// `vmap` in its namespace `http://www.iab.net/videosuite/vmap`, URIs in CDATA.
///
/// VAST in a break is written as XML (never as text) without a prefix and as [`write`](crate::write()) writes it.
/// Everything that the model holds is written, and reading the result gives the same model with the exceptions named there.
///
/// ```
/// use vast_xml::vmap::{Vmap, write};
///
/// assert_eq!(write(&Vmap::default()), r#"<?xml version="1.0" encoding="UTF-8"?>
/// <vmap:VMAP version="1.0" xmlns:vmap="http://www.iab.net/videosuite/vmap"/>
/// "#);
/// ```
pub fn write(vmap: &Vmap) -> String {
    write_in(Form::Canonical, PREFIX, vmap)
}

/// Writes a playlist as it was read, as [`write_as_read`](crate::write_as_read) does for VAST. VAST in a break is written as
/// XML, also where it stood there as text; the namespace of the prefix `vmap` is declared where that is used.
pub fn write_as_read(vmap: &Vmap) -> String {
    let has_prefix = vmap.extra.layout.script().name().is_some_and(|name| name.starts_with("vmap:"));
    write_in(Form::AsRead, if has_prefix { PREFIX } else { "" }, vmap)
}

fn write_in(form: Form, prefix: &'static str, vmap: &Vmap) -> String {
    let mut writer = Writer::new(form);
    writer.out.set_prefix(prefix);
    writer.part(Name::Vmap, &Playlist { vmap, form, prefix });
    writer.out.finish()
}

/// The root, of which the form decides what has to be stated.
struct Playlist<'a> {
    vmap: &'a Vmap,
    form: Form,
    prefix: &'static str,
}

impl Part for Playlist<'_> {
    fn extra(&self) -> &Extra {
        &self.vmap.extra
    }

    fn attributes(&self, tag: &mut Tag<'_>) {
        let version = self.vmap.version.as_deref();
        match self.form {
            Form::AsRead => tag.word(Key::Version, version),
            Form::Canonical => tag.word(Key::Version, Some(version.unwrap_or(VERSION))),
        }
        if !self.prefix.is_empty() {
            // A second declaration of the prefix is not written.
            tag.unknown("xmlns:vmap", NAMESPACE);
        }
    }

    fn count(&self, name: Name) -> usize {
        match name {
            Name::AdBreak => self.vmap.breaks.len(),
            Name::Extension => self.vmap.extensions.len(),
            _ => 0,
        }
    }

    fn item(&self, writer: &mut Writer, name: Name, index: usize, _: Leaf<'_, '_>) {
        match name {
            Name::AdBreak => writer.part(name, &self.vmap.breaks[index]),
            _ => extension(writer, &self.vmap.extensions[index], name),
        }
    }
}
