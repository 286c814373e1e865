//! The source of the ads of a break, and the trackers of the break itself.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use vast_xml::vmap::{self, AdData, TemplateType};

use super::tracker::TrackedUrl;

/// The source of the ads of a break (VMAP 1.0.1 section 2.3.2): an ad server, data of another kind, or the `result` of
/// the break.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct AdSource<'a> {
    /// `AdSource@id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<&'a str>,
    /// Whether more than one ad of the response may be used. Absent means yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_multiple_ads: Option<bool>,
    /// Whether the response may contain a wrapper. Absent leaves this to the player.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub follow_redirects: Option<bool>,
    /// The format of the ad server's response, or of the data: `vast`, `vast1` to `vast4`, `proprietary`, or another text
    /// of the document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template_type: Option<&'a str>,
    /// The URL of the ad server to request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ad_tag_uri: Option<TrackedUrl<'a>>,
    /// Data that is not VAST.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_ad_data: Option<&'a str>,
}

impl<'a> From<&'a vmap::AdSource> for AdSource<'a> {
    fn from(source: &'a vmap::AdSource) -> Self {
        let (template_type, ad_tag_uri, custom_ad_data) = match &source.data {
            Some(AdData::Tag(tag)) => (tag.template_type.as_ref(), Some(TrackedUrl::new(&tag.uri, 0)), None),
            Some(AdData::Custom(data)) => (data.template_type.as_ref(), None, Some(&*data.content)),
            Some(AdData::Vast(_)) | None => (None, None, None),
        };
        Self {
            id: source.id.as_deref(),
            allow_multiple_ads: source.allow_multiple_ads,
            follow_redirects: source.follow_redirects,
            template_type: template_type.map(TemplateType::as_str),
            ad_tag_uri,
            custom_ad_data,
        }
    }
}

/// The trackers of a break by the name of the event: `breakStart`, `breakEnd`, `error`, or another name of the document.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BreakEvents<'a>(pub Vec<(&'a str, Vec<TrackedUrl<'a>>)>);

impl<'a> FromIterator<&'a vmap::BreakTracking> for BreakEvents<'a> {
    fn from_iter<I: IntoIterator<Item = &'a vmap::BreakTracking>>(trackers: I) -> Self {
        let mut events: Vec<(&'a str, Vec<TrackedUrl<'a>>)> = Vec::new();
        for tracking in trackers {
            let (name, url) = (tracking.event.as_str(), TrackedUrl::new(&tracking.url, 0));
            match events.iter_mut().find(|(event, _)| *event == name) {
                Some((_, urls)) => urls.push(url),
                None => events.push((name, vec![url])),
            }
        }
        Self(events)
    }
}

impl Serialize for BreakEvents<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (event, urls) in &self.0 {
            map.serialize_entry(event, urls)?;
        }
        map.end()
    }
}

impl JsonSchema for BreakEvents<'_> {
    fn schema_name() -> Cow<'static, str> {
        "BreakEvents".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = BTreeMap::<String, Vec<TrackedUrl<'_>>>::json_schema(generator);
        schema.insert("description".to_owned(), "The trackers of a break by the name of the event: `breakStart`, `breakEnd`, `error`, or another name of the document.".into());
        schema
    }
}
