//! The root (VMAP 1.0.1, section 2.3).

use super::ad_break::ad_break;
use crate::vmap::Vmap;
use crate::vmap::playlist::NAMESPACE;
use crate::write::{Rest, attributes, extensions};
use crate::xml::{Emit, Key, Name};

/// The version written for a playlist that states none.
const VERSION: &str = "1.0";

/// Writes a playlist: UTF-8 with an XML declaration, indented by two spaces, VMAP's elements with the prefix `vmap` in its
/// namespace `http://www.iab.net/videosuite/vmap`, URIs in CDATA.
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
    let mut out = Emit::new();
    out.set_prefix("vmap");
    let mut rest = Rest::of(&vmap.extra);
    out.start(Name::Vmap);
    out.attribute(Key::Version, Some(vmap.version.as_deref().unwrap_or(VERSION)));
    // A second declaration of the prefix is not written.
    out.attribute_named("xmlns:vmap", NAMESPACE);
    attributes(&mut out, &vmap.extra);
    for one in &vmap.breaks {
        ad_break(&mut out, one);
    }
    extensions(&mut out, &mut rest, Name::Extensions, Name::Extension, &vmap.extensions);
    rest.close(&mut out);
    out.finish()
}
