//! Extensions.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use vast_xml::model;

use crate::ad::Inherited;

/// An extension: XML of any kind (VAST 4.3 sections 3.18 and 3.7.2).
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Extension<'a> {
    /// The `type`.
    #[serde(rename = "type")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extension_type: Option<&'a str>,
    /// The document that contains it. 0 is the source's own document.
    pub hop: u32,
    /// The `Extension` element itself.
    pub element: XmlElement<'a>,
}

impl<'a> Extension<'a> {
    /// The extensions of a single document, without wrappers.
    pub(super) fn own(extensions: &'a [model::Extension]) -> Vec<Self> {
        Self::list(extensions, 0)
    }

    pub(super) fn list(extensions: &'a [model::Extension], hop: u32) -> Vec<Self> {
        extensions.iter().map(|item| Inherited { hop, item }.into()).collect()
    }
}

impl<'a> From<Inherited<'a, model::Extension>> for Extension<'a> {
    fn from(Inherited { hop, item }: Inherited<'a, model::Extension>) -> Self {
        Self { extension_type: item.extension_type.as_deref(), hop, element: XmlElement::from(&item.element) }
    }
}

/// An XML element. The position of text between child elements is not kept, and comments are left out.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct XmlElement<'a> {
    /// The name as written, with its prefix.
    pub name: &'a str,
    /// The attributes by name, with `xmlns` declarations.
    pub attributes: Attributes<'a>,
    /// The text directly in the element, without white space at its ends. Absent if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The child elements, in order.
    pub children: Vec<XmlElement<'a>>,
}

impl<'a> From<&'a model::Element> for XmlElement<'a> {
    // The reader limits the depth of a document, so this recursion ends.
    fn from(element: &'a model::Element) -> Self {
        let text = element.text();
        Self {
            name: &element.name,
            attributes: Attributes(&element.attributes),
            text: (!text.is_empty()).then(|| text.into()),
            children: element.elements().map(XmlElement::from).collect(),
        }
    }
}

/// Attributes by name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Attributes<'a>(&'a [model::Attribute]);

impl Serialize for Attributes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for attribute in self.0 {
            map.serialize_entry(attribute.name.as_str(), attribute.value.as_str())?;
        }
        map.end()
    }
}

impl JsonSchema for Attributes<'_> {
    fn schema_name() -> Cow<'static, str> {
        "Attributes".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = BTreeMap::<String, String>::json_schema(generator);
        schema.insert("description".to_owned(), "Attributes by name.".into());
        schema
    }
}
